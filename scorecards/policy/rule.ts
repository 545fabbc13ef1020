import type { FieldPath, Problem } from '../diagnostics/diagnostic.ts';
import type { Policy } from './schema.ts';

/** A parsed policy together with the document as written, for rules that ask whether a field was given at all. */
export interface Written {
  readonly policy: Policy;
  readonly document: unknown;
}

export type Rule = (written: Written) => readonly Problem[];

/** `spec.rollout.steps[0]` → the path that places it. */
export function pathOf(field: string): FieldPath {
  return field
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

type More = Pick<Partial<Problem>, 'help' | 'at' | 'severity'>;

/** A problem with a field named in dots; an error under the field's value unless said otherwise. */
export function problem(code: Problem['code'], field: string, message: string, more: More = {}): Problem {
  return { code, severity: 'error', at: 'value', path: pathOf(field), message, ...more };
}

/** The value as written at a field, or undefined. */
export function writtenAt(document: unknown, field: string): unknown {
  return pathOf(field).reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step)
        ? (at as Record<string, unknown>)[step]
        : undefined,
    document,
  );
}

/** What the policy says of a field whose preset or default bound does not hold; undefined when it says nothing. */
export function overrideOf(policy: Policy, field: string): Policy['spec']['overrides'][number] | undefined {
  return policy.spec.overrides.find((override) => override.field === field);
}

/** Whether the policy states, with reason and name, that a field's preset or default bound does not hold. */
export function isOverridden(policy: Policy, field: string): boolean {
  return overrideOf(policy, field) !== undefined;
}

/** What to do about a refused value that an override would allow. */
export function overrideHelp(cure: string, field: string): string {
  return `${cure}, or add { field: ${field}, reason: …, by: … } to spec.overrides`;
}

/** A problem for every name that stands in a list a second time. */
export function duplicates(field: string, names: readonly string[], key = 'name'): Problem[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const place = key === '' ? `${field}[${index}]` : `${field}[${index}].${key}`;
    return [problem('US0208', place, `"${name}" is already entry ${first + 1} of ${field}`)];
  });
}

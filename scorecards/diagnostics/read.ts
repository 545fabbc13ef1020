import type { z } from 'zod';
import { catalogue, policyShape } from '../policy/catalogue.ts';
import { policySchema } from '../policy/schema.ts';
import type { Policy } from '../policy/schema.ts';
import { checkPolicy } from '../policy/rules.ts';
import { settingsSchema } from '../settings.ts';
import type { Settings } from '../settings.ts';
import { formatPath, inFileOrder } from './diagnostic.ts';
import type { Diagnostic, FieldPath, Problem } from './diagnostic.ts';
import { readInlineScorecard, readScorecard } from './read-scorecard.ts';
import type { PresetTexts, ReadScorecard } from './read-scorecard.ts';
import { schemaProblems } from './schema-problems.ts';
import { shapeOf } from './shape.ts';
import { readSource } from './source.ts';
import type { Source } from './source.ts';

export interface ReadPolicy {
  /** Present when the schema is met; rules across fields may still have found errors. */
  readonly policy?: Policy;
  readonly scorecard?: ReadScorecard['scorecard'];
  readonly diagnostics: readonly Diagnostic[];
  readonly source: Source;
}

export interface MorePolicy {
  /** The file that `spec.scorecard` names, already read by the caller. */
  readonly scorecard?: { readonly text: string; readonly file: string };
  /** Texts of `scorecards/presets/`, by name. Without them what a preset says is not checked. */
  readonly presets?: PresetTexts;
}

/** Reads a policy and finds everything that is wrong with it, in the order of the file. Never throws. */
export function readPolicy(text: string, file: string, more: MorePolicy = {}): ReadPolicy {
  const source = readSource(text, file);
  if (source.value === undefined) return { source, diagnostics: source.diagnostics };
  const parsed = policySchema.safeParse(source.value);
  const telling = { value: source.value, shape: policyShape(), exampleOf };
  const problems = parsed.success
    ? checkPolicy({ policy: parsed.data, document: source.value })
    : [...schemaProblems(parsed.error.issues, telling), ...rulesOfTheRest(source.value, parsed.error.issues)];
  const read = scorecardOf(source, parsed.data, more);
  const own = [...source.diagnostics, ...problems.map((problem) => source.place(problem))];
  const diagnostics = inFileOrder([...own, ...read.diagnostics], file);
  return {
    source,
    diagnostics,
    ...(parsed.success ? { policy: parsed.data } : {}),
    ...(read.scorecard === undefined ? {} : { scorecard: read.scorecard }),
  };
}

function scorecardOf(source: Source, policy: Policy | undefined, more: MorePolicy): ReadScorecard {
  const context = { presets: more.presets ?? {}, ...(policy === undefined ? {} : { policy }) };
  if (more.scorecard !== undefined) return readScorecard(more.scorecard.text, more.scorecard.file, context);
  if (more.presets === undefined || policy === undefined || typeof policy.spec.scorecard === 'string') {
    return { diagnostics: [] };
  }
  return readInlineScorecard(source, { ...context, policy });
}

function exampleOf(path: FieldPath): string | undefined {
  return catalogue().get(formatPath(path).replaceAll(/\[\d+\]/g, '[]'))?.example;
}

/** Fields that many rules lean on: with one of these in doubt, no rule is asked. */
const DECISIVE: readonly unknown[] = ['risk', 'tier', 'domain', 'overrides'];

/**
 * What the rules say about sections without a schema problem, so that people see all at once. The sections in doubt are
 * judged by their defaults and whatever is found in them is dropped.
 */
function rulesOfTheRest(document: unknown, issues: readonly z.core.$ZodIssue[]): readonly Problem[] {
  const doubtful = issues.map((issue) =>
    issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path,
  );
  if (doubtful.some(([first, second]) => first !== 'spec' || DECISIVE.includes(second))) return [];
  const sections = new Set(doubtful.map(([, section]) => section));
  // Each of the two is judged by whether the other is there.
  if (sections.has('serving') || sections.has('traffic')) sections.add('serving').add('traffic');
  const spec = { ...(document as { readonly spec: Readonly<Record<string, unknown>> }).spec };
  for (const section of sections) delete spec[String(section)];
  const rest = policySchema.safeParse({ ...(document as object), spec });
  if (!rest.success) return [];
  return checkPolicy({ policy: rest.data, document }).filter(({ path }) => !sections.has(path[1]));
}

export interface ReadSettings {
  readonly settings?: Settings;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads `understudy.config.yaml`. Never throws. */
export function readSettings(text: string, file: string): ReadSettings {
  const source = readSource(text, file);
  if (source.value === undefined) return { diagnostics: source.diagnostics };
  const parsed = settingsSchema.safeParse(source.value);
  if (parsed.success) return { settings: parsed.data, diagnostics: source.diagnostics };
  const problems = schemaProblems(parsed.error.issues, { value: source.value, shape: shapeOf(settingsSchema) });
  const diagnostics = [...source.diagnostics, ...problems.map((problem) => source.place(problem))];
  return { diagnostics: inFileOrder(diagnostics, file) };
}

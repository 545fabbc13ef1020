import { catalogue } from '../../scorecards/policy/catalogue.ts';
import type { CatalogueEntry } from '../../scorecards/policy/catalogue.ts';
import { code, generatedFrom, table } from './markdown.ts';
import type { Page } from './markdown.ts';

const INTRODUCTION = `# Policy reference

One file per model. \`understudy init\` writes a first one, \`understudy lint -f FILE\` checks it, and
\`understudy explain FIELD\` prints an entry of this page in the terminal. Fields that are left out have the default;
\`understudy lint -f FILE --resolved\` prints every value with where it came from. Unknown fields are errors.

Durations are written \`90s\`, \`30m\`, \`24h\`, \`7d\`; shares as percent (\`5%\`); sizes \`50MB\` or \`4Gi\`; rates
\`50/s\`. Paths and commands are relative to the folder of the policy. **required** means: inside its group.

Some fields are accepted and checked although the stage that will use them is not finished; the README lists what does
not work yet.`;

/** Every field of a policy, grouped as in the file. */
export function policyPage(): Page {
  const groups = new Map<string, CatalogueEntry[]>();
  for (const entry of catalogue().values()) groups.set(groupOf(entry), [...(groups.get(groupOf(entry)) ?? []), entry]);
  const sections = [...groups].map(([name, entries]) => section(name, entries));
  const head = [generatedFrom('scorecards/policy/'), INTRODUCTION];
  return { path: 'docs/policy.md', text: `${[...head, ...sections].join('\n\n')}\n` };
}

/** `spec.drift.psi.warn` belongs to `spec.drift`; what has no group of its own to the top. */
function groupOf({ field }: CatalogueEntry): string {
  const [first = '', second = ''] = field.split('.');
  return first === 'spec' && second !== '' ? `spec.${second.replace('[]', '')}` : first;
}

function section(name: string, entries: readonly CatalogueEntry[]): string {
  const [head, ...inside] = entries;
  const about = head === undefined ? '' : `${head.about}${facts(head)}`;
  const rows = inside.map((entry) => [
    code(
      entry.field
        .slice(name.length)
        .replace(/^(\[\])?\./, '$1.')
        .replace(/^\./, ''),
    ),
    entry.type,
    entry.required ? '**required**' : code(entry.default ?? ''),
    describe(entry),
  ]);
  const parts = [`## ${code(name)}`, about];
  return [...parts, ...(rows.length === 0 ? [] : [table(['field', 'type', 'default', 'meaning'], rows)])].join('\n\n');
}

function facts({ type, required, default: standard, rule, example }: CatalogueEntry): string {
  const said = [
    required ? 'Required' : standard === undefined ? '' : `Default ${code(standard)}`,
    `type: ${type}`,
    rule === undefined ? '' : `rule: ${rule}`,
    example === undefined ? '' : `example: ${code(example)}`,
  ];
  return ` (${said.filter((text) => text !== '').join('; ')})`;
}

function describe({ about, rule, example }: CatalogueEntry): string {
  const more = [rule === undefined ? '' : `Rule: ${rule}.`, example === undefined ? '' : `Example: ${code(example)}`];
  return [about, ...more].filter((text) => text !== '').join(' ');
}

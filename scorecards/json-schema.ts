import { z } from 'zod';
import { findingsSchema } from './contracts/findings.ts';
import { serverSpecSchema } from './contracts/server.ts';
import { servingLogRowSchema } from './contracts/serving-log.ts';
import { testFindingsSchema } from './contracts/tests.ts';
import { trainerResultSchema, trainerSpecSchema } from './contracts/trainer.ts';
import { catalogue } from './policy/catalogue.ts';
import { policySchema } from './policy/schema.ts';
import { bytes, duration, rate, share } from './policy/units.ts';
import { scorecardSchema } from './scorecard-schema.ts';
import { settingsSchema } from './settings.ts';

/** A JSON Schema document; plain JSON. */
export type JsonSchema = Readonly<Record<string, unknown>>;
type Node = Record<string, unknown>;

const SOURCES = {
  policy: policySchema,
  scorecard: scorecardSchema,
  settings: settingsSchema,
  'trainer-spec': trainerSpecSchema,
  'trainer-result': trainerResultSchema,
  'server-spec': serverSpecSchema,
  findings: findingsSchema,
  'test-findings': testFindingsSchema,
  'serving-log': servingLogRowSchema,
} as const;
export type JsonSchemaName = keyof typeof SOURCES;
export const JSON_SCHEMA_NAMES = Object.keys(SOURCES) as readonly JsonSchemaName[];

/** What zod's transforms hide from an editor: how a text with a unit looks. */
const PATTERNS = new Map<unknown, { readonly pattern: string; readonly examples: readonly string[] }>([
  [duration, { pattern: String.raw`^\d+(\.\d+)?(ms|s|m|h|d)$`, examples: ['90s', '10m', '24h', '7d'] }],
  [share, { pattern: String.raw`^\d+(\.\d+)?\s?%$`, examples: ['5%'] }],
  [bytes, { pattern: String.raw`^\d+(\.\d+)?(KB|MB|GB|Ki|Mi|Gi)$`, examples: ['50MB', '4Gi'] }],
  [rate, { pattern: String.raw`^\d+(\.\d+)?/s$`, examples: ['50/s'] }],
]);

/** The draft-7 JSON Schema of a file as people (or a trainer) write it, for editors and for other languages. */
export function jsonSchema(name: JsonSchemaName): JsonSchema {
  const schema = z.toJSONSchema(SOURCES[name], {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema: node, path }) => {
      const unit = PATTERNS.get(zodSchema);
      if (unit !== undefined) Object.assign(node, { pattern: unit.pattern, examples: unit.examples });
      if (name === 'policy') describe(node, path);
      if (name === 'scorecard') allowExtending(node);
    },
  });
  return { title: `Understudy ${name}`, ...schema };
}

/** Steps of a path that name no field, unless they follow `properties`. */
const OF_THE_SCHEMA: ReadonlySet<string | number> = new Set(['properties', 'anyOf', 'oneOf']);

/** `['properties', 'spec', 'properties', 'risk']` → the catalogue's words on `spec.risk`. */
function describe(node: Node, path: readonly (string | number)[]): void {
  // A branch of a union is described where the union stands.
  if (typeof path.at(-1) === 'number') return;
  const field = path
    .filter((step, index) => path[index - 1] === 'properties' || !(OF_THE_SCHEMA.has(step) || typeof step === 'number'))
    .map((step) => (step === 'items' ? '[]' : `.${step}`))
    .join('')
    .slice(1);
  const entry = catalogue().get(field);
  if (entry === undefined || entry.about === '') return;
  node['description'] = entry.rule === undefined ? entry.about : `${entry.about} Rule: ${entry.rule}.`;
}

/** A scorecard that extends a preset repeats only a criterion's name and what differs; readers check the merged whole. */
function allowExtending(node: Node): void {
  const fields = node['properties'];
  if (typeof fields !== 'object' || fields === null) return;
  if ('metric' in fields) node['required'] = ['name'];
  if ('criteria' in fields) delete node['required'];
}

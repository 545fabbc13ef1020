import { checkScorecard } from '../scorecard-rules.ts';
import { mergePreset, PRESET_NAMES, unmerged } from '../scorecard-preset.ts';
import type { Merged } from '../scorecard-preset.ts';
import { scorecardSchema } from '../scorecard-schema.ts';
import type { Scorecard } from '../scorecard-schema.ts';
import { tierCriteria } from '../tier-ceilings.ts';
import type { Policy } from '../policy/schema.ts';
import { inFileOrder, show } from './diagnostic.ts';
import type { Diagnostic, FieldPath, Problem } from './diagnostic.ts';
import { schemaProblems } from './schema-problems.ts';
import { shapeOf } from './shape.ts';
import { readSource } from './source.ts';
import type { Source } from './source.ts';
import { didYouMean } from './suggest.ts';

export type PresetTexts = Readonly<Record<string, string>>;

export interface ReadScorecard {
  readonly scorecard?: Scorecard;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ScorecardContext {
  readonly presets?: PresetTexts;
  /** The policy that uses it: its slices and its risk decide what a scorecard must have. */
  readonly policy?: Policy;
}

/** Reads a scorecard file, its preset merged in. Never throws. */
export function readScorecard(text: string, file: string, context: ScorecardContext = {}): ReadScorecard {
  const source = readSource(text, file);
  if (source.value === undefined) return { diagnostics: source.diagnostics };
  const { scorecard, problems } = judge(source.value, context);
  const diagnostics = [...source.diagnostics, ...problems.map((problem) => source.place(problem))];
  return { diagnostics: inFileOrder(diagnostics, file), ...(scorecard === undefined ? {} : { scorecard }) };
}

/** Reads the scorecard that stands in the policy itself, `scorecard: { extends: classification }`. */
export function readInlineScorecard(
  source: Source,
  context: ScorecardContext & { readonly policy: Policy },
): ReadScorecard {
  const { metadata, spec } = context.policy;
  const written = spec.scorecard;
  const own = { apiVersion: 'understudy/v1', kind: 'Scorecard', metadata: { name: metadata.name }, spec: written };
  const { scorecard, problems } = judge(own, context);
  const diagnostics = problems.map((problem) =>
    source.place({ ...problem, path: ['spec', 'scorecard', ...problem.path.slice(1)] }),
  );
  return { diagnostics, ...(scorecard === undefined ? {} : { scorecard }) };
}

/**
 * A scorecard value with its preset merged in and all defaults filled in. `input` is the document as written (parsed YAML).
 * Problems are placed by paths of `input`.
 */
export function resolveScorecard(
  input: unknown,
  presets: PresetTexts,
): { readonly scorecard?: Scorecard; readonly problems: readonly Problem[] } {
  return judge(input, { presets });
}

function judge(
  own: unknown,
  context: ScorecardContext,
): { readonly scorecard?: Scorecard; readonly problems: readonly Problem[] } {
  const found = findPreset(own, context.presets ?? {});
  if ('problem' in found) return { problems: [found.problem] };
  const { document, ownPath } = found.merged;
  const parsed = scorecardSchema.safeParse(document);
  const placed = (problems: readonly Problem[]): Problem[] =>
    problems.map((problem) => ({ ...problem, path: ownPath(problem.path) }));
  if (!parsed.success) {
    return {
      problems: placed(
        schemaProblems(parsed.error.issues, { value: document, shape: shapeOf(scorecardSchema), exampleOf }),
      ),
    };
  }
  const { policy } = context;
  const scorecard = withTier(parsed.data, policy);
  const written = { scorecard, document, own, ...(policy === undefined ? {} : { policy }) };
  return { scorecard, problems: placed(checkScorecard(written)) };
}

/** A preset cannot know the tier of the policy that extends it, so what the tier asks for is added here. */
function withTier(scorecard: Scorecard, policy: Policy | undefined): Scorecard {
  const added = tierCriteria(scorecard, policy);
  if (added.length === 0) return scorecard;
  return { ...scorecard, spec: { ...scorecard.spec, criteria: [...scorecard.spec.criteria, ...added] } };
}

function findPreset(own: unknown, presets: PresetTexts): { merged: Merged } | { problem: Problem } {
  const name = (own as { spec?: { extends?: unknown } | null } | null)?.spec?.extends;
  if (typeof name !== 'string') return { merged: unmerged(own) };
  const at = { severity: 'error', at: 'value', path: ['spec', 'extends'] } as const;
  if (!(PRESET_NAMES as readonly string[]).includes(name)) {
    const message = `${show(name)} is not one of ${PRESET_NAMES.join(', ')}`;
    const help = didYouMean(name, PRESET_NAMES);
    return { problem: { ...at, code: 'US0101', message, ...(help === undefined ? {} : { help }) } };
  }
  const text = presets[name];
  if (text === undefined) return { problem: { ...at, code: 'US0110', message: `preset ${name} was not found` } };
  return { merged: mergePreset(own, readSource(text, name).value) };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  name: 'name: ranking',
  group: 'group: quality',
  metric: 'metric: auc',
  criteria: 'criteria: [{ name: ranking, group: quality, metric: auc, atLeast: 0.6 }]',
  metadata: 'metadata: { name: churn }',
  apiVersion: 'apiVersion: understudy/v1',
  kind: 'kind: Scorecard',
};

function exampleOf(path: FieldPath): string | undefined {
  return EXAMPLES[String(path.at(-1))];
}

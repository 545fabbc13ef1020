import type { Span } from '../vocabulary.ts';
import { lengthOf, spanText } from './sentence.ts';
import type { DriftCriterion, DriftFinding, DriftKind, DriftVerdict, DriftWord } from './verdict.ts';

export interface DriftRule {
  /** Importance-weighted share of drifted features from which the data drift. */
  readonly share: number;
  readonly window: Span;
}

type ColumnWord = 'breached' | 'unjudged' | 'warned' | 'calm';

const WORST_FIRST: readonly DriftWord[] = ['blocked', 'drift', 'inconclusive', 'warn', 'steady'];
const MOST_REASONS = 20;
/** 0.7 + 1.4 of a total of 7 reaches a share of 0.3, whatever the last bit says. */
const ROUNDING = 1e-12;

/**
 * The fold over one window's findings: per kind, then the worst kind. Features count by importance, all other kinds by any
 * finding; what could not be judged never leaves a verdict `steady`. A schema breach is `blocked`. No finding at all is
 * `inconclusive`.
 */
export function decideDrift(findings: readonly DriftFinding[], rule: DriftRule): DriftVerdict {
  const kinds = [...new Set(findings.map(({ criterion }) => criterion.kind))];
  const shares = sharesOf(findings.filter(({ criterion }) => criterion.kind === 'data'));
  const words = kinds.map((kind): [DriftKind, DriftWord] => {
    const own = findings.filter(({ criterion }) => criterion.kind === kind);
    return [kind, kind === 'data' ? wordOfData(own, shares, rule.share) : wordOfKind(kind, own)];
  });
  const verdict = WORST_FIRST.find((word) => words.some(([, found]) => found === word)) ?? 'inconclusive';
  const ranked = findings.toSorted((a, b) => severity(b) - severity(a));
  return {
    window: rule.window,
    verdict,
    byKind: Object.fromEntries(words),
    reasons: reasonsOf(ranked, rule.window),
    shares,
    top: ranked.slice(0, MOST_REASONS),
  };
}

/** A breach of any other kind is drift. */
const BREACHED: Readonly<Partial<Record<DriftKind, DriftWord>>> = { schema: 'blocked', divergence: 'warn' };

function wordOfKind(kind: DriftKind, findings: readonly DriftFinding[]): DriftWord {
  const word = wordOfColumn(findings);
  if (word === 'breached') return BREACHED[kind] ?? 'drift';
  return word === 'unjudged' ? 'inconclusive' : word === 'warned' ? 'warn' : 'steady';
}

function wordOfColumn(findings: readonly DriftFinding[]): ColumnWord {
  if (findings.some(({ judged }) => judged === 'fail')) return 'breached';
  if (findings.some(({ judged }) => judged !== 'pass')) return 'unjudged';
  return findings.some(({ level }) => level === 'warn') ? 'warned' : 'calm';
}

function wordOfData(findings: readonly DriftFinding[], shares: DriftVerdict['shares'], limit: number): DriftWord {
  const columns = [...byColumn(findings).values()];
  const critical = columns.filter((own) => own.some(({ criterion }) => criterion.critical)).map(wordOfColumn);
  const reached = limit - ROUNDING;
  if (shares.breached >= reached || critical.includes('breached')) return 'drift';
  if (shares.breached + shares.unjudged >= reached || critical.includes('unjudged')) return 'inconclusive';
  // By columns and not by shares: one that weighs nothing may still be told.
  return columns.every((own) => wordOfColumn(own) === 'calm') ? 'steady' : 'warn';
}

function sharesOf(findings: readonly DriftFinding[]): DriftVerdict['shares'] {
  const columns = [...byColumn(findings).values()].map((own) => ({
    word: wordOfColumn(own),
    weight: own[0]?.criterion.weight ?? 0,
  }));
  const weigh = (kept: typeof columns) => kept.reduce((sum, { weight }) => sum + weight, 0);
  const total = weigh(columns);
  const shareOf = (word: ColumnWord) => (total === 0 ? 0 : weigh(columns.filter((one) => one.word === word)) / total);
  return { breached: shareOf('breached'), warned: shareOf('warned'), unjudged: shareOf('unjudged') };
}

const byColumn = (findings: readonly DriftFinding[]): ReadonlyMap<string, readonly DriftFinding[]> =>
  findings.reduce((columns, finding) => {
    const { column } = finding.criterion;
    return columns.set(column, [...(columns.get(column) ?? []), finding]);
  }, new Map<string, readonly DriftFinding[]>());

/** Schema before everything, then breaches, the unjudged, warnings; inside a group by how far the bound is exceeded. */
function severity({ criterion, judged, level, measurement }: DriftFinding): number {
  const group =
    judged === 'fail' ? (criterion.kind === 'schema' ? 4 : 3) : judged !== 'pass' ? 2 : level === 'warn' ? 1 : 0;
  const excess = measurement ? excessOf(criterion, measurement.value) : 0;
  return group + excess / (1 + excess);
}

/** How far beyond its bound a value lies: 1 at the bound. */
function excessOf({ direction, limit }: DriftCriterion, value: number): number {
  const [above, below] = direction === 'atLeast' ? [limit, value] : [value, limit];
  return below > 0 ? Math.max(0, above / below) : 0;
}

function reasonsOf(ranked: readonly DriftFinding[], window: Span): readonly string[] {
  if (ranked.length === 0) return ['Nothing was asked of the data, so nothing was judged.'];
  const raised = ranked.filter(
    ({ judged, level, reason }) => judged !== 'pass' || level !== 'none' || reason === 'benign',
  );
  const sentences = [...new Set(raised.map(({ sentence }) => sentence))];
  if (sentences.length === 0)
    return [`All ${ranked.length} criteria hold over the ${lengthOf(window)} from ${spanText(window)}.`];
  const beyond = sentences.length - MOST_REASONS;
  return beyond > 0 ? [...sentences.slice(0, MOST_REASONS), `And ${beyond} more.`] : sentences;
}

import type { Judged } from '../vocabulary.ts';
import type { Level } from '../drift/verdict.ts';

/** What looked at the data: our own checks, then the tools whose results are imported. */
export type DataCheck =
  | 'schema'
  | 'nulls'
  | 'range'
  | 'set'
  | 'duplicates'
  | 'volume'
  | 'arrival'
  | 'sources'
  | 'label-flips'
  | 'great-expectations'
  | 'evidently'
  | 'findings'
  | 'serving-log'
  | 'served-values'
  | 'served-distribution'
  | 'served-rows'
  | 'feature-freshness';

export const DATA_KINDS = ['quality', 'schema', 'skew'] as const;
export type DataKind = (typeof DATA_KINDS)[number];

/** A failing check of severity `fail` ends the run; of severity `warn` it is reported and the run goes on. */
export type Severity = 'fail' | 'warn';

/** One check of the data with what it found, in one sentence that names file and column where there are any. */
export interface DataFinding {
  readonly check: DataCheck;
  readonly kind: DataKind;
  readonly judged: Judged;
  readonly level: Level;
  /** Why another tool's result cannot be believed. */
  readonly why?: 'absent' | 'stale' | 'unreadable';
  readonly column?: string;
  readonly file?: string;
  /** Measured and allowed, in the check's own unit; rows that it rests on. */
  readonly value?: number;
  readonly limit?: number;
  readonly rows?: number;
  readonly sentence: string;
  /** Who answers for a breach that does not count, why, and up to which day. */
  readonly waived?: { readonly by: string; readonly reason: string; readonly until: string };
}

/** What became of a check, in one word for dashboards: that a warning is a waived breach is told apart. */
export const DATA_WORDS = ['pass', 'warn', 'waived', 'fail', 'inconclusive', 'missing'] as const;
export type DataWord = (typeof DATA_WORDS)[number];

/** How many findings of each kind ended how; combinations without a finding are left out. */
export function countFindings(
  findings: readonly DataFinding[],
): readonly { readonly kind: DataKind; readonly word: DataWord; readonly count: number }[] {
  const all = DATA_KINDS.flatMap((kind) => DATA_WORDS.map((word) => ({ kind, word })));
  return all.flatMap((asked) => {
    const count = findings.filter((one) => one.kind === asked.kind && wordOf(one) === asked.word).length;
    return count === 0 ? [] : [{ ...asked, count }];
  });
}

function wordOf({ judged, level, waived }: DataFinding): DataWord {
  if (judged !== 'pass') return judged;
  if (waived) return 'waived';
  return level === 'none' ? 'pass' : 'warn';
}

type Facts = Omit<DataFinding, 'judged' | 'level'>;

export const held = (facts: Facts): DataFinding => ({ ...facts, judged: 'pass', level: 'none' });

/** A check that does not hold. */
export const broken = (facts: Facts, severity: Severity): DataFinding =>
  severity === 'fail' ? { ...facts, judged: 'fail', level: 'breach' } : { ...facts, judged: 'pass', level: 'warn' };

export interface DataVerdict {
  readonly verdict: 'pass' | 'warn' | 'fail';
  /** What does not hold, worst first; empty when everything does. */
  readonly reasons: readonly string[];
  /** The finding that ends the run. */
  readonly worst?: DataFinding;
}

/** The fold over all findings: any `fail` fails; what could not be judged fails too, since missing evidence is never a pass. */
export function concludeData(findings: readonly DataFinding[]): DataVerdict {
  const failed = findings.filter(({ judged }) => judged !== 'pass');
  const warned = findings.filter(({ judged, level }) => judged === 'pass' && level === 'warn');
  // A changed schema explains most of what else is wrong, so it is said first.
  const ranked = failed.toSorted((a, b) => Number(b.kind === 'schema') - Number(a.kind === 'schema'));
  const [worst] = ranked;
  return {
    verdict: worst ? 'fail' : warned.length > 0 ? 'warn' : 'pass',
    reasons: [...ranked, ...warned].map(({ sentence }) => sentence),
    ...(worst ? { worst } : {}),
  };
}

/** `4.2 %`, as many digits as tell it apart. */
export const percentText = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

import { measureLatency } from '../../scorecards/candidate/latency.ts';
import type { LatencyPair } from '../../scorecards/candidate/latency.ts';
import { judgeCandidate } from '../../scorecards/candidate/judge.ts';
import { measureSize } from '../../scorecards/candidate/size.ts';
import type { CandidateFinding, CandidateVerdict } from '../../scorecards/candidate/verdict.ts';
import { betterOf } from '../../scorecards/metric-catalogue.ts';
import type { Scorecard, ScorecardCriterion } from '../../scorecards/scorecard-schema.ts';
import type { Estimate, Judged, Slice } from '../../scorecards/vocabulary.ts';
import type { Model, Models } from './models.ts';
import type { Window } from './weeks.ts';

/** The value and the ends of its interval. */
export type Range = readonly [value: number, low: number, high: number];

/** One criterion, and the slice that decided it. */
export interface KeptFinding {
  readonly criterion: string;
  readonly judged: Judged;
  /** The slice with the worst judgement, and among equals the worst difference; absent for criteria on all rows. */
  readonly slice?: string;
  /** How many slices did not pass. */
  readonly open?: number;
  readonly challenger?: Range;
  readonly champion?: Range;
  /** challenger − champion; for `cost` as a share of the champion's. */
  readonly difference?: Range;
}

export interface KeptVerdict {
  readonly verdict: CandidateVerdict['verdict'];
  readonly rows: number;
  readonly criteria: readonly KeptFinding[];
  readonly reasons: readonly string[];
}

export interface Trial {
  readonly challenger: Model;
  /** Absent: as a first champion. */
  readonly champion?: Model;
  /** On the holdout of this window. */
  readonly on: Window;
  readonly scorecard: Scorecard;
  /** Judged by this part of it; absent: by all of it. */
  readonly only?: Scorecard;
  readonly latency?: LatencyPair;
  /** Slices that the training days have; one that the holdout lacks is missing. */
  readonly known?: readonly Slice[];
}

/** Both predict every row of the week; the project's store measures, and its judge judges. */
export async function judge(
  models: Models,
  trial: Trial,
): Promise<KeptVerdict & { readonly slices: readonly Slice[] }> {
  const { challenger, champion, known = [], on, scorecard } = trial;
  const { holdout, holdoutLabels } = await models.snapshot(on);
  const { observations, labels } = models.file.policy.spec.data;
  const predictions = {
    challenger: await models.predict(challenger, on),
    ...(champion ? { champion: await models.predict(champion, on) } : {}),
  };
  const columns = { id: observations.id, label: labels.label };
  const request = { scorecard, holdout, labels: holdoutLabels, ...predictions, columns };
  const { coverage, measurements, slices } = await models.measure(request);
  const judgedBy = trial.only ?? scorecard;
  const verdict = judgeCandidate({
    scorecard: judgedBy,
    measurements: [...measurements, ...othersOf(trial)],
    bootstrap: champion === undefined,
    declaredSlices: slices,
    vanishedSlices: known.filter(
      (one) => !slices.some(({ column, value }) => column === one.column && value === one.value),
    ),
    coverage,
  });
  const found = judgedBy.spec.criteria.flatMap((criterion) => keptFinding(criterion, verdict.findings) ?? []);
  return { verdict: verdict.verdict, rows: coverage.rows, criteria: found, reasons: verdict.reasons, slices };
}

/** What rests on the artifact and on the load run. */
function othersOf({ challenger, champion, latency, scorecard }: Trial) {
  const { criteria } = scorecard.spec;
  const sizes = { challenger: challenger.bytes, ...(champion ? { champion: champion.bytes } : {}) };
  return [
    ...criteria.filter(({ metric }) => metric === 'bytes').map((criterion) => measureSize(criterion, sizes)),
    ...(latency === undefined
      ? []
      : criteria.filter(({ group }) => group === 'latency').map((criterion) => measureLatency(criterion, latency))),
  ];
}

const WORST_FIRST: readonly Judged[] = ['fail', 'missing', 'inconclusive', 'pass'];

function keptFinding(criterion: ScorecardCriterion, findings: readonly CandidateFinding[]): KeptFinding | undefined {
  const own = findings.filter((finding) => finding.criterion === criterion.name);
  const gain = betterOf(criterion) === 'higher' ? 1 : -1;
  const gained = ({ difference }: CandidateFinding) => gain * (difference?.value ?? 0);
  const [worst] = own.toSorted(
    (a, b) => WORST_FIRST.indexOf(a.judged) - WORST_FIRST.indexOf(b.judged) || gained(a) - gained(b),
  );
  if (worst === undefined) return undefined;
  const open = own.filter(({ judged }) => judged !== 'pass').length;
  const per = criterion.metric === 'cost' && worst.champion ? worst.champion.value : 1;
  return {
    criterion: criterion.name,
    judged: worst.judged,
    ...(worst.slice ? { slice: `${worst.slice.column} ${worst.slice.value ?? 'null'}`, open } : {}),
    ...(worst.challenger ? { challenger: rangeOf(worst.challenger) } : {}),
    ...(worst.champion ? { champion: rangeOf(worst.champion) } : {}),
    ...(worst.difference ? { difference: rangeOf(worst.difference, per) } : {}),
  };
}

const rangeOf = ({ high, low, value }: Estimate, per = 1): Range => [
  significant(value / per),
  significant(low / per),
  significant(high / per),
];

/** Enough for a page, and few enough bytes to keep. */
const significant = (value: number): number => Number(value.toFixed(value >= 1000 ? 0 : 5));

/** The scorecard with the criteria of one metric, and of them only what they ask for against the champion: no floor, no ceiling. */
export function onlyMetric(scorecard: Scorecard, metric: ScorecardCriterion['metric']): Scorecard {
  const criteria = scorecard.spec.criteria
    .filter((criterion) => criterion.metric === metric)
    .map(({ atLeast: _floor, atMost: _ceiling, ...criterion }) => criterion);
  return { ...scorecard, spec: { ...scorecard.spec, criteria } };
}

import { counted } from '../counted.ts';
import { partitionOf, sliceText } from '../parts.ts';
import { percentText } from '../performance/sentence.ts';
import { isOfTheRun } from '../run-metrics.ts';
import type { Scorecard, ScorecardCriterion } from '../scorecard-schema.ts';
import { isOfService } from '../service/metrics.ts';
import { isAcrossSlices } from '../statistics/group-gaps.ts';
import type { Slice } from '../vocabulary.ts';
import { boundsOf, heldOf, holdBound, isRelative } from './bounds.ts';
import type { BoundResult } from './bounds.ts';
import { isLatency } from './latency.ts';
import type { CriterionMeasurement } from './measurement.ts';
import { amongAll, tellTests, testSlices } from './multiplicity.ts';
import type { SliceTests } from './multiplicity.ts';
import { describeBounds, subjectOf } from './sentence.ts';
import type { CandidateFinding, CandidateVerdict } from './verdict.ts';

export interface CandidateInput {
  readonly scorecard: Scorecard;
  /** Of the holdout, the load run and the artifact: every criterion on every slice, in any order. */
  readonly measurements: readonly CriterionMeasurement[];
  /** Without a champion: relative bounds do not apply, absolute ones must hold. */
  readonly bootstrap: boolean;
  /** The slices that must be there, for the columns that criteria name in `by`; one that is not measured is `missing`. */
  readonly declaredSlices: readonly Slice[];
  /** Slices that earlier rows had often enough to be judged and that the holdout has no row of: they are `missing`. */
  readonly vanishedSlices?: readonly Slice[];
  /** Rows of the holdout, and those of them that have a label. Absent: all have one. */
  readonly coverage?: { readonly rows: number; readonly labelled: number };
}

type Judging = CandidateInput & { readonly tests: SliceTests };

/** A finding with what its place among the reasons depends on. */
interface Ranked {
  readonly finding: CandidateFinding;
  readonly excess: number;
  /** Inconclusive because too few rows have a label: one reason for all such findings. */
  readonly unlabelled?: string;
}

/** These rest on the load run, the artifact, the run itself and the live service, not on labelled rows. */
const isWithoutLabels = ({ metric }: ScorecardCriterion): boolean =>
  metric === 'bytes' || isLatency({ metric }) || isOfTheRun(metric) || isOfService({ metric });
/** Labels that are there are seldom a random sample of those that will be: chosen, where the scorecard names no other share. */
const LEAST_COVERAGE = 0.8;
const WORST_FIRST = ['fail', 'missing', 'inconclusive', 'pass'] as const;

/**
 * Judges a challenger. Every criterion must hold on every slice: an estimate beyond its bound fails (of a slice, unless chance
 * explains it among all slices); an interval that only reaches beyond it, or too few rows, is inconclusive; what was not measured is missing. The verdict is `fail` if anything
 * fails, else `inconclusive` if anything is inconclusive or missing, else `pass`; nothing to judge is never a pass.
 */
export function judgeCandidate(input: CandidateInput): CandidateVerdict {
  const { criteria } = input.scorecard.spec;
  const applicable = criteria.map((criterion) => ({ criterion, bounds: applicableBounds(criterion, input.bootstrap) }));
  const tests = testSlices(input);
  const judging = { ...input, tests };
  const ranked = applicable.flatMap(({ criterion, bounds }) =>
    bounds === 'none-apply'
      ? []
      : expectedSlices(criterion, input).map((slice) => judgeSlice(criterion, slice, judging)),
  );
  const findings = ranked.map(({ finding }) => finding);
  const notApplicable = input.bootstrap
    ? criteria
        .filter((criterion) => criterion.versusChampion || isOfService(criterion))
        .map(
          (one) => `${one.name}: ${isOfService(one) ? 'nothing serves yet' : 'there is no champion to compare with'}`,
        )
    : [];
  return {
    verdict: fold(findings),
    findings,
    reasons: reasonsOf(ranked),
    passed: findings.filter(({ judged }) => judged === 'pass').length,
    of: findings.length,
    notApplicable,
    ...noted(tooFewLabels(input) === undefined ? tellTests(tests) : []),
  };
}

const noted = (notes: readonly string[]): Pick<CandidateVerdict, 'notes'> => (notes.length === 0 ? {} : { notes });

/** A criterion that has only relative bounds does not apply to a first champion, nor one on the live service: there is none. */
function applicableBounds(criterion: ScorecardCriterion, bootstrap: boolean) {
  if (bootstrap && isOfService(criterion)) return 'none-apply';
  const all = boundsOf(criterion);
  const kept = bootstrap ? all.filter(([kind]) => !isRelative(kind)) : all;
  return all.length > 0 && kept.length === 0 ? 'none-apply' : kept;
}

function fold(findings: readonly CandidateFinding[]): CandidateVerdict['verdict'] {
  if (findings.some(({ judged }) => judged === 'fail')) return 'fail';
  return findings.length > 0 && findings.every(({ judged }) => judged === 'pass') ? 'pass' : 'inconclusive';
}

/** All rows, or the slices of `by` (or the blocks of time) that were declared or measured; none of either is one missing finding. */
function expectedSlices(criterion: ScorecardCriterion, input: CandidateInput): readonly (Slice | null)[] {
  const measured = input.measurements.filter((one) => one.criterion === criterion.name).map(({ slice }) => slice);
  const partition = isAcrossSlices(criterion) ? undefined : partitionOf(criterion);
  const expected = [...input.declaredSlices, ...vanishedOf(criterion, input)];
  const declared = partition === undefined ? [null] : expected.filter(({ column }) => column === partition);
  const all = new Map([...declared, ...measured].map((slice) => [keyOf(slice), slice]));
  return all.size === 0 ? [null] : [...all.values()];
}

/** A value that the criterion says is gone for good is not missed. */
const vanishedOf = ({ by, gone }: ScorecardCriterion, { vanishedSlices = [] }: CandidateInput): readonly Slice[] =>
  vanishedSlices.filter(({ column, value }) => column === by && (value === null || !gone?.includes(value)));

const keyOf = (slice: Slice | null): string => JSON.stringify(slice && [slice.column, slice.value]);

function judgeSlice(criterion: ScorecardCriterion, slice: Slice | null, input: Judging): Ranked {
  const measurement = input.measurements.find(
    (one) => one.criterion === criterion.name && keyOf(one.slice) === keyOf(slice),
  );
  const subject = subjectOf(criterion, slice);
  const about = aboutOf(criterion, slice, measurement?.n ?? 0);
  const missing = (why: string): Ranked => ({
    finding: { ...about, judged: 'missing', sentence: `${subject} was not measured: ${why}.` },
    excess: 0,
  });
  const absent = whyAbsent(criterion, slice, input);
  if (!measurement || absent !== undefined)
    return missing(absent ?? (slice ? 'no labelled row of this slice was scored' : 'no measurement was made'));
  const bounds = applicableBounds(criterion, input.bootstrap);
  if (bounds === 'none-apply' || bounds.length === 0) return missing('the criterion names no bound');
  const held = bounds.map((bound) => holdBound(criterion, bound, measurement));
  const results = held.flatMap((result) => (result ? [amongAll(result, criterion, measurement, input.tests)] : []));
  if (results.length < bounds.length) return missing(whyUnmeasured(measurement, input.bootstrap));
  return judgeMeasured(criterion, { ...measurement, slice }, results, input);
}

const aboutOf = ({ group, metric, name, of }: ScorecardCriterion, slice: Slice | null, n: number) => ({
  criterion: name,
  group,
  metric,
  ...(of === undefined ? {} : { of }),
  slice,
  n,
});

/** A measurement of which every bound can be held against a number. */
function judgeMeasured(
  criterion: ScorecardCriterion,
  measurement: CriterionMeasurement,
  results: readonly BoundResult[],
  input: CandidateInput,
): Ranked {
  const { imported, n, note, slice } = measurement;
  const point = imported === undefined ? measurement.point : `${imported}, n ${counted(n)}, without an interval`;
  const subject = subjectOf(criterion, slice);
  const numbers = { ...aboutOf(criterion, slice, n), ...numbersOf(measurement), bounds: results.map(heldOf) };
  const unlabelled = isWithoutLabels(criterion) ? undefined : tooFewLabels(input);
  if (unlabelled !== undefined) {
    const sentence = `${subject} is not judged. ${unlabelled}`;
    return { finding: { ...numbers, judged: 'inconclusive', sentence }, excess: 0, unlabelled };
  }
  const { tooFew } = measurement;
  if (tooFew !== undefined) {
    return { finding: { ...numbers, judged: 'inconclusive', sentence: `${subject} ${tooFew}.` }, excess: 0 };
  }
  if (hasTooFewRows(criterion, measurement)) {
    const sentence = `${subject} rests on ${counted(n)} rows, ${counted(criterion.minimum)} are needed.`;
    return { finding: { ...numbers, judged: 'inconclusive', sentence }, excess: 0 };
  }
  if (imported !== undefined && criterion.judge === 'interval') {
    const known = describeBounds(criterion, { slice, n, point }, results);
    const sentence = `${known} It is not judged: the criterion asks for an interval (judge: interval).`;
    return { finding: { ...numbers, judged: 'inconclusive', sentence }, excess: 0 };
  }
  const [judged, deciding] = worstOf(results);
  const sentence = [describeBounds(criterion, { slice, n, point }, deciding), ...(note ? [note] : [])].join(' ');
  return { finding: { ...numbers, judged, sentence }, excess: Math.max(...deciding.map(({ excess }) => excess)) };
}

/** Why there is nothing to judge where earlier rows had something; undefined: nothing vanished. */
function whyAbsent(criterion: ScorecardCriterion, slice: Slice | null, input: CandidateInput): string | undefined {
  const vanished = vanishedOf(criterion, input);
  if (slice)
    return vanished.some((one) => keyOf(one) === keyOf(slice))
      ? 'the holdout has no row of this slice, of which the baseline had enough'
      : undefined;
  if (vanished.length === 0) return undefined;
  return `the holdout has no row where ${vanished.map(sliceText).join(', ')}, of which the baseline had enough`;
}

const numbersOf = ({ challenger, champion, difference, imported }: CriterionMeasurement) => ({
  ...(challenger && { challenger }),
  ...(champion && { champion }),
  ...(difference && { difference }),
  ...(imported !== undefined && { imported }),
});

/** A file's size is exact, and one run is one run: they need no minimum sample. */
const hasTooFewRows = ({ metric, minimum }: ScorecardCriterion, { n, point }: CriterionMeasurement): boolean =>
  n < minimum && metric !== 'bytes' && point === undefined;

/** Share of the holdout's rows that must have a label before anything that rests on labels is judged. */
export const neededCoverage = ({ spec }: Scorecard): number => spec.labelCoverage ?? LEAST_COVERAGE;

/** Why nothing that rests on labels can be judged; undefined: it can. */
function tooFewLabels({ coverage, scorecard }: CandidateInput): string | undefined {
  if (coverage === undefined || coverage.rows === 0) return undefined;
  const { labelled, rows } = coverage;
  const needed = neededCoverage(scorecard);
  const share = labelled / rows;
  if (share >= needed) return undefined;
  const of = `${counted(labelled)} of ${counted(rows)} rows of the holdout have a label (${percentText(share)})`;
  return `Label coverage: ${of}, ${percentText(needed)} are needed.`;
}

const whyUnmeasured = ({ why, challenger, champion }: CriterionMeasurement, bootstrap: boolean): string => {
  if (why !== undefined) return why;
  if (!challenger) return 'there is no finite estimate for the challenger';
  return champion || bootstrap ? 'there is no finite difference' : 'there is no finite estimate for the champion';
};

/** The worst state among a finding's bounds, and the bounds that are in it. */
function worstOf(results: readonly BoundResult[]): readonly ['pass' | 'inconclusive' | 'fail', readonly BoundResult[]] {
  const violated = results.filter(({ state }) => state === 'violated');
  if (violated.length > 0) return ['fail', violated];
  const unsure = results.filter(({ state }) => state === 'unsure');
  return unsure.length > 0 ? ['inconclusive', unsure] : ['pass', results];
}

function reasonsOf(ranked: readonly Ranked[]): readonly string[] {
  if (ranked.length === 0) return ['No criterion of the scorecard applies, so nothing was judged.'];
  const place = ({ finding }: Ranked) => WORST_FIRST.indexOf(finding.judged);
  const open = ranked
    .filter(({ finding }) => finding.judged !== 'pass')
    .toSorted((a, b) => place(a) - place(b) || b.excess - a.excess);
  if (open.length > 0) return [...new Set(open.map(({ finding, unlabelled }) => unlabelled ?? finding.sentence))];
  const criteria = new Set(ranked.map(({ finding }) => finding.criterion)).size;
  return [`All ${ranked.length} findings of ${criteria} criteria hold.`];
}

import { counted } from '../../scorecards/counted.ts';
import { spanText } from '../../scorecards/drift/sentence.ts';
import { PERFORMANCE_LABELS } from '../../scorecards/performance/metrics.ts';
import type { PerformanceLine } from '../../scorecards/performance/performance-line.ts';
import type { WindowPerformance } from '../../scorecards/performance/report.ts';
import type { SlicePerformance } from '../../scorecards/performance/slice-report.ts';
import { numberText, percentText, rangeText } from '../../scorecards/performance/sentence.ts';

export interface PerformanceTable {
  /** Which rows the numbers are about. */
  readonly about: readonly string[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** How the champion does, before and after its labels are known, for a terminal or a page. */
export function performanceTable(performance: WindowPerformance, { narrow = false } = {}): PerformanceTable {
  const { lines } = performance;
  const isEstimated = lines.some(({ estimate }) => estimate !== undefined);
  const head = ['metric', 'with labels', 'holdout', ...(isEstimated ? ['estimated', 'off by'] : [])];
  const range: typeof rangeText = (interval) => (narrow ? '' : rangeText(interval));
  const rows = lines.map((line) => [
    nameOf(line),
    line.realised ? `${numberText(line.realised.value)}${range(line.realised.interval)}` : '–',
    line.holdout ? numberText(line.holdout.value) : '–',
    ...(isEstimated ? [estimateOf(line, range), errorOf(line)] : []),
  ]);
  return { about: aboutOf(performance, isEstimated), head, rows };
}

const nameOf = ({ by, metric }: PerformanceLine): string =>
  `${PERFORMANCE_LABELS[metric]}${by === undefined ? '' : ` by ${by}`}`;

const estimateOf = ({ estimate }: PerformanceLine, range: typeof rangeText): string =>
  estimate ? `~${numberText(estimate.value)}${range(estimate.band)}` : '';

function errorOf({ estimateError }: PerformanceLine): string {
  if (estimateError === undefined) return '';
  return `${estimateError < 0 ? '−' : '+'}${numberText(Math.abs(estimateError))}`;
}

function aboutOf({ coverage, labelled, watermark, window }: WindowPerformance, isEstimated: boolean): string[] {
  const { labelled: known, rows, share, surrogates, unscored } = coverage;
  const stands = surrogates > 0 ? `, ${counted(surrogates)} of them surrogates` : '';
  const newest =
    watermark === undefined ? '' : `; the newest label is of ${watermark.slice(0, 16).replace('T', ' ')} UTC`;
  return [
    `With labels: ${counted(known)} of ${counted(rows)} rows (${percentText(share)}${stands}) from ${spanText(labelled)}${newest}.`,
    ...(unscored > 0 ? [`${counted(unscored)} rows have no score.`] : []),
    ...(isEstimated
      ? [
          `Estimated (~): rows from ${spanText(window)}, assuming calibration holds; off by: what it was wrong by on the labelled rows.`,
        ]
      : []),
  ];
}

/**
 * How the champion does on each value of the declared slices, the largest fall first, before and after labels; undefined
 * without slices.
 */
export function slicesTable(
  { moreSlices = 0, slices = [] }: WindowPerformance,
  { most, narrow = false }: { readonly most: number; readonly narrow?: boolean },
): PerformanceTable | undefined {
  if (slices.length === 0) return undefined;
  const range: typeof rangeText = (interval) => (narrow ? '' : rangeText(interval));
  const rest = Math.max(0, slices.length - most) + moreSlices;
  return {
    about: [
      'By slice, the largest fall of the AUC first. Estimated (~): from the scores of the slice, assuming calibration holds; –: too few rows or positives to say.',
      ...(rest > 0 ? [`${counted(rest)} more slices fell less, or have too few rows.`] : []),
    ],
    head: ['slice', 'rows', 'labels', 'AUC', 'holdout', 'estimated', 'off by', 'F1', 'estimated', 'off by'],
    rows: slices
      .slice(0, most)
      .map((slice) => [
        `${slice.column} ${slice.value ?? 'null'}`,
        counted(slice.rows),
        counted(slice.labelled),
        ...sliceCells(slice, 'auc', range),
        ...sliceCells(slice, 'f1', range).filter((_, index) => index !== 1),
      ]),
  };
}

/** With labels, on the holdout, estimated, and what estimates were wrong by. */
function sliceCells(
  { lines }: SlicePerformance,
  metric: PerformanceLine['metric'],
  range: typeof rangeText,
): readonly string[] {
  const line = lines.find((one) => one.metric === metric);
  if (!line) return ['–', '–', '–', ''];
  const { holdout, realised } = line;
  return [
    realised ? `${numberText(realised.value)}${range(realised.interval)}` : '–',
    holdout ? numberText(holdout.value) : '–',
    line.estimate ? estimateOf(line, range) : '–',
    errorOf(line),
  ];
}

/** One line a window, newest last: how far labels reach and what they say. */
export function performanceByWindow(windows: readonly WindowPerformance[]): Omit<PerformanceTable, 'about'> {
  const shown = ['auc', 'f1', 'ece'] as const;
  const head = ['labelled days', 'labels', 'AUC', 'F1', 'ECE', 'estimated AUC'];
  const rows = windows.map(({ coverage, labelled, lines }) => {
    const lineOf = (metric: PerformanceLine['metric']) => lines.find((line) => line.metric === metric);
    const realised = (metric: PerformanceLine['metric']) => {
      const found = lineOf(metric)?.realised;
      return found ? numberText(found.value) : '–';
    };
    const estimate = lineOf('auc');
    return [
      spanText(labelled),
      percentText(coverage.share),
      ...shown.map(realised),
      estimate ? estimateOf(estimate, () => '') : '',
    ];
  });
  return { head, rows };
}

import type { MeasuredDrift } from '../measure-drift.ts';
import { performanceByWindow, performanceTable, slicesTable } from '../report/performance-rows.ts';
import type { PerformanceTable } from '../report/performance-rows.ts';
import type { WindowPerformance } from '../../scorecards/performance/report.ts';
import { renderTable } from '../table.ts';

/** Columns that a table with intervals takes. */
const WIDE = 110;
/** As many fit on a screen with the rest. */
const MOST_SLICES = 12;

/** What a check would find now: the verdict with its reasons, how the champion does, and what would follow. */
export function renderMeasured(model: string, measured: MeasuredDrift, columns: number | undefined): string {
  const { champion, fires, performance, reason, reasons, score, shares, verdict } = measured;
  const newest = performance.at(-1);
  return [
    `${model}  ${verdict}  share ${shares.breached.toFixed(2)}  worst PSI ${score.toFixed(3)}  against v${champion}`,
    ...reasons.map((line) => `  ${line}`),
    ...(newest ? performanceOf(newest, performance, columns) : []),
    `${fires ? '✖ a check would retrain now' : '✔ a check would not retrain now'}: ${reason}`,
  ].join('\n');
}

function performanceOf(
  newest: WindowPerformance,
  windows: MeasuredDrift['performance'],
  columns: number | undefined,
): readonly string[] {
  const tableOf = (table: Omit<PerformanceTable, 'about'>) =>
    renderTable({ head: table.head.map((name) => name.toUpperCase()), rows: table.rows }, columns);
  const { about, ...whole } = performanceTable(newest, { narrow: (columns ?? WIDE) < WIDE });
  const byWindow = windows.length > 1 ? [tableOf(performanceByWindow(windows)), ''] : [];
  const slices = slicesTable(newest, { most: MOST_SLICES, narrow: true });
  const bySlice = slices ? [...slices.about, tableOf(slices), ''] : [];
  return ['', ...about, tableOf(whole), '', ...byWindow, ...bySlice];
}

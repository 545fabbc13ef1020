import type { WindowPerformance } from '../../scorecards/performance/report.ts';
import { escape } from './escape.ts';
import { htmlTable } from './html-table.ts';
import { performanceByWindow, performanceTable } from './performance-rows.ts';

/** How the champion does on the newest of some windows, and how that changed over them; empty without any. */
export function performanceSection(windows: readonly WindowPerformance[]): string {
  const newest = windows.at(-1);
  if (newest === undefined) return '';
  const { about, head, rows } = performanceTable(newest);
  const overTime = performanceByWindow(windows);
  const trend = windows.length > 1 ? htmlTable(overTime.head, overTime.rows) : '';
  return `${about.map((text) => `<p>${escape(text)}</p>`).join('')}${htmlTable(head, rows)}${trend}`;
}

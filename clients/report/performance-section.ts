import type { WindowPerformance } from '../../scorecards/performance/report.ts';
import { escape } from './escape.ts';
import { htmlTable } from './html-table.ts';
import { performanceByWindow, performanceTable, slicesTable } from './performance-rows.ts';

/** A page stays small. */
const MOST_SLICES = 50;

/** How the champion does on the newest of some windows, and how that changed over them; empty without any. */
export function performanceSection(windows: readonly WindowPerformance[]): string {
  const newest = windows.at(-1);
  if (newest === undefined) return '';
  const { about, head, rows } = performanceTable(newest);
  const overTime = performanceByWindow(windows);
  const trend = windows.length > 1 ? htmlTable(overTime.head, overTime.rows) : '';
  const slices = slicesTable(newest, { most: MOST_SLICES });
  const bySlice = slices ? `${paragraphs(slices.about)}${htmlTable(slices.head, slices.rows)}` : '';
  return `${paragraphs(about)}${htmlTable(head, rows)}${trend}${bySlice}`;
}

const paragraphs = (texts: readonly string[]): string => texts.map((text) => `<p>${escape(text)}</p>`).join('');

import stringWidth from 'string-width';
import { printable } from '../scorecards/diagnostics/diagnostic.ts';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Below a line that has no room for it the last column gets one of its own, if it would have fewer cells than this. */
const LEAST_CELLS = 20;

/**
 * Aligned columns cut to the terminal, the last of them on lines of its own where it alone has no room; tab-separated values
 * where there is no terminal, for other programs.
 */
export function renderTable({ head, rows }: Table, columns: number | undefined): string {
  const lines = [head, ...rows].map((row) => row.map(printable));
  if (columns === undefined) return lines.map((row) => row.join('\t')).join('\n');
  const widths = head.map((_, index) => Math.max(...lines.map((row) => stringWidth(row[index] ?? ''))));
  const aligned = (row: readonly string[]) =>
    cutTo(row.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  '), columns);
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const hasRoom = columns - before >= Math.min(LEAST_CELLS, widths.at(-1) ?? 0);
  if (hasRoom || before > columns + 2 || columns < 2 * LEAST_CELLS) return lines.map(aligned).join('\n');
  return lines
    .flatMap((row) => [aligned(row.slice(0, -1)), ...row.slice(-1).map((cell) => cutTo(`    ${cell}`, columns))])
    .filter((line) => line !== '')
    .join('\n');
}

/** Cuts text at a whole character so that it fills at most `columns` cells; the cut is marked. */
export function cutTo(text: string, columns: number): string {
  const trimmed = text.trimEnd();
  if (stringWidth(trimmed) <= columns) return trimmed;
  let kept = '';
  for (const character of trimmed) {
    if (stringWidth(kept + character) > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

import stringWidth from 'string-width';
import { printable } from '../scorecards/diagnostics/diagnostic.ts';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Aligned columns cut to the terminal; tab-separated values where there is none, for other programs. */
export function renderTable({ head, rows }: Table, columns: number | undefined): string {
  const lines = [head, ...rows].map((row) => row.map(printable));
  if (columns === undefined) return lines.map((row) => row.join('\t')).join('\n');
  const widths = head.map((_, index) => Math.max(...lines.map((row) => stringWidth(row[index] ?? ''))));
  return lines
    .map((row) => cutTo(row.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  '), columns))
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

import { visible } from '../../../scorecards/diagnostics/diagnostic.ts';
import { open, text } from './histogram-chart.ts';

export interface HeatRow {
  readonly name: string;
  /** From 0, nothing, to `LEVELS - 1`, the most; null was not measured. */
  readonly levels: readonly (number | null)[];
}

export const LEVELS = 5;

const NAMES = 150;
const ROW = 14;
const MOST_WIDTH = 700;

/** A row of cells for each name, in columns of time. One path for each level, a cell is a short thick line: a few bytes each. */
export function heatChart(title: string, columns: readonly string[], rows: readonly HeatRow[]): string {
  if (rows.length === 0 || columns.length === 0) return '';
  const cell = Math.max(3, Math.min(16, Math.floor((MOST_WIDTH - NAMES) / columns.length)));
  const paths = Array.from({ length: LEVELS }, (_, level) => {
    const cells = rows.flatMap(({ levels }, row) =>
      levels.flatMap((found, column) =>
        found === level ? [`M${NAMES + column * cell} ${row * ROW + ROW / 2}h${cell - 1}`] : [],
      ),
    );
    return cells.length === 0 ? '' : `<path class="h h${level}" d="${cells.join('')}"/>`;
  });
  const names = rows.map(({ name }, row) => text(NAMES - 6, row * ROW + 11, cut(visible(name)), 'e'));
  const width = NAMES + columns.length * cell + 40;
  const below = rows.length * ROW + 14;
  const ends = [
    text(NAMES, below, columns[0] ?? ''),
    ...(columns.length * cell > 150 ? [text(NAMES + columns.length * cell, below, columns.at(-1) ?? '', 'e')] : []),
  ];
  return `${open(title, below + 4, Math.max(width, 321))}${paths.join('')}${[...names, ...ends].join('')}</svg>`;
}

const cut = (name: string): string => {
  const characters = Array.from(name);
  return characters.length > 22 ? `${characters.slice(0, 21).join('')}…` : name;
};

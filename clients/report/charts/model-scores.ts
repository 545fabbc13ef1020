import type { ScoreBin, ScoreBins } from '../../../scorecards/candidate/charts.ts';
import { open, text } from './histogram-chart.ts';

const WIDTH = 320;
const HEIGHT = 220;
const TOP = 14;
const BOTTOM = 198;

/** What of a bin's rows is drawn. */
type Part = (bin: ScoreBin) => number;
interface Side {
  readonly bins: readonly ScoreBin[];
  readonly of: Part;
}

/** Scores of one model, or of both: one side filled, the other a line over it, each as shares of its own rows. */
export function scoreChart(
  title: string,
  { bins, low, step }: ScoreBins,
  { filled, line, cuts = [] }: { readonly filled: Side; readonly line?: Side; readonly cuts?: readonly number[] },
): string {
  const sides = [filled, ...(line ? [line] : [])].map((side) => sharesOf(side, bins));
  const top = Math.max(...sides.flat(), 1e-9);
  const width = WIDTH / bins;
  const y = (share: number) => (BOTTOM - (share / top) * (BOTTOM - TOP)).toFixed(1);
  const steps = (shares: readonly number[]) =>
    `M0 ${BOTTOM}${shares.map((share, place) => `V${y(share)}H${((place + 1) * width).toFixed(1)}`).join('')}V${BOTTOM}`;
  const [under = [], over] = sides;
  const marks = cuts.map((cut) => {
    const x = Math.max(0, Math.min(WIDTH, ((cut - low) / step) * width));
    return `<path class="qd" d="M${x.toFixed(1)} ${TOP - 8}V${BOTTOM}"/>${text(x + (x > WIDTH / 2 ? -4 : 4), TOP - 2, `cut ${edge(cut)}`, x > WIDTH / 2 ? 'e' : '')}`;
  });
  const ends = [text(0, HEIGHT - 6, edge(low)), text(WIDTH, HEIGHT - 6, edge(low + bins * step), 'e')];
  return `${open(title, HEIGHT)}<path class="b" d="${steps(under)}"/>${over ? `<path class="c" d="${steps(over)}"/>` : ''}<path class="x" d="M0 ${BOTTOM}.5H${WIDTH}"/>${[...marks, ...ends].join('')}</svg>`;
}

function sharesOf({ bins, of }: Side, count: number): readonly number[] {
  const rows = bins.reduce((sum, bin) => sum + of(bin), 0);
  const at = new Map(bins.map((bin) => [bin.at, of(bin)]));
  return Array.from({ length: count }, (_, place) => (at.get(place) ?? 0) / Math.max(1, rows));
}

export const edge = (value: number): string => String(Number(value.toPrecision(4)));

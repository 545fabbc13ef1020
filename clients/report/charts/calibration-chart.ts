import { scoreGrid } from '../../../scorecards/candidate/charts.ts';
import type { ScoreBin, ScoreBins } from '../../../scorecards/candidate/charts.ts';
import { wilson } from '../../../scorecards/statistics/wilson.ts';
import { open, text } from './histogram-chart.ts';
import { edge } from './model-scores.ts';

const HEIGHT = 220;
const LEFT = 44;
const TOP = 8;
const BOTTOM = 180;
const RIGHT = 312;
/** Bins of fewer rows would be drawn as noise. */
const LEAST_ROWS = 20;

type Point = ScoreBin & { readonly low: number; readonly high: number };

/**
 * Mean label against mean score of each bin: on the diagonal scores mean what they say. The candidate is dots with the
 * interval of a share (Wilson, 95 %) where labels are 0 or 1, the champion hollow squares. Nothing without two points.
 */
export function calibrationChart(bins: ScoreBins): string {
  const points = (of: readonly ScoreBin[]) =>
    of.filter(({ rows }) => rows >= LEAST_ROWS).map((bin) => pointOf(bin, bins));
  const [challenger, champion] = [points(bins.challenger), points(bins.champion ?? [])];
  if (challenger.length < 2) return '';
  const all = [...challenger, ...champion].flatMap(({ high, low, meanScore }) => [meanScore, low, high]);
  const {
    bins: steps,
    low: from,
    step,
  } = scoreGrid(Math.min(...all, bins.labels === 'binary' ? 0 : Infinity), Math.max(...all));
  const until = from + steps * step;
  const at = (value: number) => (value - from) / (until - from);
  const x = (value: number) => (LEFT + at(value) * (RIGHT - LEFT)).toFixed(1);
  const y = (value: number) => (BOTTOM - at(value) * (BOTTOM - TOP)).toFixed(1);
  const line = (of: readonly Point[]) =>
    of.map(({ meanLabel, meanScore }, place) => `${place === 0 ? 'M' : 'L'}${x(meanScore)} ${y(meanLabel)}`).join('');
  const whiskers = challenger.map(({ high, low, meanScore }) => `M${x(meanScore)} ${y(low)}V${y(high)}`).join('');
  const dots = challenger.map(
    ({ meanLabel, meanScore }) => `<circle cx="${x(meanScore)}" cy="${y(meanLabel)}" r="3.5"/>`,
  );
  const squares = champion.map(({ meanLabel, meanScore }) => `M${x(meanScore)} ${y(meanLabel)}m-3-3h6v6h-6z`).join('');
  const labels = [
    text(LEFT - 4, BOTTOM, edge(from), 'e'),
    text(LEFT - 4, TOP + 8, edge(until), 'e'),
    text(LEFT, BOTTOM + 14, edge(from)),
    text(RIGHT, BOTTOM + 14, edge(until), 'e'),
    text((LEFT + RIGHT) / 2, BOTTOM + 30, 'mean score', 'm'),
    `<text class="m" transform="translate(11 ${(TOP + BOTTOM) / 2})rotate(-90)">mean label</text>`,
  ];
  return `${open('Mean label against mean score, candidate and champion', HEIGHT)}<path class="qd" d="M${x(from)} ${y(from)}L${x(until)} ${y(until)}"/><path class="x" d="M${LEFT}.5 ${TOP}V${BOTTOM}.5H${RIGHT}"/><path class="qs" d="${line(champion)}"/><path class="qs qh" d="${squares}"/><path class="c" d="${line(challenger)}${whiskers}"/><g class="f">${dots.join('')}</g>${labels.join('')}</svg>`;
}

function pointOf(bin: ScoreBin, { labels }: ScoreBins): Point {
  const share = labels === 'binary' ? wilson(bin.positives, bin.rows) : undefined;
  return { ...bin, low: share?.low ?? bin.meanLabel, high: share?.high ?? bin.meanLabel };
}

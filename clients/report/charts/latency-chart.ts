import { scoreGrid } from '../../../scorecards/candidate/charts.ts';
import type { LatencyCurve, LatencyCurves } from '../../../scorecards/candidate/charts.ts';
import { open, text } from './histogram-chart.ts';

const WIDTH = 640;
const HEIGHT = 210;
const LEFT = 62;
const RIGHT = 620;
const TOP = 12;
const BOTTOM = 172;
/** Where the tail is that much longer than the middle, a linear axis would show nothing else. */
const LONG_TAIL = 20;
/** For the words over a bound. */
const HEADROOM = 1.1;
const TICKS = [0.01, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

export interface LatencyBound {
  readonly share: number;
  readonly atMostMs: number;
}

/**
 * Milliseconds over shares of the requests, the tail stretched: each step from 90 % to 99 % to 99.9 % is as wide. The candidate
 * is a full line, the champion a dashed one, a bound a bar that hangs over its percentile. Nothing without answers.
 */
export function latencyChart({ challenger, champion, shares }: LatencyCurves, bounds: readonly LatencyBound[]): string {
  const answered = [challenger, ...(champion ? [champion] : [])].flatMap(({ quantilesMs }) =>
    quantilesMs.filter((ms) => ms !== null),
  );
  if (answered.length === 0) return '';
  const all = [...answered, ...bounds.map(({ atMostMs }) => atMostMs)];
  const [least, most] = [Math.max(1e-3, Math.min(...all)), top(Math.max(...all, 1e-3) * HEADROOM)];
  const isLog = most / least > LONG_TAIL;
  const part = (ms: number) => (isLog ? Math.log(Math.max(ms, least) / least) / Math.log(most / least) : ms / most);
  const y = (ms: number) => (BOTTOM - part(ms) * (BOTTOM - TOP)).toFixed(1);
  const [first = 0.01, last = 0.999] = [shares[0], shares.at(-1)];
  const x = (share: number) => LEFT + ((tail(share) - tail(first)) / (tail(last) - tail(first))) * (RIGHT - LEFT);
  const line = ({ quantilesMs }: LatencyCurve) =>
    quantilesMs
      .flatMap((ms, place) => (ms === null ? [] : [`${x(shares[place] ?? 0).toFixed(1)} ${y(ms)}`]))
      .map((point, place) => `${place === 0 ? 'M' : 'L'}${point}`)
      .join('');
  const ticks = TICKS.map((share) => text(x(share), BOTTOM + 16, `p${Number((share * 100).toFixed(1))}`, 'm'));
  const grid = TICKS.map((share) => `M${x(share).toFixed(1)} ${TOP}V${BOTTOM}`).join('');
  const heights = isLog ? [least, Math.sqrt(least * most), most] : [0, most / 3, (2 * most) / 3, most];
  const scale = heights.map((ms) => text(LEFT - 6, Number(y(ms)) + 4, `${short(ms)} ms`, 'e'));
  const caps = bounds.map(({ atMostMs, share }) => {
    const at = x(share);
    return `<path class="qb" d="M${(at - 14).toFixed(1)} ${y(atMostMs)}h28"/>${text(at, Number(y(atMostMs)) - 5, `≤ ${short(atMostMs)} ms`, 'm ql')}`;
  });
  const note = isLog ? text(LEFT, HEIGHT - 6, 'the scale of milliseconds is logarithmic') : '';
  return `${open('Milliseconds by share of the requests, candidate and champion', HEIGHT, WIDTH)}<path class="x" d="${grid}M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}"/>${champion ? `<path class="qs" d="${line(champion)}"/>` : ''}<path class="c" d="${line(challenger)}"/>${[...caps, ...ticks, ...scale].join('')}${note}</svg>`;
}

const tail = (share: number): number => -Math.log10(1 - share);
/** Three thirds of it are numbers that people can read. */
function top(most: number): number {
  const { step } = scoreGrid(0, most * 2);
  return Math.ceil(most / (3 * step)) * 3 * step;
}
const short = (ms: number): string => String(Number(ms.toPrecision(3)));

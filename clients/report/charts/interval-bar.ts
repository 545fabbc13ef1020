import type { HeldBound } from '../../../scorecards/candidate/bounds.ts';
import { estimateText, exactText } from '../quantity.ts';
import type { Unit } from '../quantity.ts';
import { escape } from '../escape.ts';

export interface IntervalBar {
  /** At least one, all held against the same number. */
  readonly bounds: readonly [HeldBound, ...HeldBound[]];
  /** On the scale of that number; 0 for a difference. */
  readonly champion?: number;
  readonly isChange: boolean;
  readonly unit: Unit;
}

const WIDTH = 240;
const MARGIN = 7;
const MIDDLE = 11;
const TOP = 2;
const BOTTOM = 20;
const LABEL = 32;
const HATCH = 6;
const DIAMOND = 4.5;
/** A filled circle, a hollow one and a cross: told apart without their colours. */
const MARKS: Readonly<Record<HeldBound['state'], (x: string) => string>> = {
  holds: (x) => `<circle class="qp" cx="${x}" cy="${MIDDLE}" r="4"/>`,
  unsure: (x) => `<circle class="qp qu" cx="${x}" cy="${MIDDLE}" r="4"/>`,
  violated: (x) => `<path class="qv" d="M${x} ${MIDDLE}m-4-4l8 8m0-8l-8 8"/>`,
};
const WORST = ['violated', 'unsure', 'holds'] as const;

/** A number with its interval on a line, against its bounds: what is not allowed is hatched, the champion is a diamond. */
export function intervalBar(bar: IntervalBar): string {
  const { bounds, champion, isChange } = bar;
  const { found } = bounds[0];
  const x = scaleOf([
    found.low,
    found.high,
    found.value,
    ...bounds.map(({ limit }) => limit),
    ...(champion === undefined ? [] : [champion]),
  ]);
  const at = (value: number) => x(value).toFixed(1);
  const state = WORST.find((word) => bounds.some((bound) => bound.state === word)) ?? 'holds';
  const zones = bounds.map(({ direction, limit }) =>
    direction === 'atLeast' ? hatched(0, x(limit)) : hatched(x(limit), WIDTH),
  );
  const limits = bounds.map(({ limit }) => `M${at(limit)} ${TOP}V${BOTTOM}`).join('');
  const labels = bounds.map((bound) => limitLabel(bound, x(bound.limit), bar)).join('');
  const zero = isChange ? `<path class="q0" d="M${at(0)} ${TOP}V${BOTTOM}"/>` : '';
  const interval =
    found.low === found.high
      ? ''
      : `<path class="qi" d="M${at(found.low)} ${MIDDLE - 4}v8m0-4H${at(found.high)}m0-4v8"/>`;
  return `<svg class="q" role="img" viewBox="0 0 ${WIDTH} ${LABEL + 4}" aria-label="${escape(spoken(bar))}"><path class="qz" d="${zones.join('')}"/><path class="qa" d="M0 ${MIDDLE}H${WIDTH}"/>${zero}<path class="qb" d="${limits}"/>${labels}${champion === undefined ? '' : diamond(x(champion))}${interval}${MARKS[state](at(found.value))}</svg>`;
}

function scaleOf(values: readonly number[]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high > low ? high - low : Math.max(Math.abs(low), 1e-9);
  const from = high > low ? low - span * 0.1 : low - span / 2;
  const width = high > low ? span * 1.2 : span;
  return (value) => MARGIN + ((value - from) / width) * (WIDTH - 2 * MARGIN);
}

/** Strokes that lean to the right, cut off at both ends. */
function hatched(from: number, to: number): string {
  const height = BOTTOM - TOP - 2;
  const starts = Array.from({ length: Math.ceil(Math.max(0, to - from) / HATCH) }, (_, index) => from + index * HATCH);
  return starts
    .map((start) => {
      const length = Math.min(height, to - start);
      return `M${start.toFixed(1)} ${BOTTOM - 1}l${length.toFixed(1)}-${length.toFixed(1)}`;
    })
    .join('');
}

const diamond = (x: number): string =>
  `<path class="qc" d="M${x.toFixed(1)} ${MIDDLE - DIAMOND}l${DIAMOND} ${DIAMOND}-${DIAMOND} ${DIAMOND}-${DIAMOND}-${DIAMOND}z"/>`;

/** Below its line, and inside the picture. */
function limitLabel({ direction, limit }: HeldBound, x: number, { isChange, unit }: IntervalBar): string {
  const anchor = x < WIDTH / 4 ? '' : x > (WIDTH * 3) / 4 ? ' class="e"' : ' class="m"';
  const at = x < WIDTH / 4 ? x - 4 : x > (WIDTH * 3) / 4 ? x + 4 : x;
  const sign = direction === 'atLeast' ? '≥' : '≤';
  return `<text x="${at.toFixed(1)}" y="${LABEL}"${anchor}>${isChange ? 'Δ ' : ''}${sign} ${escape(exactText(limit, unit, { isChange }))}</text>`;
}

function spoken({ bounds, champion, isChange, unit }: IntervalBar): string {
  const what = `${isChange ? 'difference' : 'candidate'} ${estimateText(bounds[0].found, unit, { isChange })}`;
  const asked = bounds.map(
    ({ direction, limit, state }) =>
      `${direction === 'atLeast' ? 'at least' : 'at most'} ${exactText(limit, unit, { isChange })}: ${state}`,
  );
  const as = (value: number) => estimateText({ ...bounds[0].found, value }, unit, { isShort: true });
  const other = champion === undefined || isChange ? [] : [`champion ${as(champion)}`];
  return [what, ...asked, ...other].join('; ');
}

import { visible } from '../../../scorecards/diagnostics/diagnostic.ts';
import type { Bar, Picture } from '../../../scorecards/drift/picture.ts';
import { escape } from '../escape.ts';

const WIDTH = 320;
const HEIGHT = 96;
const BOTTOM = 78;
const TOP = 6;
/** Bars that are no ordinary value stand apart by this. */
const GAP = 8;

/**
 * Shares of both sides in the same bars: the baseline filled, the current side as a line over it, so that they differ without
 * their colours. Whole coordinates keep it small and equal data equal.
 */
export function histogramChart(picture: Picture): string {
  if (picture.bars.length === 0) return '';
  return picture.as === 'categories' ? categories(picture) : numbers(picture);
}

export interface Shares {
  readonly baseline: number;
  readonly current: number;
}

/** A bar as shares of its side's rows. */
export function sharesOf(bar: Bar, { rows }: Pick<Picture, 'rows'>): Shares {
  return { baseline: bar.baseline / Math.max(1, rows.baseline), current: bar.current / Math.max(1, rows.current) };
}

function numbers(picture: Picture): string {
  const { bars } = picture;
  const shares = bars.map((bar) => sharesOf(bar, picture));
  const top = Math.max(...shares.flatMap((share) => [share.baseline, share.current]), 1e-9);
  const inner = bars.filter((bar) => bar.apart === undefined).length;
  const width = Math.min(24, Math.floor((WIDTH - GAP * (bars.length - inner)) / bars.length));
  const left = (place: number) => place * width + (place >= inner ? GAP * (place - inner + 1) : 0);
  const y = (share: number) => Math.round(BOTTOM - (share / top) * (BOTTOM - TOP));
  const steps = (side: keyof Shares) =>
    bars
      .map((_, place) => {
        const isJoined = place > 0 && place < inner;
        const start = isJoined ? '' : `${place > 0 ? `V${BOTTOM}` : ''}M${left(place)} ${BOTTOM}`;
        return `${start}V${y(shares[place]?.[side] ?? 0)}h${width}`;
      })
      .join('');
  const end = `V${BOTTOM}`;
  const labels = bars.flatMap(({ apart }, place) =>
    apart === undefined ? [] : [text(left(place) + width / 2, HEIGHT - 6, apart === 'nulls' ? 'null' : apart, 'm')],
  );
  const [first, last] = [bars[0], bars[inner - 1]];
  const ends =
    inner > 0
      ? [
          text(0, HEIGHT - 6, edgeOf(first, 'low')),
          text(left(inner - 1) + width, HEIGHT - 6, edgeOf(last, 'high'), 'e'),
        ]
      : [];
  return `${open('Shares of baseline and current', HEIGHT)}<path class="b" d="${steps('baseline')}${end}"/><path class="c" d="${steps('current')}${end}"/><path class="x" d="M0 ${BOTTOM}.5H${left(bars.length - 1) + width}"/>${[...ends, ...labels].join('')}</svg>`;
}

function edgeOf(bar: Bar | undefined, end: 'low' | 'high'): string {
  const [low = '', high = low] = (bar?.label ?? '')
    .replace(/^below /, '< ')
    .replace(/^from /, '≥ ')
    .split(' to ');
  return end === 'low' ? low : high;
}

const ROW = 15;
const NAMES = 108;
const PERCENTS = 86;

/** A category is a row: its name, two bars, both shares. */
function categories(picture: Picture): string {
  const shares = picture.bars.map((bar) => sharesOf(bar, picture));
  const top = Math.max(...shares.flatMap((share) => [share.baseline, share.current]), 1e-9);
  const room = WIDTH - NAMES - PERCENTS;
  const bars = (side: keyof Shares, below: number) =>
    shares
      .map((share, place) => {
        const width = Math.round((share[side] / top) * room);
        return width === 0 ? '' : `M${NAMES} ${place * ROW + below}h${width}v5h-${width}z`;
      })
      .join('');
  const names = picture.bars.map(({ apart, label }, place) =>
    text(NAMES - 6, place * ROW + 11, apart === undefined ? cut(visible(label)) : `(${apart})`),
  );
  const percents = shares.map(({ baseline, current }, place) =>
    text(WIDTH, place * ROW + 11, `${percent(baseline)} → ${percent(current)}`),
  );
  const height = picture.bars.length * ROW + 2;
  return `${open('Shares of baseline and current', height)}<path class="b" d="${bars('baseline', 2)}"/><path class="f" d="${bars('current', 8)}"/><g class="e">${[...names, ...percents].join('')}</g></svg>`;
}

const cut = (name: string): string => {
  const characters = Array.from(name);
  return characters.length > 17 ? `${characters.slice(0, 16).join('')}…` : name;
};

/** `12 %`, `3.4 %`, `0.2 %`; nothing at all is `0`. */
export function percent(share: number): string {
  if (share === 0) return '0';
  const value = share * 100;
  return `${value >= 9.95 ? Math.round(value) : value < 0.05 ? '<0.1' : value.toFixed(1)} %`;
}

/** Opens a chart; its title is what a screen reader says. */
export function open(title: string, height: number, width: number = WIDTH): string {
  // Cards are many and of one width, which the style knows.
  const size = width === WIDTH ? '' : ` width="${width}" height="${height}"`;
  return `<svg role="img" viewBox="0 0 ${width} ${height}"${size}><title>${escape(title)}</title>`;
}

/** `e` ends at x, `m` has its middle there. */
export function text(x: number, y: number, words: string, anchor = ''): string {
  return `<text x="${Math.round(x)}" y="${y}"${anchor === '' ? '' : ` class="${anchor}"`}>${escape(words)}</text>`;
}

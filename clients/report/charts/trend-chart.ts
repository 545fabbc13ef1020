import type { TrendPoint } from '../../../activities/drift-pictures.ts';
import { open, text } from './histogram-chart.ts';

const WIDTH = 320;
const HEIGHT = 64;
const TOP = 6;
const BOTTOM = 48;
const RIGHT = 272;

/**
 * PSI of each part of the rows, with the bounds as lines: dashed where it warns, full where it drifts. What could not be
 * measured is a gap. Nothing for fewer than two points.
 */
export function trendChart(
  points: readonly TrendPoint[],
  bounds: { readonly warn: number; readonly limit: number },
): string {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last || points.length < 2 || points.every(({ psi }) => psi === null)) return '';
  const top = Math.max(bounds.limit * 1.3, ...points.map(({ psi }) => psi ?? 0));
  const y = (psi: number) => Math.round(BOTTOM - (psi / top) * (BOTTOM - TOP));
  const step = RIGHT / (points.length - 1);
  const x = (place: number) => Math.round(place * step);
  const line = points
    .map(({ psi }, place) => {
      if (psi === null) return '';
      const isAfterGap = place === 0 || points[place - 1]?.psi === null;
      // A point between two gaps would have no length, and so no ink.
      return `${isAfterGap ? 'M' : 'L'}${x(place)} ${y(psi)}${isAfterGap ? 'h.1' : ''}`;
    })
    .join('');
  const bound = (at: number, kind: string) => `<path class="${kind}" d="M0 ${y(at)}.5H${RIGHT}"/>`;
  const lines = `${bounds.warn < bounds.limit ? bound(bounds.warn, 'w') : ''}${bound(bounds.limit, 'l')}`;
  const labels = [
    text(WIDTH, y(bounds.limit) + 4, `PSI ${bounds.limit}`, 'e'),
    text(0, HEIGHT - 4, nameOf(first)),
    text(RIGHT, HEIGHT - 4, nameOf(last), 'e'),
  ];
  return `${open('PSI against the baseline over time', HEIGHT)}${lines}<path class="c" d="${line}"/><path class="x" d="M0 ${BOTTOM}.5H${RIGHT}"/>${labels.join('')}</svg>`;
}

const nameOf = ({ name }: TrendPoint): string => (name.length > 22 ? `${name.slice(0, 21)}…` : name);

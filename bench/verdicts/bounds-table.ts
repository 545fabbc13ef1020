import { table } from '../../infra/docs/markdown.ts';
import type { Before } from './before.ts';
import { measuredBefore, type KeptBound } from './bounds.ts';
import { signed } from './numbers.ts';

const ELSEWHERE: ReadonlySet<string> = new Set(['p50', 'p95', 'p99', 'bytes']);

/** What each bound was set from; latency and size rest on no row and are not here. */
export function boundsTable(bounds: readonly KeptBound[], before: readonly Before[]): string {
  const rows = bounds
    .filter(({ metric }) => !ELSEWHERE.has(metric))
    .map((bound) => {
      const { halves, least, most, newer, worstEnd } = measuredBefore(before, bound);
      const pair = ({ harm, end }: typeof halves) => `${signed(harm, 4)} (${signed(end, 4)})`;
      return [
        bound.criterion,
        boundText(bound),
        pair(halves),
        pair(newer),
        `${least.toFixed(3)} … ${most.toFixed(3)}`,
        worstEnd.toFixed(3),
      ];
    });
  const header = [
    'criterion',
    'bound',
    'largest harm among halves (end)',
    'among newer (end)',
    'values of candidates',
    'worst end',
  ];
  return table(header, rows);
}

function boundText({ atLeast, atMost, noWorseBy }: KeptBound): string {
  return [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
    ...(noWorseBy === undefined ? [] : [`no worse by ${noWorseBy}`]),
  ].join(', ');
}

export function judgedBy(_bounds: readonly KeptBound[]): string {
  return '';
}

import { chiSquareTail } from './chi-square-tail.ts';

/**
 * p-value that a share lies above a limit only by chance: the score test of one share, doubled because it looks in one
 * direction, so that p ≤ 0.05 exactly where the lower end of Wilson's 95 % interval is at or above the limit (Wilson, Journal of
 * the American Statistical Association 22, 1927). `rows` may be divided by a design effect. A share up to the limit, and no
 * row: 1. A limit of 0 or below is passed by any hit: 0.
 */
export function shareAbove({ value, rows }: { readonly value: number; readonly rows: number }, limit: number): number {
  if (value <= limit || rows <= 0) return 1;
  if (limit <= 0) return 0;
  const z = (value - limit) / Math.sqrt((limit * (1 - limit)) / rows);
  return chiSquareTail(z * z, 1);
}

/** A non-decreasing step-free fit: knots ascending in x, straight lines between them, flat beyond. */
export interface IsotonicFit {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface WeightedPoint {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/**
 * Weighted least squares under y non-decreasing in x, by pooling adjacent violators (Barlow, Bartholomew, Bremner and Brunk,
 * Statistical Inference under Order Restrictions, 1972). `points` ascend in x, each x once; points of weight 0 are left out.
 * Undefined without points.
 */
export function fitIsotonic(points: readonly WeightedPoint[]): IsotonicFit | undefined {
  const used = points.filter(({ weight }) => weight > 0);
  if (used.length === 0) return undefined;
  const blocks: { y: number; weight: number; from: number; until: number }[] = [];
  for (const { x, y, weight } of used) {
    let block = { y, weight, from: x, until: x };
    for (let last = blocks.at(-1); last !== undefined && last.y >= block.y; last = blocks.at(-1)) {
      const both = last.weight + block.weight;
      block = {
        y: (last.y * last.weight + block.y * block.weight) / both,
        weight: both,
        from: last.from,
        until: block.until,
      };
      blocks.pop();
    }
    blocks.push(block);
  }
  const knots = blocks.flatMap(({ from, until, y }) =>
    from === until
      ? [[from, y]]
      : [
          [from, y],
          [until, y],
        ],
  ) as [number, number][];
  return { x: knots.map(([x]) => x), y: knots.map(([, y]) => y) };
}

/** The fitted value at x: on the line between its neighbours, that of the first or last knot outside of them. */
export function isotonicAt({ x: knots, y: values }: IsotonicFit, x: number): number {
  const after = knots.findIndex((knot) => knot >= x);
  if (after === 0) return values[0] ?? 0;
  if (after < 0) return values.at(-1) ?? 0;
  const [x0 = 0, x1 = 0] = [knots[after - 1], knots[after]];
  const [y0 = 0, y1 = 0] = [values[after - 1], values[after]];
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

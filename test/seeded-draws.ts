/** Repeatable draws for simulations: Mulberry32 for uniform numbers, Box and Muller's transform for normal ones. */
export interface SeededDraws {
  /** In (0, 1). */
  readonly uniform: () => number;
  readonly normal: (mean?: number, deviation?: number) => number;
}

/** Taken once: Jest's sandbox makes every look at a global slow. */
const { imul, sqrt, log, cos, PI } = Math;

export function seededDraws(seed: number): SeededDraws {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const normal = (mean = 0, deviation = 1) => mean + deviation * sqrt(-2 * log(uniform())) * cos(2 * PI * uniform());
  return { uniform, normal };
}

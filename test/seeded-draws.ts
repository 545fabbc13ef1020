/** Repeatable draws for simulations: Mulberry32 for uniform numbers, Box and Muller's transform for normal ones. */
export interface SeededDraws {
  /** In (0, 1). */
  readonly uniform: () => number;
  readonly normal: (mean?: number, deviation?: number) => number;
}

export function seededDraws(seed: number): SeededDraws {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const normal = (mean = 0, deviation = 1) =>
    mean + deviation * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

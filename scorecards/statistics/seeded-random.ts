/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32): the same seed, the same numbers, on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** From here on a Poisson count is drawn as a rounded normal; the error is far below that of the bootstrap itself. */
const LARGE_MEAN = 50;

/** One Poisson count by Knuth's product of uniforms, or by its normal approximation for large means. */
export function poisson(mean: number, random: () => number): number {
  if (mean >= LARGE_MEAN) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * radius * Math.cos(2 * Math.PI * random())));
  }
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count += 1;
  return count;
}

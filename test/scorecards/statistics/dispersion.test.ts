import { describe, expect, test } from '@jest/globals';
import { addToDispersion, dispersionOf, openDispersion } from '../../../scorecards/statistics/dispersion.ts';
import { seededDraws } from '../../seeded-draws.ts';

type Look = { readonly requests: number; readonly bad: number };

function dispersionOver(looks: readonly Look[]) {
  return dispersionOf(looks.reduce(addToDispersion, openDispersion()));
}

/** The formula as it is written, in two passes. */
function twoPasses(looks: readonly Look[]): number {
  const total = (of: (look: Look) => number) => looks.reduce((sum, look) => sum + of(look), 0);
  const p = total(({ bad }) => bad) / total(({ requests }) => requests);
  return total(({ requests, bad }) => (bad - p * requests) ** 2 / (p * requests)) / (looks.length - 1);
}

/** Bursts: each cause makes `size` bad answers at once, so phi is `size`. */
function bursts(size: number, seed: number): Look[] {
  const { uniform } = seededDraws(seed);
  return Array.from({ length: 2000 }, () => {
    let causes = 0;
    for (let request = 0; request < 200; request++) if (uniform() < 0.01) causes += 1;
    return { requests: 1000, bad: causes * size };
  });
}

describe('how much wider than chance bad answers spread', () => {
  test.each([1, 3, 9])('bursts of %d have that phi, as the formula in two passes says', (size) => {
    const looks = bursts(size, 91);
    const { phi, known } = dispersionOver(looks);
    expect(known).toBe(true);
    expect(phi).toBeCloseTo(Math.max(1, twoPasses(looks)), 9);
    expect(Math.abs(phi / size - 1)).toBeLessThan(0.1);
  });

  test('looks of different length are weighed by their requests', () => {
    const looks = Array.from({ length: 60 }, (_, index) => ({ requests: 100 * (1 + (index % 5)), bad: index % 7 }));
    expect(dispersionOver(looks).phi).toBeCloseTo(twoPasses(looks), 9);
  });

  test.each([
    ['29 looks', Array.from({ length: 29 }, () => ({ requests: 100, bad: 5 }))],
    ['19 bad answers', Array.from({ length: 100 }, (_, index) => ({ requests: 100, bad: Number(index < 19) }))],
    ['nothing', []],
    ['looks without requests', Array.from({ length: 90 }, () => ({ requests: 0, bad: 0 }))],
  ])('%s are too few: two is assumed and said', (_title, looks) => {
    expect(dispersionOver(looks)).toStrictEqual({ phi: 2, known: false });
  });

  test('30 looks with 20 bad answers are enough', () => {
    const looks = Array.from({ length: 30 }, (_, index) => ({ requests: 100, bad: Number(index < 20) }));
    expect(dispersionOver(looks)).toStrictEqual({ phi: 1, known: true });
  });

  test('one flood does not silence the judge: phi is at most 20', () => {
    const looks = Array.from({ length: 40 }, (_, index) => ({ requests: 1000, bad: 1 + 999 * Number(index === 7) }));
    expect(dispersionOver(looks)).toStrictEqual({ phi: 20, known: true });
  });
});

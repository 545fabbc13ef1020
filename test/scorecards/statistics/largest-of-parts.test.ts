import { describe, expect, test } from '@jest/globals';
import { apart, largestOf, opposite } from '../../../scorecards/statistics/largest-of-parts.ts';
import { twoSidedZ } from '../../../scorecards/statistics/normal-quantile.ts';
import type { PairedEstimates } from '../../../scorecards/statistics/paired-estimates.ts';
import type { Estimate } from '../../../scorecards/vocabulary.ts';
import { present } from '../../present.ts';
import { seededDraws } from '../../seeded-draws.ts';

const RUNS = 1000;
/** Standard errors of one model in each part, and of the difference of both on the same rows. */
const OWN = 0.02;
const DIFFERENCE = 0.01;

const normal = (value: number, standardError: number, confidence: number): Estimate => {
  const half = twoSidedZ(confidence) * standardError;
  return { value, low: value - half, high: value + half };
};

interface Drawn {
  readonly challenger: number;
  readonly champion: number;
}
const seenAt =
  (drawn: readonly Drawn[]) =>
  (confidence: number): readonly PairedEstimates[] =>
    drawn.map(({ challenger, champion }) => ({
      challenger: normal(challenger, OWN, confidence),
      champion: normal(champion, OWN, confidence),
      difference: normal(challenger - champion, DIFFERENCE, confidence),
    }));

/** Two models that err alike: what they share is drawn once. */
function draw(truth: readonly Drawn[], gaussian: () => number): readonly Drawn[] {
  const apiece = DIFFERENCE / Math.SQRT2;
  const shared = Math.sqrt(OWN ** 2 - apiece ** 2);
  return truth.map(({ challenger, champion }) => {
    const both = shared * gaussian();
    return { challenger: challenger + both + apiece * gaussian(), champion: champion + both + apiece * gaussian() };
  });
}

const within = (estimate: Estimate | undefined, truth: number): boolean =>
  estimate !== undefined && estimate.low <= truth && truth <= estimate.high;
const share = (held: readonly boolean[]): number => held.filter(Boolean).length / held.length;

const most = (numbers: readonly number[]): number => Math.max(...numbers);
const spread = (numbers: readonly number[]): number => most(numbers) - Math.min(...numbers);

const WORLDS = {
  'equal parts': Array.from({ length: 8 }, () => ({ challenger: 0.3, champion: 0.3 })),
  'parts in steps': Array.from({ length: 6 }, (_, place) => ({
    challenger: 0.3 + place / 100,
    champion: 0.35 - place / 100,
  })),
  'one part apart': Array.from({ length: 5 }, (_, place) => ({ challenger: place === 4 ? 0.6 : 0.3, champion: 0.32 })),
};

describe.each(Object.entries(WORLDS))('EV8: of %s', (_, truth) => {
  const { normal: gaussian } = seededDraws(truth.length);
  const all = Array.from({ length: RUNS }, () => seenAt(draw(truth, gaussian)));
  const models = { challenger: truth.map((one) => one.challenger), champion: truth.map((one) => one.champion) };

  test('95 % of the intervals hold the largest number, the champion’s and the difference of both', () => {
    const found = all.map((at) => present(largestOf(at, { confidence: 0.95, intervals: truth.length })));
    const [own, other] = [most(models.challenger), most(models.champion)];
    expect(share(found.map(({ challenger }) => within(challenger, own)))).toBeGreaterThan(0.94);
    expect(share(found.map(({ champion }) => within(champion, other)))).toBeGreaterThan(0.94);
    expect(share(found.map(({ difference }) => within(difference, own - other)))).toBeGreaterThan(0.94);
  });

  test('95 % of the intervals hold how far the parts are apart, with either model and between them', () => {
    const pairs = (truth.length * (truth.length - 1)) / 2;
    const found = all.map((at) =>
      present(largestOf((confidence) => apart(at(confidence)), { confidence: 0.95, intervals: pairs })),
    );
    const [own, other] = [spread(models.challenger), spread(models.champion)];
    expect(share(found.map(({ challenger }) => within(challenger, own)))).toBeGreaterThan(0.94);
    expect(share(found.map(({ champion }) => within(champion, other)))).toBeGreaterThan(0.94);
    expect(share(found.map(({ difference }) => within(difference, own - other)))).toBeGreaterThan(0.94);
  });
});

describe('the largest of several estimates', () => {
  const parts = seenAt([
    { challenger: 0.3, champion: 0.3 },
    { challenger: 0.5, champion: 0.4 },
    { challenger: 0.4, champion: 0.45 },
  ]);
  const options = { confidence: 0.95, intervals: 3 };

  test('is itself; its high end is that of its part, and its low end is further away the more parts there are', () => {
    const { challenger } = present(largestOf(parts, options));
    expect(challenger.value).toBe(0.5);
    expect(challenger.high).toBeCloseTo(0.5 + 1.959964 * OWN, 6);
    // The 0.95^(1/3) interval: z of 0.99152.
    expect(challenger.low).toBeCloseTo(0.5 - 2.387735 * OWN, 5);
    const more = present(largestOf(parts, { ...options, intervals: 30 }));
    expect(more.challenger.low).toBeLessThan(challenger.low);
    expect(more.challenger.high).toBe(challenger.high);
  });

  test('of the opposites is the smallest', () => {
    const smallest = opposite(present(largestOf((confidence) => parts(confidence).map(opposite), options)));
    expect(smallest.challenger).toMatchObject({ value: 0.3, low: expect.closeTo(0.3 - 1.959964 * OWN, 6) });
    expect(smallest.difference?.value).toBe(0);
  });

  test('EV4: models that are equal on every row differ by nothing, in the worst part and in how far parts are apart', () => {
    const same = (confidence: number) =>
      parts(confidence).map(({ challenger }) => ({
        challenger,
        champion: challenger,
        difference: { value: 0, low: 0, high: 0 },
      }));
    expect(present(largestOf(same, options)).difference).toEqual({ value: 0, low: 0, high: 0 });
    const distances = present(largestOf((confidence) => apart(same(confidence)), options));
    expect(distances.difference).toEqual({ value: 0, low: 0, high: 0 });
  });

  test('without a champion in each part there is no difference, and without parts nothing', () => {
    const alone = (confidence: number) => parts(confidence).map(({ challenger }) => ({ challenger }));
    expect(Object.keys(present(largestOf(alone, options)))).toEqual(['challenger']);
    expect(largestOf(() => [], options)).toBeUndefined();
  });
});

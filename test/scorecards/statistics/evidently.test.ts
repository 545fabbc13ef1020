import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { fineCounts } from '../../../scorecards/drift/coarse-bins.ts';
import { jensenShannon } from '../../../scorecards/statistics/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../../../scorecards/statistics/kullback-leibler.ts';
import { sumOf } from '../../../scorecards/statistics/paired-counts.ts';
import type { PairedCounts } from '../../../scorecards/statistics/paired-counts.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { totalVariation } from '../../../scorecards/statistics/total-variation.ts';
import { wasserstein } from '../../../scorecards/statistics/wasserstein.ts';
import { present } from '../../present.ts';
import { exactValues, sketchFrom } from '../drift/sketches.ts';

/** As `make_evidently.py` wrote it: samples as "value x rows", values in whole numbers of 1 / scale. */
interface Case {
  readonly name: string;
  readonly kind: 'num' | 'cat';
  readonly scale: number;
  readonly baseline: string;
  readonly current: string;
  readonly answers: Readonly<Record<'psi' | 'kl' | 'js', number>> &
    Readonly<Partial<Record<'wasserstein' | 'ks' | 'ksP' | 'totalVariation', number>>>;
}

const FILE = path.join(import.meta.dirname, '../../fixtures/statistics/evidently.json');
const EXACT = 1e-12;
const DERIVED = 1e-9;

let cases: readonly Case[] = [];
let evidently = '';
beforeAll(async () => {
  ({ cases, evidently } = JSON.parse(await readFile(FILE, 'utf8')) as { cases: readonly Case[]; evidently: string });
});

/** Rows of each value, ascending, both sides on the same values. */
function valuesOf({ baseline, current, scale }: Case) {
  const grid = exactValues('x');
  const side = (text: string) => {
    const pairs = text.split(' ').map((pair) => pair.split('x').map(Number));
    return sketchFrom(grid, Object.fromEntries(pairs.map(([value, rows]) => [present(value) / scale, present(rows)])));
  };
  return fineCounts(side(baseline), side(current));
}
type Values = ReturnType<typeof valuesOf>;

/** Its bins: numbers with more than 20 values in the baseline in equal widths over both sides together, as Sturges has it. */
function evidentlyBins(values: Values, kind: Case['kind']): PairedCounts {
  const { baseline, current, keys } = values;
  if (kind === 'cat' || baseline.filter((rows) => rows > 0).length <= 20) return values;
  const [least, most] = [present(keys[0]), present(keys.at(-1))];
  const bins = Math.ceil(Math.log2(sumOf(baseline) + sumOf(current)) + 1);
  // The first bin begins at the least value and the last one holds the largest too.
  const inner = Array.from({ length: bins - 1 }, (_, edge) => least + (edge + 1) * ((most - least) / bins));
  const binOf = (value: number) => inner.filter((edge) => edge <= value).length;
  const counted = (side: readonly number[]) =>
    Array.from({ length: bins }, (_, bin) => sumOf(side.filter((_rows, at) => binOf(present(keys[at])) === bin)));
  return { baseline: counted(baseline), current: counted(current) };
}

/** Its shares: those of a side that are zero become 0.0001, or a millionth of its smallest where that is 0.0001 or less. */
function evidentlyShares(side: readonly number[]): readonly number[] {
  const shares = side.map((rows) => rows / sumOf(side));
  const least = Math.min(...shares.filter((share) => share > 0));
  return shares.map((share) => (share === 0 ? (least <= 1e-4 ? least / 1e6 : 1e-4) : share));
}

/** So many rows that the half row which ours adds to a bin is nothing. */
const POPULATION = 1e20;
function filled(values: Values, kind: Case['kind']) {
  const bins = evidentlyBins(values, kind);
  const shares = { baseline: evidentlyShares(bins.baseline), current: evidentlyShares(bins.current) };
  const many = (side: readonly number[]) => side.map((share) => share * POPULATION);
  const counts = { baseline: many(shares.baseline), current: many(shares.current) };
  return { counts, baselineSum: sumOf(shares.baseline), currentSum: sumOf(shares.current) };
}

/** PSI of shares that a fill of zeros has made to sum to more than one, which Evidently leaves so and ours scales to one. */
function evidentlyPsi(values: Values, kind: Case['kind']): number {
  const { baselineSum, counts, currentSum } = filled(values, kind);
  const forward = present(kullbackLeibler(counts)).value;
  const index = present(psi(counts)).value;
  return (
    currentSum * forward +
    baselineSum * (index - forward) +
    (currentSum - baselineSum) * Math.log(currentSum / baselineSum)
  );
}

const reversed = ({ baseline, current }: PairedCounts): PairedCounts => ({ baseline: current, current: baseline });

/** The largest difference from Evidently, relative above one. */
function off(answer: keyof Case['answers'], ours: (values: Values, one: Case) => number): number {
  const asked = cases.filter(({ answers }) => answers[answer] !== undefined);
  expect(asked.length).toBeGreaterThan(2);
  const gaps = asked.map((one) => {
    const theirs = present(one.answers[answer]);
    return Math.abs(ours(valuesOf(one), one) - theirs) / Math.max(1, theirs);
  });
  return Math.max(...gaps);
}

function deviation({ baseline, keys }: Values): number {
  const rows = sumOf(baseline);
  const mean = sumOf(keys.map((key, at) => key * present(baseline[at]))) / rows;
  return Math.sqrt(sumOf(keys.map((key, at) => (key - mean) ** 2 * present(baseline[at]))) / rows);
}

describe("distances beside Evidently's, of the same samples", () => {
  test('were made by the version that the bench compares with', async () => {
    const pins = await readFile(path.join(import.meta.dirname, '../../../bench/drift/peers/evidently.txt'), 'utf8');
    expect(pins.split('\n')).toContain(`evidently==${evidently}`);
  });

  test('N4: PSI, in its bins and with its fill of zeros', () => {
    expect(off('psi', (values, { kind }) => evidentlyPsi(values, kind))).toBeLessThan(DERIVED);
  });

  test('N4: PSI without an empty bin needs no fill to agree', () => {
    const [categories] = cases.filter(({ name }) => name === 'categories');
    const one = present(categories);
    const { counts } = filled(valuesOf(one), one.kind);
    expect(Math.abs(present(psi(counts)).value - one.answers.psi)).toBeLessThan(DERIVED);
  });

  test('KL, which is KL(baseline ‖ current) there', () => {
    const ours = (values: Values, { kind }: Case) =>
      present(kullbackLeibler(reversed(filled(values, kind).counts))).value;
    expect(off('kl', ours)).toBeLessThan(DERIVED);
  });

  test('N4: JS distance, which is that of base e there', () => {
    const ours = (values: Values, { kind }: Case) =>
      present(jensenShannon(evidentlyBins(values, kind))).distance * Math.sqrt(Math.LN2);
    expect(off('js', ours)).toBeLessThan(DERIVED);
  });

  test('N4: KS D, and the word on it at 5 %', () => {
    expect(off('ks', (values) => present(kolmogorovSmirnov(values, { exact: true })).low)).toBeLessThan(EXACT);
    for (const one of cases.filter(({ kind }) => kind === 'num'))
      expect([one.name, present(kolmogorovSmirnov(valuesOf(one), { exact: true })).p <= 0.05]).toEqual([
        one.name,
        present(one.answers.ksP) <= 0.05,
      ]);
  });

  test('N4: Wasserstein in standard deviations of the baseline', () => {
    const ours = (values: Values) => {
      const moved = wasserstein(values, { left: values.keys, right: values.keys });
      return present(moved).value / Math.max(deviation(values), 0.001);
    };
    expect(off('wasserstein', ours)).toBeLessThan(DERIVED);
  });

  test('N4: total variation of categories', () => {
    expect(off('totalVariation', (values) => present(totalVariation(values)).value)).toBeLessThan(EXACT);
  });
});

import { describe, expect, test } from '@jest/globals';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import { vanishedSlices } from '../../../scorecards/candidate/vanished-slices.ts';
import type { Slice } from '../../../scorecards/vocabulary.ts';
import { bands, flights, good } from './scorecards.ts';

const sketch = (counts: Readonly<Record<string, number>>, nulls = 0) => ({
  grid: 'g',
  keys: Object.keys(counts),
  counts: Object.values(counts),
  rows: Object.values(counts).reduce((sum, count) => sum + count, nulls),
  nulls,
  nonFinite: 0,
  other: 0,
});
const baselineOf = (column: string, counted: ReturnType<typeof sketch>) => ({
  slices: { grids: [], sketches: { [column]: counted } },
});
const criterion = { by: 'band', minimum: 300 };
const holdout = { rows: 1000, slices: [{ column: 'band', value: 'long' }], written: (slice: Slice) => slice };

describe('slices that a baseline had and a holdout lacks', () => {
  const counted = sketch({ long: 4000, medium: 3000, short: 299 }, 400);
  test('EV3: are those with as many rows as a criterion asks for; NULL is one of them', () => {
    const gone = vanishedSlices([criterion], baselineOf('band', counted), holdout);
    expect(gone).toEqual([
      { column: 'band', value: 'medium' },
      { column: 'band', value: null },
    ]);
  });

  test('the least minimum of the criteria on a column counts', () => {
    const gone = vanishedSlices([criterion, { by: 'band', minimum: 50 }], baselineOf('band', counted), holdout);
    expect(gone.map(({ value }) => value)).toEqual(['medium', 'short', null]);
  });

  test('none is missed whose absence from so few rows may be chance', () => {
    const rare = sketch({ long: 90_000, medium: 400 });
    expect(vanishedSlices([criterion], baselineOf('band', rare), holdout)).toEqual([]);
    expect(vanishedSlices([criterion], baselineOf('band', rare), { ...holdout, rows: 3000 })).toHaveLength(1);
  });

  test('what every criterion calls gone is not missed', () => {
    const closed = { ...criterion, gone: ['medium'] };
    expect(vanishedSlices([closed], baselineOf('band', counted), holdout)).toEqual([{ column: 'band', value: null }]);
    expect(vanishedSlices([closed, criterion], baselineOf('band', counted), holdout)).toHaveLength(2);
  });

  test('a holdout that holds digests is compared by digests', () => {
    const written = ({ column, value }: Slice) => ({ column, value: `#${value}` });
    const digests = { rows: 1000, slices: [{ column: 'band', value: '#long' }], written };
    const gone = vanishedSlices([criterion], baselineOf('band', sketch({ long: 4000, medium: 3000 })), digests);
    expect(gone).toEqual([{ column: 'band', value: '#medium' }]);
  });

  test('a baseline of before slices were counted, or a column that it did not count, misses nothing', () => {
    expect(vanishedSlices([criterion], {}, holdout)).toEqual([]);
    expect(vanishedSlices([{ by: 'other', minimum: 1 }], baselineOf('band', counted), holdout)).toEqual([]);
  });
});

describe('a vanished slice', () => {
  const ofHoldout = good.filter(({ slice }) => slice?.value !== 'long');
  const judge = (scorecard: typeof flights) =>
    judgeCandidate({
      scorecard,
      measurements: ofHoldout,
      bootstrap: false,
      declaredSlices: bands.filter(({ value }) => value !== 'long'),
      vanishedSlices: [{ column: 'distance_band', value: 'long' }],
    });

  test('EV3, N12: is missing for each criterion on its column, also for a gap between groups, and nothing passes', () => {
    const { reasons, verdict } = judge(flights);
    expect(verdict).toBe('inconclusive');
    expect(reasons).toEqual([
      'Recall per band on distance_band=long was not measured: the holdout has no row of this slice, of which the baseline had enough.',
      'Parity (equalizedOdds) was not measured: the holdout has no row where distance_band=long, of which the baseline had enough.',
    ]);
  });

  test('is not missing where the scorecard says that it is gone for good', () => {
    const criteria = flights.spec.criteria.map((one) => ({ ...one, gone: ['long'] }));
    expect(judge({ ...flights, spec: { ...flights.spec, criteria } }).verdict).toBe('pass');
  });
});

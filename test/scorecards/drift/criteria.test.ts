import { describe, expect, test } from '@jest/globals';
import { driftCriteria, labelCriteria, scoreCriteria } from '../../../scorecards/drift/criteria.ts';
import { rules } from './worlds.ts';

const columns = [
  { name: 'fare', type: 'continuous' },
  { name: 'origin', type: 'categorical' },
] as const;
const distances = (criteria: ReturnType<typeof driftCriteria>) =>
  criteria.filter(({ kind }) => kind !== 'schema' && kind !== 'quality');
const brief = (criteria: ReturnType<typeof driftCriteria>) =>
  distances(criteria).map(({ name, kind, warn, limit }) => [name, kind, warn, limit]);

describe('the criteria of a policy', () => {
  test("N4: are KS and PSI for continuous features, PSI and Cramér's V for categories", () => {
    expect(brief(driftCriteria(rules(), { features: columns }))).toEqual([
      ['fare ks', 'data', 0.1, 0.15],
      ['fare psi', 'data', 0.1, 0.2],
      ['origin psi', 'data', 0.1, 0.2],
      ['origin cramersV', 'data', 0.1, 0.2],
    ]);
  });

  test('N4: are the metrics that a feature names, each of the four', () => {
    const features = [{ name: 'fare', type: 'continuous', metrics: ['psi', 'ks', 'js', 'kl'], kl: { drift: 0.3 } }];
    expect(brief(driftCriteria(rules({}, { features }), { features: columns.slice(0, 1) }))).toEqual([
      ['fare psi', 'data', 0.1, 0.2],
      ['fare ks', 'data', 0.1, 0.15],
      ['fare jsDistance', 'data', 0.12, 0.12],
      ['fare kl', 'data', 0.05, 0.3],
    ]);
  });

  test('have bounds of their own for every distance that a feature may name', () => {
    const metrics = ['cramersV', 'hellinger', 'totalVariation', 'wasserstein'];
    const named = [
      { name: 'fare', type: 'continuous', metrics, wasserstein: { drift: 0.5 }, cramersV: { warn: 0.15 } },
    ];
    expect(brief(driftCriteria(rules({}, { features: named }), { features: columns.slice(0, 1) }))).toEqual([
      ['fare cramersV', 'data', 0.15, 0.2],
      ['fare hellinger', 'data', 0.11, 0.16],
      ['fare totalVariation', 'data', 0.1, 0.15],
      ['fare wasserstein', 'data', 0.2, 0.5],
    ]);
  });

  test('N1: take the bounds of the policy and of the feature before it', () => {
    const features = [{ name: 'fare', type: 'continuous', importance: 2, critical: true, psi: { drift: 0.05 } }];
    const found = driftCriteria(rules({ psi: { warn: 0.15, drift: 0.25 }, minimum: 800 }, { features }), {
      features: columns,
    });
    const [, fare, origin] = distances(found);
    expect(fare).toMatchObject({ warn: 0.05, limit: 0.05, weight: 2, critical: true, minimum: 800 });
    expect(origin).toMatchObject({ warn: 0.15, limit: 0.25, weight: 1, critical: false, minimum: 800 });
  });

  test('MO5: judge the score as prediction and the label as concept, of all rows and of a slice', () => {
    const slice = { column: 'weekday', value: '3' };
    expect(brief([...scoreCriteria(rules(), 'score'), ...labelCriteria(rules(), 'late')])).toEqual([
      ['score ks', 'prediction', 0.1, 0.15],
      ['score psi', 'prediction', 0.1, 0.2],
      ['late psi', 'concept', 0.1, 0.2],
      ['late cramersV', 'concept', 0.1, 0.2],
    ]);
    const [ks] = scoreCriteria(rules(), 'score', slice);
    expect(ks).toMatchObject({ name: 'score ks where weekday is 3', column: 'score', slice: [slice] });
  });

  test('demand that every feature is there and not mostly null', () => {
    const found = driftCriteria(rules(), { features: columns });
    const of = (kind: string) => found.filter((criterion) => criterion.kind === kind).map(({ name }) => name);
    expect(of('schema')).toEqual(['fare schema', 'origin schema']);
    expect(of('quality')).toEqual(['fare nullRate', 'fare nonFiniteRate', 'origin nullRate', 'origin unseenShare']);
    expect(found.find(({ name }) => name === 'fare nullRate')?.limit).toBe(0.05);
  });

  test('have names of their own', () => {
    const names = driftCriteria(rules(), { features: columns }).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(['ks', 'wasserstein'])('refuse an order of categories: %s', (metric) => {
    const features = [{ name: 'origin', type: 'categorical', metrics: [metric] }];
    expect(() => driftCriteria(rules({}, { features }), { features: columns.slice(1) })).toThrow(
      `origin is categorical: ${metric} needs an order`,
    );
  });
});

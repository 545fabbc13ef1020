import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InferenceService } from '../../../../activities/adapters/kserve/objects.ts';
import { pinned, splitStandard, standardShare } from '../../../../activities/adapters/kserve/standard.ts';
import { stateOf } from '../../../../activities/adapters/kserve/written.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';
import { canary, service } from './service.ts';

const OURS = { v7: 's3://7', v8: 's3://8' };

type Spec = InferenceService['spec'];

/** What KServe makes of it: pods of ready canaries are taken off the stable minimum, never below one. */
const championPods = ({ predictor, canary: canaries = [] }: Spec): number =>
  canaries.reduce((left, one) => Math.max(1, left - Number(one.predictor['minReplicas'])), predictor.minReplicas ?? 1);
/** All who may answer. */
const arms = ({ predictor, canary: canaries = [] }: Spec): string[] => [
  predictor.name ?? '',
  ...canaries.map((one) => one.predictor.name),
];
const mostPods = ({ predictor }: Spec): number => predictor.maxReplicas ?? Number.POSITIVE_INFINITY;
const sizes = fc
  .integer({ min: 1, max: 500 })
  .chain((minReplicas) =>
    fc.constantFrom({ minReplicas }, { minReplicas, maxReplicas: minReplicas }, { minReplicas, maxReplicas: 700 }),
  );

describe('PR4: the champion is pinned at full size', () => {
  test('whatever its size was, KServe leaves it as many pods, and gives the challenger no fewer', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const live = service({ predictor: size, canary: [canary('v8', 0)] });
        const { spec, state } = pinned(live.spec, { ...stateOf(live), models: OURS });
        expect(championPods(spec)).toBe(size.minReplicas);
        expect(spec.canary?.[0]?.predictor).toMatchObject({ minReplicas: size.minReplicas });
        expect(mostPods(spec)).toBeGreaterThanOrEqual(2 * size.minReplicas);
        const without = pinned({ ...spec, canary: [] }, state);
        expect(without.spec.predictor).toEqual(live.spec.predictor);
        expect(without.state.replicas).toBeUndefined();
      }),
    );
  });

  test('pinning twice is pinning once', () => {
    const live = service({ predictor: { minReplicas: 3 }, canary: [canary('v8', 0)] });
    const once = pinned(live.spec, { ...stateOf(live), models: OURS });
    expect(pinned(once.spec, once.state)).toEqual(once);
  });

  test("somebody else's canary is no reason", () => {
    const live = service({ predictor: { minReplicas: 3 }, canary: [canary('v9', 0)] });
    expect(pinned(live.spec, { ...stateOf(live), models: OURS }).spec).toEqual(live.spec);
  });
});

test('shares of all arms are always 100 percent together, wherever the champion was, and a rollback is always possible', () => {
  const route = (percent: number) =>
    exampleRoute('churn', { challenger: { version: '8', url: 'http://challenger.example', percent } });
  const others = fc.uniqueArray(fc.constantFrom('v7', 'v8', 'v9', 'theirs'), { maxLength: 4 });
  const percent = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(others, percent, (names, wanted) => {
      const [stable = 'v7', ...rest] = names;
      const live = service({
        predictor: { name: stable, model: { modelFormat: { name: 'sklearn' }, storageUri: `s3://${stable.slice(1)}` } },
        canary: rest.map((name) => canary(name, 10)),
      });
      const { spec } = splitStandard({ live, state: { ...stateOf(live), models: OURS }, force: true }, route(wanted));
      expect(arms(spec).reduce((sum, name) => sum + standardShare(spec, name), 0)).toBe(100);
      expect(new Set(arms(spec)).size).toBe(arms(spec).length);
      expect(spec.predictor).toMatchObject({ name: 'v7', model: { storageUri: 's3://7' } });
      const back = splitStandard(
        { live: { ...live, spec }, state: { ...stateOf(live), models: OURS }, force: true },
        route(0),
      );
      expect(standardShare(back.spec, 'v7')).toBe(100);
    }),
  );
});

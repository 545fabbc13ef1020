import { describe, expect, test } from '@jest/globals';
import { httpRouteSchema } from '../../../../activities/adapters/httproute/objects.ts';
import { knativeFault, routeFault, standardFault } from '../../../../activities/adapters/kserve/status.ts';
import { stateOf } from '../../../../activities/adapters/kserve/written.ts';
import { canary, service } from './service.ts';

const READY = [{ type: 'Ready', status: 'True' }];

describe('Standard mode: KServe has followed when its status has the shares', () => {
  const fault = (percent: number, canaryStatuses: readonly object[], conditions: readonly object[] = READY) =>
    standardFault(service({ canary: [canary('v8', percent)], status: { canaryStatuses, conditions } }));

  test.each([
    [5, [{ name: 'v8', ready: true, trafficPercent: 5 }]],
    [0, [{ name: 'v8', ready: false, trafficPercent: 0 }]],
    [0, [{ name: 'v8', ready: false }]],
  ])('%s percent as reported is followed', (percent, statuses) => {
    expect(fault(percent, statuses)).toBeUndefined();
  });

  test.each<[string, number, readonly object[], readonly object[]]>([
    ['no v8 yet', 5, [], READY],
    ['gives v8 4 %, not 5 %', 5, [{ name: 'v8', ready: true, trafficPercent: 4 }], READY],
    ['v8 is not ready', 5, [{ name: 'v8', ready: false, trafficPercent: 5 }], READY],
    ['still has v9', 0, [{ name: 'v8' }, { name: 'v9' }], READY],
    [
      'Ready=False NotYet it starts',
      0,
      [{ name: 'v8' }],
      [{ type: 'Ready', status: 'False', reason: 'NotYet', message: 'it starts' }],
    ],
    ['Ready=not reported', 0, [{ name: 'v8' }], []],
  ])('%s: not followed', (said, percent, statuses, conditions) => {
    expect(fault(percent, statuses, conditions)).toContain(said);
  });

  test('a generation that was observed says nothing: it is a child object’s', () => {
    const status = { observedGeneration: 99, canaryStatuses: [], conditions: READY };
    expect(standardFault(service({ canary: [canary('v8', 5)], status }))).toContain('no v8 yet');
  });
});

describe("Standard mode: KServe's HTTPRoute carries the weights", () => {
  const route = (...rules: readonly Readonly<Record<string, number>>[]) =>
    httpRouteSchema.parse({
      metadata: { name: 'churn' },
      spec: {
        rules: rules.map((weights) => ({
          backendRefs: Object.entries(weights).map(([name, weight]) => ({ name: `churn-${name}-predictor`, weight })),
        })),
      },
    });
  const arms = { champion: 'churn-v7-predictor', challenger: 'churn-v8-predictor' };

  test('as shares, in every rule of the predictor', () => {
    expect(routeFault(route({ v7: 95, v8: 5 }), arms, 5)).toBeUndefined();
    expect(routeFault(route({ v7: 19, v8: 1 }, { explainer: 1 }), arms, 5)).toBeUndefined();
    expect(routeFault(route({ v7: 100 }), arms, 0)).toBeUndefined();
    expect(routeFault(route({ v8: 100, v7: 0 }), arms, 100)).toBeUndefined();
  });

  test.each<[string, Parameters<typeof routeFault>[0], number]>([
    ['no HTTPRoute of this name', undefined, 5],
    ['gives the challenger 0 %, not 5 %', route({ v7: 100 }), 5],
    ['gives the challenger 25 %', route({ v7: 95, v8: 5 }, { v7: 75, v8: 25 }), 5],
    ['a third Service', route({ v7: 80, v8: 20, v9: 10 }), 20],
    ['no rule', route({ explainer: 1 }), 0],
  ])('%s: not loaded', (said, made, percent) => {
    expect(routeFault(made, arms, percent)).toContain(said);
  });
});

describe('Knative mode: the shares, and that the rest is the revision before', () => {
  const traffic = (newest: number, before: string) => [
    { revisionName: 'r2', latestRevision: true, percent: newest },
    { revisionName: before, latestRevision: false, percent: 100 - newest, tag: 'prev' },
  ];
  const fault = (predictor: object, more: object = {}) => {
    const revisions = { latestReadyRevision: 'r2', latestCreatedRevision: 'r2', traffic: traffic(5, 'r1'), ...more };
    const status = { conditions: READY, components: { predictor: revisions } };
    const live = service({ predictor: { canaryTrafficPercent: 5, ...predictor }, status });
    return knativeFault(live, { ...stateOf(live), models: { v7: 's3://7' }, revisions: { v7: 'r2' } });
  };

  test('5 percent as reported is followed', () => {
    expect(fault({})).toBeUndefined();
  });

  test('nothing reported is not followed', () => {
    const live = service({ predictor: { canaryTrafficPercent: 5 } });
    expect(knativeFault(live, stateOf(live))).toContain('(none) is not ready');
  });

  test.each<[string, object, object]>([
    ['gives the newest revision 5 %, not 25 %', { canaryTrafficPercent: 25 }, {}],
    ['both shares go to revision r2', {}, { traffic: traffic(5, 'r2') }],
    ['revision r3 is not ready', {}, { latestCreatedRevision: 'r3' }],
    ['newest revision is r4, not r2', {}, { latestCreatedRevision: 'r4', latestReadyRevision: 'r4' }],
  ])('%s: not followed', (said, predictor, more) => {
    expect(fault(predictor, more)).toContain(said);
  });
});

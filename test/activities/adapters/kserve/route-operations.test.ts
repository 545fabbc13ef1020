import { describe, expect, test } from '@jest/globals';
import { removeOperations, routeOperations } from '../../../../activities/adapters/kserve/route-operations.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';
import { canary, service } from './service.ts';

const live = service({ annotations: { theirs: 'kept' }, canary: [canary('theirs', 0), canary('v8', 5)] });
const route = (percent: number) =>
  exampleRoute('churn', { challenger: { version: '8', url: 'http://challenger.example', percent } });
const asked = (percent: number) => ({ live, route: route(percent), mode: 'standard' as const });
const tests = (operations: ReturnType<typeof routeOperations>) =>
  operations.filter(({ op }) => op === 'test').map(({ path, value }) => [path, value]);
/** Whatever is written by its place is the one that was meant. */
const NAMES = [
  ['/spec/predictor/name', 'v7'],
  ['/spec/canary/0/predictor/name', 'theirs'],
  ['/spec/canary/1/predictor/name', 'v8'],
];

describe('one patch, all of it or nothing', () => {
  test('an advance is written only to what was read', () => {
    expect(tests(routeOperations(asked(25), false))).toEqual([['/metadata/resourceVersion', '1'], ...NAMES]);
  });

  test('a rollback is written whatever else has changed, and never to another predictor', () => {
    const operations = routeOperations(asked(0), true);
    expect(tests(operations)).toEqual(NAMES);
    expect(operations).toContainEqual({ op: 'add', path: '/spec/canary/1/trafficPercent', value: 0 });
  });

  test('what somebody else wrote stays: annotations one by one, entries by their field', () => {
    const paths = routeOperations(asked(25), false).map(({ path }) => path);
    expect(paths).not.toContain('/metadata/annotations');
    expect(paths).not.toContain('/spec/canary');
    expect(paths).not.toContain('/spec/canary/0/trafficPercent');
  });

  test('giving it back takes the challenger to 0 in the same patch', () => {
    const operations = removeOperations(asked(5));
    expect(operations).toContainEqual({ op: 'add', path: '/spec/canary/1/trafficPercent', value: 0 });
    expect(tests(operations)[0]).toEqual(['/metadata/resourceVersion', '1']);
  });
});

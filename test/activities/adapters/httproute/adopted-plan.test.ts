import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { locate, patchOf, plannedWeights } from '../../../../activities/adapters/httproute/adopted-plan.ts';
import type { HttpRoute, RouteRule } from '../../../../activities/adapters/httproute/objects.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';

const service = (name: string) => ({ name, namespace: 'models', port: 80 });
const pair = { champion: service('a'), challenger: service('b') };
const ourRefs = [
  { name: 'a', port: 80, weight: 90 },
  { name: 'b', port: 80, weight: 10 },
];
const ours: RouteRule = { name: 'model', backendRefs: ourRefs };
const other: RouteRule = { backendRefs: [{ name: 'c', port: 80, weight: 1 }] };
const live = (...rules: RouteRule[]): HttpRoute => ({
  metadata: { name: 'churn', namespace: 'models', resourceVersion: '12', annotations: {} },
  spec: { rules },
});

describe('finding our rule', () => {
  test('wherever it stands, and wherever our two stand in it', () => {
    const refs = fc.shuffledSubarray([...ourRefs, { name: 'c', port: 80, weight: 1 }], { minLength: 3 });
    fc.assert(
      fc.property(fc.nat(3), refs, (index, backendRefs) => {
        const rules = [other, other, other].toSpliced(index, 0, { ...ours, backendRefs });
        const at = locate(live(...rules), pair);
        expect([at.rule, backendRefs[at.champion]?.name, backendRefs[at.challenger]?.name]).toEqual([index, 'a', 'b']);
      }),
    );
  });

  test.each([
    ['none has both', [other], undefined, /no rule has both a and b/],
    ['several have both', [ours, { ...ours, name: 'second' }], undefined, /2 rules have both/],
    ['the named rule has not both', [ours, { ...other, name: 'x' }], 'x', /no rule named x/],
    ['it matches by header', [{ ...ours, matches: [{ headers: [{}] }] }], undefined, /matches by header/],
    [
      'the namespace is another',
      [{ backendRefs: ourRefs.map((ref) => ({ ...ref, namespace: 'x' })) }],
      undefined,
      /no rule/,
    ],
  ])('is refused when %s', (_what, rules, ruleName, said) => {
    expect(() => locate(live(...rules), pair, ruleName)).toThrow(said);
  });
});

describe('the patch', () => {
  const route = exampleRoute('churn');
  const at = locate(live(other, ours), pair);
  const write = { route, weights: plannedWeights(live(other, ours), at, 25), pair };

  test('tests the names and sets both weights, and an advance tests the version', () => {
    const operations = patchOf(live(other, ours), at, write, true);
    expect(operations.slice(0, 6)).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '12' },
      { op: 'test', path: '/spec/rules/1/name', value: 'model' },
      { op: 'test', path: '/spec/rules/1/backendRefs/0/name', value: 'a' },
      { op: 'test', path: '/spec/rules/1/backendRefs/1/name', value: 'b' },
      { op: 'replace', path: '/spec/rules/1/backendRefs/0/weight', value: 75 },
      { op: 'replace', path: '/spec/rules/1/backendRefs/1/weight', value: 25 },
    ]);
  });

  test('touches nothing but two weights and our own annotations, and a rollback tests no version', () => {
    const operations = patchOf(live(other, ours), at, write, false);
    const written = operations.filter(({ op }) => op !== 'test').map((operation) => operation.path);
    expect(written.filter((path) => !/weight$|^\/metadata\/annotations\/understudy~1/.test(path))).toEqual([]);
    expect(operations.map((operation) => operation.path)).not.toContain('/metadata/resourceVersion');
  });

  test('a sum that cannot express the share is refused with the weights that stand', () => {
    const refs = [
      { name: 'a', weight: 1 },
      { name: 'b', weight: 1 },
      { name: 'c', weight: 1 },
    ];
    const coarse = live({ backendRefs: refs });
    expect(() => plannedWeights(coarse, locate(coarse, pair), 5)).toThrow(/our two weights are 1 and 1/);
  });
});

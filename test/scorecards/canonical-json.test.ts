import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../scorecards/canonical-json.ts';

test('keys are sorted and nothing else is changed, as in the example of RFC 8785', () => {
  const given = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(given)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('keys are sorted by UTF-16 code units, as in RFC 8785, section 3.2.3', () => {
  const given = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, ö: 7 };
  expect(Object.values(JSON.parse(canonicalJson(given)) as object)).toHaveLength(7);
  expect([...canonicalJson(given).matchAll(/:(\d)/g)].map(([, value]) => value)).toEqual([
    '2',
    '4',
    '6',
    '7',
    '1',
    '5',
    '3',
  ]);
});

test('two objects with the same fields have one spelling, whatever their order, and it reads back as the same value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (given) => {
      const turned = Object.fromEntries(Object.entries(given).toReversed());
      expect(canonicalJson(turned)).toBe(canonicalJson(given));
      expect(JSON.parse(canonicalJson(given))).toEqual(JSON.parse(JSON.stringify(given)));
    }),
  );
});

test('a field that is undefined is left out', () => {
  expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
});

test.each([
  [{ a: [1, Number.NaN] }, '$.a[1] is NaN'],
  [{ a: Number.POSITIVE_INFINITY }, '$.a is Infinity'],
  [{ a: 1n }, '$.a is a bigint'],
  [[() => 1], '$[0] is a function'],
  [[undefined], '$[0] is a undefined'],
])('what JSON cannot hold is refused with its place: %#', (given, message) => {
  expect(() => canonicalJson(given)).toThrow(message);
});

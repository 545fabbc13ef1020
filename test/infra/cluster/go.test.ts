import { expect, test } from '@jest/globals';
import { isNewEnough } from '../../../infra/cluster/go.ts';

test.each([
  ['go1.24.0\n', true],
  ['go1.26.6', true],
  ['go2.0', true],
  ['go1.27rc1', true],
  ['go1.19.8', false],
  ['go1.9', false],
  ['devel +abc', false],
  ['', false],
])('a machine whose Go says %j builds Kubernetes with it: %s', (version, enough) => {
  expect(isNewEnough(version)).toBe(enough);
});

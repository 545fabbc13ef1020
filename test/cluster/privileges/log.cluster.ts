import { expect, test } from '@jest/globals';
import { refusedTo } from '../audit.ts';
import { auditLines, othersAreDone } from '../cluster.ts';
import { SHIPPED_ACCOUNT } from '../shipped-account.ts';

test('SE5: no suite that works under the shipped Roles asked for anything that they do not grant', async () => {
  await othersAreDone(600_000);
  const lines = await auditLines();
  expect(refusedTo(SHIPPED_ACCOUNT, lines)).toEqual([]);
}, 660_000);

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { boundsOf } from '../../../bench/verdicts/bounds.ts';
import { AUC_WITHIN, compare } from '../../../bench/verdicts/compared.ts';
import { PAGE_FILE, readKept, type KeptVerdicts } from '../../../bench/verdicts/kept-verdicts.ts';
import { describe as pageOf } from '../../../bench/verdicts/page.ts';
import { loadPolicyFile } from '../../../clients/policy-file.ts';
import { packageRoot } from '../../../infra/package-root.ts';

const root = packageRoot();
let kept: KeptVerdicts;
beforeAll(async () => {
  kept = await readKept(root);
});

describe('the verdicts on half a year of flights', () => {
  test('the page is what the script writes from the kept JSON: npm run flights:verdicts -- --page', () => {
    expect(readFileSync(path.join(root, PAGE_FILE), 'utf8')).toBe(pageOf(kept));
  });

  test('EV2: were judged by the bounds that the scorecard of the example has now', async () => {
    const { loaded } = await loadPolicyFile(path.join(root, 'examples/flights/policy.yaml'));
    expect(loaded && boundsOf(loaded.scorecard)).toEqual(kept.bounds);
  });

  test('EV4: by ranking alone weeks 8 to 11 are rejected and week 12 is promoted', () => {
    const verdicts = kept.weeks
      .filter(({ week }) => week >= 8 && week <= 12)
      .map(({ ranking }) => ranking.verdict === 'pass');
    expect(verdicts).toEqual([false, false, false, false, true]);
  });

  test('EV4: the AUC of every candidate lies where the earlier measurement found it', () => {
    const compared = compare(kept.weeks);
    expect(compared.map(({ week }) => week)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
    const gaps = compared.map(({ earlier, now }) => Math.abs(now.auc - earlier.auc));
    expect(Math.max(...gaps)).toBeLessThan(AUC_WITHIN);
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { boundsOf } from '../../../bench/verdicts/bounds.ts';
import { AUC_WITHIN, compare } from '../../../bench/verdicts/compared.ts';
import { PAGE_FILE, readKept, type KeptVerdicts } from '../../../bench/verdicts/kept-verdicts.ts';
import { describe as pageOf, standing } from '../../../bench/verdicts/page.ts';
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

  test('EV4: the champion of each week is the last candidate that passed before it, in both replays', () => {
    const { weeks } = kept;
    const lastOf = (passed: readonly { week: number }[], before: number) => {
      const last = passed.findLast(({ week }) => week < before);
      return last === undefined ? 'January' : `week ${last.week}`;
    };
    const byRanking = weeks.filter(({ ranking }) => ranking.verdict === 'pass');
    const byAll = weeks.filter(({ all }) => all.verdict === 'pass');
    expect(weeks.map(({ ranking }) => ranking.champion)).toEqual(weeks.map(({ week }) => lastOf(byRanking, week)));
    expect(weeks.map(({ all }) => all.champion)).toEqual(weeks.map(({ week }) => lastOf(byAll, week)));
  });

  test('EV1: what passes by all criteria passes each of them, and what does not says what stood against it', () => {
    const open = kept.weeks.map(({ all }) => standing(all.criteria));
    expect(kept.weeks.map(({ all }) => all.verdict === 'pass')).toEqual(open.map((text) => text === ''));
    expect(new Set(kept.weeks.map(({ all }) => all.criteria.length)).size).toBe(1);
  });

  test('the counts of the page add up', () => {
    const counts =
      /Of (\d+) candidates (\d+) are promoted by ranking alone, and (\d+) by all criteria; (\d+) fail and (\d+) are/.exec(
        pageOf(kept),
      );
    const [of, byRanking, passed, failed, inconclusive] = (counts ?? []).slice(1).map(Number);
    expect([of, byRanking]).toEqual([20, kept.weeks.filter(({ ranking }) => ranking.verdict === 'pass').length]);
    expect((passed ?? 0) + (failed ?? 0) + (inconclusive ?? 0)).toBe(of);
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

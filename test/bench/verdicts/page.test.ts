import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { boundsOf } from '../../../bench/verdicts/bounds.ts';
import { AUC_WITHIN, compare, largestGap } from '../../../bench/verdicts/compared.ts';
import { PAGE_FILE, readKept, type KeptVerdicts } from '../../../bench/verdicts/kept-verdicts.ts';
import { describe as pageOf, standing } from '../../../bench/verdicts/page.ts';
import { loadPolicyFile } from '../../../clients/policy-file.ts';
import type { LoadedPolicy } from '../../../clients/policy-file.ts';
import { packageRoot } from '../../../infra/package-root.ts';

const root = packageRoot();
let kept: KeptVerdicts;
beforeAll(async () => {
  kept = await readKept(root);
});

function boundsIn(loaded: LoadedPolicy['loaded']): unknown {
  return loaded && boundsOf(loaded.scorecard);
}

/** Who reigns in a week, given the weeks whose candidate passed. */
function lastOf(passed: readonly { readonly week: number }[], before: number): string {
  const last = passed.findLast(({ week }) => week < before);
  return last === undefined ? 'January' : `week ${last.week}`;
}

describe('the verdicts on half a year of flights', () => {
  test('the page is what the script writes from the kept JSON: npm run flights:verdicts -- --page', () => {
    expect(readFileSync(path.join(root, PAGE_FILE), 'utf8')).toBe(pageOf(kept));
  });

  test('EV2: were judged by the bounds that the scorecard of the example has now', async () => {
    const { loaded } = await loadPolicyFile(path.join(root, 'examples/flights/policy.yaml'));
    expect(boundsIn(loaded)).toEqual(kept.bounds);
  });

  test('EV4: the champion of each week is the last candidate that passed before it, in all three replays', () => {
    const { weeks } = kept;
    const byRanking = weeks.filter(({ ranking }) => ranking.verdict === 'pass');
    const onTenth = weeks.filter(({ tenth }) => tenth);
    const byTenth = onTenth.filter(({ tenth }) => tenth?.verdict === 'pass');
    const byAll = weeks.filter(({ all }) => all.verdict === 'pass');
    expect(weeks.map(({ ranking }) => ranking.champion)).toEqual(weeks.map(({ week }) => lastOf(byRanking, week)));
    expect(onTenth.map(({ tenth }) => tenth?.champion)).toEqual(onTenth.map(({ week }) => lastOf(byTenth, week)));
    expect(weeks.map(({ all }) => all.champion)).toEqual(weeks.map(({ week }) => lastOf(byAll, week)));
  });

  test('EV1: what passes by all criteria passes each of them, and what does not says what stood against it', () => {
    const open = kept.weeks.map(({ all }) => standing(all.criteria));
    expect(kept.weeks.map(({ all }) => all.verdict === 'pass')).toEqual(open.map((text) => text === ''));
    expect(new Set(kept.weeks.map(({ all }) => all.criteria.length)).size).toBe(1);
  });

  test('the counts of the page add up', () => {
    const { weeks } = kept;
    const by = (verdict: string) => weeks.filter(({ all }) => all.verdict === verdict).length;
    const promoted = weeks.filter(({ ranking }) => ranking.verdict === 'pass').length;
    expect(by('pass') + by('fail') + by('inconclusive')).toBe(20);
    expect(pageOf(kept)).toContain(
      `Of 20 candidates ${promoted} are promoted by ranking alone, and ${by('pass')} by all criteria; ${by('fail')} fail and ${by('inconclusive')} are inconclusive.`,
    );
  });

  test('EV4: weeks 8 to 11 are rejected and week 12 is promoted, by ranking as the earlier measurement trained and by all criteria', () => {
    const promoted = new Map(compare(kept.weeks).map(({ tenth, week }) => [week, tenth?.promoted]));
    expect([8, 9, 10, 11, 12].map((week) => promoted.get(week))).toEqual([false, false, false, false, true]);
    const passed = new Map(kept.weeks.map(({ all, week }) => [week, all.verdict === 'pass']));
    expect([8, 9, 10, 11, 12].map((week) => passed.get(week))).toEqual([false, false, false, false, true]);
  });

  test('EV4: the AUC of the candidates lies where the earlier measurement found it', () => {
    expect(kept.weeks.map(({ week }) => week)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
    expect(largestGap(kept.weeks)).toBeLessThan(AUC_WITHIN);
  });
});

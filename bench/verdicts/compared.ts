import { table } from '../../infra/docs/markdown.ts';
import { EARLIER } from './earlier.ts';
import { signed } from './numbers.ts';
import type { ReplayedWeek } from './replay.ts';

/** How far the AUC of a week's candidate may lie from the earlier one, which was trained on every tenth row with other features. */
export const AUC_WITHIN = 0.01;

/** A week of the replay beside the earlier measurement of it. */
export interface Compared {
  readonly week: number;
  readonly earlier: { readonly auc: number; readonly delta: number; readonly promoted: boolean };
  readonly now: { readonly auc: number; readonly delta: number; readonly promoted: boolean };
  readonly agrees: boolean;
}

export function compare(weeks: readonly ReplayedWeek[]): readonly Compared[] {
  return weeks.map(({ candidate, ranking, week }) => {
    const found = EARLIER.find((one) => one.week === week);
    if (!found) throw new Error(`week ${week} was not measured earlier; expected one of ${EARLIER.length} weeks`);
    const now = { auc: candidate, delta: ranking.auc.difference[0], promoted: ranking.verdict === 'pass' };
    const earlier = { auc: found.candidate, delta: found.delta, promoted: found.promoted };
    return { week, earlier, now, agrees: now.promoted === earlier.promoted };
  });
}

const verdict = (promoted: boolean): string => (promoted ? 'promoted' : 'rejected');

/** The section of the page. */
export function comparedWithEarlier(weeks: readonly ReplayedWeek[]): string {
  const compared = compare(weeks);
  const apart = compared.filter(({ agrees }) => !agrees).map(({ week }) => week);
  const gaps = compared.map(({ earlier, now }) => now.auc - earlier.auc);
  const furthest = Math.max(...gaps.map(Math.abs));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const rows = compared.map(({ agrees, earlier, now, week }) => [
    `${week}`,
    earlier.auc.toFixed(4),
    now.auc.toFixed(4),
    signed(now.auc - earlier.auc, 4),
    signed(earlier.delta, 4),
    signed(now.delta, 4),
    verdict(earlier.promoted),
    agrees ? verdict(now.promoted) : `**${verdict(now.promoted)}**`,
  ]);
  const header = [
    'week',
    'AUC, earlier',
    'AUC, now',
    'gap',
    'difference, earlier',
    'difference, now',
    'by ranking, earlier',
    'now',
  ];
  return `## Beside an earlier measurement

The same weeks had been measured before the product stood, by other code: features by another query with its own smoothing, LightGBM trained on every tenth row of
the six weeks, every row of the week scored, DeLong intervals, the same rule of promotion. The AUC of the candidates lies ${signed(mean, 4)} from it on average
and ${furthest.toFixed(4)} at most (a test allows ${AUC_WITHIN}); ${compared.length - apart.length} of ${compared.length} verdicts by ranking are the same${apart.length === 0 ? '' : `, those of weeks ${apart.join(', ')} are not`}.

${table(header, rows)}`;
}

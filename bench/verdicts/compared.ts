import { table } from '../../infra/docs/markdown.ts';
import { EARLIER } from './earlier.ts';
import { signed } from './numbers.ts';
import type { Ranked, ReplayedWeek } from './replay.ts';

/** How far the AUC of a week's candidate may lie from the earlier one, whose features were smoothed in another way. */
export const AUC_WITHIN = 0.01;

interface AucVerdict {
  readonly auc: number;
  readonly delta: number;
  readonly promoted: boolean;
}

/** A week of the replay beside the earlier measurement of it. */
export interface Compared {
  readonly week: number;
  readonly earlier: AucVerdict;
  /** Trained on every tenth row, as the earlier one. */
  readonly now: AucVerdict;
  /** Trained as the policy says. */
  readonly onAllRows: AucVerdict;
  /** Of the first two. */
  readonly agrees: boolean;
}

export function compare(weeks: readonly ReplayedWeek[]): readonly Compared[] {
  return weeks.map(({ ranking, tenth, week }) => {
    const found = EARLIER.find((one) => one.week === week);
    if (!found) throw new Error(`week ${week} was not measured earlier; expected one of ${EARLIER.length} weeks`);
    const of = ({ auc, verdict }: Ranked) => ({
      auc: auc.challenger,
      delta: auc.difference[0],
      promoted: verdict === 'pass',
    });
    const earlier = { auc: found.candidate, delta: found.delta, promoted: found.promoted };
    const now = of(tenth);
    return { week, earlier, now, onAllRows: of(ranking), agrees: now.promoted === earlier.promoted };
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
  const others = compared.filter(({ now, onAllRows }) => now.promoted !== onAllRows.promoted).map(({ week }) => week);
  const rows = compared.map(({ agrees, earlier, now, onAllRows, week }) => [
    `${week}`,
    earlier.auc.toFixed(4),
    now.auc.toFixed(4),
    signed(now.auc - earlier.auc, 4),
    signed(earlier.delta, 4),
    signed(now.delta, 4),
    verdict(earlier.promoted),
    agrees ? verdict(now.promoted) : `**${verdict(now.promoted)}**`,
    onAllRows.promoted === now.promoted ? verdict(onAllRows.promoted) : `**${verdict(onAllRows.promoted)}**`,
  ]);
  const header = ['week', 'AUC, earlier', 'AUC, now', 'gap', 'difference, earlier', 'difference, now'];
  const columns = [...header, 'by ranking, earlier', 'by ranking, now', 'trained on all rows'];
  return `## Beside an earlier measurement

The same weeks had been measured before the product stood, by other code: features by another query with its own smoothing, every row of the week scored, DeLong
intervals, the same rule of promotion, and models trained on every tenth row. For this table a third replay trains on every tenth row, too, by ranking alone. The
AUC of its candidates lies ${signed(mean, 4)} from the earlier one on average and ${furthest.toFixed(4)} at most (a test allows ${AUC_WITHIN}).
${compared.length - apart.length} of ${compared.length} verdicts are the same${weeksText(apart, ', not ')}. With all rows, as the policy trains, the verdicts by ranking
${others.length === 0 ? 'are those of the tenth' : `differ from those of the tenth in ${others.length} weeks${weeksText(others, ': ')}`}. Bold differs from the column to its left.

${table(columns, rows)}`;
}

const weeksText = (weeks: readonly number[], before: string): string =>
  weeks.length === 0 ? '' : `${before}${weeks.length === 1 ? 'week' : 'weeks'} ${weeks.join(', ')}`;

import { table } from '../../infra/docs/markdown.ts';
import { EARLIER } from './earlier.ts';
import { signed } from './numbers.ts';
import type { Ranked, ReplayedWeek } from './replay.ts';

/** How far the AUC of a candidate may lie from the earlier one, trained on as many rows with features of another smoothing. */
export const AUC_WITHIN = 0.005;

interface AucVerdict {
  readonly auc: number;
  readonly delta: number;
  readonly promoted: boolean;
}

/** A week of the replay beside the earlier measurement of it. */
export interface Compared {
  readonly week: number;
  readonly earlier: AucVerdict;
  /** Trained on every tenth row, as the earlier one; absent after the last week that is replayed so. */
  readonly tenth?: AucVerdict;
  /** Trained on all rows, as the policy says. */
  readonly all: AucVerdict;
}

export function compare(weeks: readonly ReplayedWeek[]): readonly Compared[] {
  return weeks.map(({ ranking, tenth, week }) => {
    const found = EARLIER.find((one) => one.week === week);
    if (!found) throw new Error(`week ${week} was not measured earlier; expected one of ${EARLIER.length} weeks`);
    const earlier = { auc: found.candidate, delta: found.delta, promoted: found.promoted };
    return { week, earlier, all: verdictOf(ranking), ...(tenth ? { tenth: verdictOf(tenth) } : {}) };
  });
}

const verdictOf = ({ auc, verdict }: Ranked): AucVerdict => ({
  auc: auc.challenger,
  delta: auc.difference[0],
  promoted: verdict === 'pass',
});

/** The largest distance of an AUC from the earlier one, both trained on a tenth. */
export function largestGap(weeks: readonly ReplayedWeek[]): number {
  const gaps = compare(weeks).flatMap(({ earlier, tenth }) => (tenth ? [Math.abs(tenth.auc - earlier.auc)] : []));
  return Math.max(...gaps);
}

/** The section of the page. */
export function comparedWithEarlier(weeks: readonly ReplayedWeek[]): string {
  const compared = compare(weeks);
  const alike = compared.filter(({ tenth }) => tenth);
  const rows = compared.map(({ all, earlier, tenth, week }) => [
    `${week}`,
    ...[earlier, tenth, all].map((one) => (one ? one.auc.toFixed(4) : '')),
    ...[earlier, tenth, all].map((one) => (one ? signed(one.delta, 4) : '')),
    ...[earlier, tenth, all].map((one) => verdictText(one, earlier)),
  ]);
  const header = ['week', 'AUC, earlier', 'a tenth', 'all rows', 'difference, earlier', 'a tenth', 'all rows'];
  const columns = [...header, 'by ranking, earlier', 'a tenth', 'all rows'];
  return `## Beside an earlier measurement

The same weeks had been measured before the product stood, by other code: features by another query with its own smoothing, every row of the week
scored, DeLong intervals, the same rule of promotion, and models trained on every tenth row. A third replay trains on the same tenth${alike.length < compared.length ? `, up to week ${alike.at(-1)?.week}` : ''}; the
first two train on all rows, as the policy says. The AUC of candidates trained on a tenth lies ${gapsText(alike.map(({ earlier, tenth }) => (tenth?.auc ?? 0) - earlier.auc))}
(a test allows ${AUC_WITHIN}); that of candidates trained on all rows ${gapsText(compared.map(({ all, earlier }) => all.auc - earlier.auc))}: ten times the rows
make the better model.

Of the verdicts by ranking, ${sameText(alike, ({ tenth }) => tenth)} are those of the earlier measurement when trained on a tenth, and ${sameText(compared, ({ all }) => all)} when
trained on all rows. By all criteria weeks 8 to 11 do not pass and week 12
does, as by the earlier ranking. Bold is another verdict than the earlier one.

${table(columns, rows)}
`;
}

function verdictText(one: AucVerdict | undefined, earlier: AucVerdict): string {
  if (!one) return '';
  const text = one.promoted ? 'promoted' : 'rejected';
  return one.promoted === earlier.promoted ? text : `**${text}**`;
}

function gapsText(gaps: readonly number[]): string {
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return `${signed(mean, 4)} from it on average and ${Math.max(...gaps.map(Math.abs)).toFixed(4)} at most`;
}

/** `13 of 14 (all but week 9)`. */
function sameText(compared: readonly Compared[], of: (one: Compared) => AucVerdict | undefined): string {
  const apart = compared.filter((one) => of(one)?.promoted !== one.earlier.promoted).map(({ week }) => week);
  const same = `${compared.length - apart.length} of ${compared.length}`;
  return apart.length === 0 ? same : `${same} (all but ${apart.length === 1 ? 'week' : 'weeks'} ${apart.join(', ')})`;
}

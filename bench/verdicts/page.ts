import { table } from '../../infra/docs/markdown.ts';
import { boundsTable, WHY } from './bounds-table.ts';
import { comparedWithEarlier } from './compared.ts';
import type { KeptFinding, Range } from './judged.ts';
import type { KeptVerdicts } from './kept-verdicts.ts';
import { signed, words } from './numbers.ts';
import type { ReplayedWeek } from './replay.ts';

/** The page out of what the replay kept, and of nothing else. */
export function describe(kept: KeptVerdicts): string {
  const { machine, weeks } = kept;
  return `# Verdicts on half a year of flights

\`npm run flights:verdicts\` wrote this page and \`flights-verdicts.json\` beside it, from which a test writes the page again.

Every week of the [flights](../examples/flights/README.md) from ${weeks[0]?.days[0]} on is replayed as the policy would have lived it: at the end of a
week its candidate, trained on all rows of the six weeks before, and the champion of that time score every flight of the week; the project's
own store measures and its own judge judges by \`examples/flights/scorecard.yaml\`. A candidate that passes is the next week's champion. The first
champion is trained on January. Trainer and data are those of the example, the machine
is ${machine}.
${loadText(kept)}
Week ${weeks.at(-1)?.week} has six days, because the data end.

${countsOf(weeks)}

## The verdicts

By ranking alone a candidate is promoted when the lower 95 % end of its AUC less the champion's lies above −0.002: the relative half of one
criterion. By all criteria, each must hold at the unfavourable end of its interval (latency: at the estimate). The two replays have champions of
their own from the first week on in which they differ, so that a week's two differences may be from different models.

${verdictsTable(weeks)}

What stood against a candidate, worst first: a criterion that fails lies beyond its bound, one that is inconclusive has an interval that reaches beyond it, and
one that is missing could not be measured.

## Every criterion

Against the champion by all criteria; cost as a share of the champion's, recall of the worst weekday; bold did not pass.

${criteriaTable(weeks)}

${boundsSection(kept)}
${comparedWithEarlier(weeks)}`;
}

function countsOf(weeks: readonly ReplayedWeek[]): string {
  const byRanking = weeks.filter(({ ranking }) => ranking.verdict === 'pass').length;
  const of = (verdict: string) => weeks.filter(({ all }) => all.verdict === verdict).length;
  return `Of ${weeks.length} candidates ${byRanking} are promoted by ranking alone, and ${of('pass')} by all criteria; ${of('fail')} fail and ${of('inconclusive')} are inconclusive.`;
}

function loadText({ load }: KeptVerdicts): string {
  if (load === null)
    return '**Latency was not measured** (`--no-load`): the machine had other work, and a load run says more about that than about two models of one shape. All other criteria are judged.';
  return `Latency is a load run on both servers, ${load.ratePerSecond} requests a second to each for ${load.seconds} s, taking turns.`;
}

function verdictsTable(weeks: readonly ReplayedWeek[]): string {
  const header = ['week', 'days', 'flights', 'AUC', 'champion by ranking', 'its AUC', 'difference', 'by ranking'];
  const rows = weeks.map(({ all, days, ranking, rows: flights, week }) => [
    `${week}`,
    days.map((day) => day.slice(5)).join(' … '),
    flights.toLocaleString('en'),
    ranking.auc.challenger.toFixed(4),
    ranking.champion,
    ranking.auc.champion.toFixed(4),
    rangeText(ranking.auc.difference),
    ranking.verdict === 'pass' ? 'promoted' : 'rejected',
    all.champion,
    all.verdict === 'pass' ? '**pass**' : all.verdict,
    standing(all.criteria),
  ]);
  return table([...header, 'champion by all criteria', 'by all criteria', 'what stood against it'], rows);
}

const rangeText = ([value, low, high]: Range): string =>
  `${signed(value, 4)} (${signed(low, 4)} to ${signed(high, 4)})`;

const WORST_FIRST = ['fail', 'missing', 'inconclusive'] as const;

/** `ranking fails; calibration is inconclusive`. */
export function standing(criteria: readonly KeptFinding[]): string {
  const verbs = { fail: 'fails', missing: 'is missing', inconclusive: 'is inconclusive' };
  return WORST_FIRST.flatMap((judged) =>
    criteria
      .filter((one) => one.judged === judged)
      .map(({ criterion, slice }) => `${criterion}${slice === undefined ? '' : ` (${slice})`} ${verbs[judged]}`),
  ).join('; ');
}

/** One column for each criterion, in the scorecard's order. */
function criteriaTable(weeks: readonly ReplayedWeek[]): string {
  const names = weeks[0]?.all.criteria.map(({ criterion }) => criterion) ?? [];
  const rows = weeks.map(({ all, week }) => [
    `${week}`,
    ...names.map((name) => {
      const found = all.criteria.find(({ criterion }) => criterion === name);
      const text = found ? words(found) : '';
      return found?.judged === 'pass' ? text : `**${text}**`;
    }),
  ]);
  return table(['week', ...names], rows);
}

function boundsSection({ before, bounds }: KeptVerdicts): string {
  return `## How the bounds were set

From weeks 3 to 5, before a week of the table was looked at (with one correction, told below): three weeks of training is the least that the policy takes, and week 6 is the first that
is judged. ${before.length} times a model was measured there. _Halves_ are pairs of models trained on two halves of the same rows and judged on the next week, both ways: neither is
better, so what lies between them is what retraining does by luck, and somewhat more, each having half of the rows. _Newer_ pairs are what
a retraining is: the challenger has seen later weeks than the champion. Harm is positive where the challenger is worse; the end is that of the 95 %
interval that is unfavourable to it.

${boundsTable(bounds, before)}

${WHY}
`;
}

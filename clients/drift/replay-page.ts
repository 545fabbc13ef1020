import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import { heatChart } from '../report/charts/heat-chart.ts';
import type { HeatRow } from '../report/charts/heat-chart.ts';
import { escape } from '../report/escape.ts';
import { dailyHeat } from '../report/daily-heat.ts';
import { featureCards } from '../report/feature-cards.ts';
import { fitting } from '../report/fitting.ts';
import { renderPage, section } from '../report/page.ts';
import { overviewTable } from './overview.ts';
import { wordOf } from './replay-table.ts';
import type { Replay, ReplayedAnswer } from './replayed.ts';

const MOST_DAYS = 200;
const MOST_BYTES = 12_000;

/** The replay as one file: what each set of bounds would have done on each day, then the features, worst first. */
export function renderReplayPage(replay: Replay): string {
  const { baseline, bounds, champion, days, features, fired, model, tallies } = replay;
  const [first, last] = [days[0]?.asOf.slice(0, 10) ?? '', days.at(-1)?.asOf.slice(0, 10) ?? ''];
  const whose = champion === undefined ? 'the days' : `what v${champion} was trained on,`;
  const facts = [
    ['days', `${first} to ${last}`],
    ['baseline', `${whose} ${baseline.from.slice(0, 10)} until ${baseline.until.slice(0, 10)}`],
    ...tallies.map((tally) => [
      tally.name,
      `retrains on ${tally.fired} of ${days.length} days in ${tally.stretches} ${tally.stretches === 1 ? 'stretch' : 'stretches'}; ${tally.suppressedSpikes} held back`,
    ]),
  ].map(([name = '', value = '']) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`);
  const body = [
    section('Summary', `<dl>${facts.join('')}</dl>`),
    section('Day by day', strip(replay)),
    section('PSI of the window that ends on each day', dailyHeat(features, bounds)),
    section('Newest window', overviewTable(features)),
    section('Distributions', featureCards(features)),
  ];
  return renderPage({
    title: `${model}: drift replayed`,
    mark: fired > 0 ? '✖' : '✔',
    state: fired > 0 ? 'bad' : 'good',
    why: `The policy would have retrained on ${fired} of ${days.length} days from ${first} to ${last}.`,
    body: body.join('\n'),
    foot: 'understudy drift replay',
  });
}

/** A row for the policy and for each bound that was tried; below it the days that fired, in words. */
function strip({ days, tallies }: Replay): string {
  const drawn = days.slice(-MOST_DAYS);
  const columns = drawn.map(({ asOf }) => asOf.slice(0, 10));
  const rows = tallies.map(({ name }, place): HeatRow => ({
    name,
    levels: drawn.map((day) => levelOf(place === 0 ? day : (day.alternatives[place - 1] ?? day))),
  }));
  const key =
    '<p class="key">pale: quiet · darker: warns, then drifts without lasting · full: retrains or blocks · empty: not judged</p>';
  const fired = days.filter((day) => day.fires || day.suppressedSpike || day.response === 'block');
  const all = fired.map(
    (day) => `<li>${day.asOf.slice(0, 10)} <b>${wordOf(day)}</b> ${escape(visibleReason(day.reason))}</li>`,
  );
  const items = fitting(all, MOST_BYTES);
  const more = fired.length > items.length ? `<li>and ${fired.length - items.length} more days</li>` : '';
  const words =
    items.length === 0
      ? ''
      : `<details><summary>${fired.length} days in words</summary><ul>${items.join('')}${more}</ul></details>`;
  const left = days.length - drawn.length;
  const earlier = left > 0 ? `<p>${left} earlier days are in the JSON document.</p>` : '';
  return `${key}<div class="wide">${heatChart('What each day would have done', columns, rows)}</div>${earlier}${words}`;
}

const visibleReason = (reason: string): string => printable(reason.length > 300 ? `${reason.slice(0, 299)}…` : reason);

function levelOf({ fires, response, suppressedSpike, verdict }: ReplayedAnswer): number | null {
  if (fires || response === 'block') return 4;
  if (suppressedSpike || verdict === 'drift') return 3;
  if (verdict === 'inconclusive') return null;
  return verdict === 'warn' ? 1 : 0;
}

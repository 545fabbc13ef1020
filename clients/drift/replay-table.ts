import { painter } from '../paint.ts';
import { cutTo, pad, renderTable } from '../table.ts';
import { WORD_MARKS } from '../report/feature-cards.ts';
import { STYLES } from './comparison-table.ts';
import type { Replay, ReplayedAnswer, ReplayedDay } from './replayed.ts';

/** A line for each day, then what each set of bounds would have done; on no terminal tab-separated values. */
export function renderReplay(replay: Replay, columns: number | undefined, color: boolean): string {
  const tried = replay.tallies.slice(1).map(({ name }) => name);
  if (columns === undefined) {
    const head = [
      'AS OF',
      'WINDOW',
      'VERDICT',
      'SHARE',
      'PSI',
      'ANSWER',
      ...tried.map((name) => name.toUpperCase()),
      'WHY',
    ];
    return renderTable({ head, rows: replay.days.map(valuesOf) }, columns);
  }
  const paint = painter(color);
  const widths = tried.map((name) => Math.max(name.length, 8));
  const head = `  ${pad('as of', 12)}${pad('verdict', 14)}share  PSI      ${pad('policy', 10)}${tried.map((name, place) => pad(name, (widths[place] ?? 8) + 2)).join('')}`;
  const lines = replay.days.map((day) => {
    const { asOf, reason, score, shares, verdict } = day;
    const cells = [
      paint(STYLES[verdict], WORD_MARKS[verdict]),
      ` ${pad(asOf.slice(0, 10), 12)}`,
      paint(STYLES[verdict], pad(verdict, 14)),
      `${shares.breached.toFixed(2)}   ${score.toFixed(3)}    `,
      painted(day, 10),
      ...day.alternatives.map((answer, place) => painted(answer, (widths[place] ?? 8) + 2)),
    ];
    const used = 2 + 12 + 14 + 7 + 9 + 10 + widths.reduce((sum, width) => sum + width + 2, 0);
    const why = isQuiet(day) || columns - used < 24 ? '' : cutTo(reason, columns - used);
    return `${cells.join('')}${why}`.trimEnd();
  });
  function painted(answer: ReplayedAnswer, width: number): string {
    const word = wordOf(answer);
    return paint(
      answer.fires || answer.response === 'block' ? 'red' : answer.suppressedSpike ? 'yellow' : 'dim',
      pad(word, width),
    );
  }
  return [paint('bold', head.trimEnd()), ...lines, '', ...talliesOf(replay)].join('\n');
}

/** What one set of bounds would have done, a line each. */
function talliesOf({ baseline, champion, days, tallies }: Replay): readonly string[] {
  const whose = champion === undefined ? 'days' : `v${champion}, trained on`;
  const lines = tallies.map(({ fired, name, stretches, suppressedSpikes }) => {
    const runs = stretches === 1 ? '1 stretch' : `${stretches} stretches`;
    const spikes = suppressedSpikes === 1 ? '1 spike' : `${suppressedSpikes} spikes`;
    return `${pad(name, 10)} would have retrained on ${fired} of ${days.length} days, in ${runs}; ${spikes} held back`;
  });
  return [...lines, `against ${whose} ${baseline.from.slice(0, 10)} until ${baseline.until.slice(0, 10)}`];
}

const isQuiet = (day: ReplayedDay): boolean =>
  [day, ...day.alternatives].every(
    ({ fires, response, suppressedSpike }) => !fires && !suppressedSpike && response !== 'block',
  );

export function wordOf({ fires, response, suppressedSpike, verdict }: ReplayedAnswer): string {
  if (response === 'block') return 'block';
  if (fires) return 'retrain';
  if (suppressedSpike) return 'spike';
  return verdict === 'inconclusive' ? '?' : '·';
}

function valuesOf(day: ReplayedDay): readonly string[] {
  const { alternatives, asOf, reason, score, shares, verdict, window } = day;
  const span = `${window.from.slice(0, 10)}…${window.until.slice(0, 10)}`;
  const answers = [day, ...alternatives].map(wordOf);
  return [
    asOf.slice(0, 10),
    span,
    verdict,
    shares.breached.toFixed(2),
    score.toFixed(3),
    ...answers,
    isQuiet(day) ? '' : reason,
  ];
}

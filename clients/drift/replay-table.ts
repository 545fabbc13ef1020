import { painter } from '../paint.ts';
import { cutTo, pad, renderTable } from '../table.ts';
import { WORD_MARKS } from '../report/feature-cards.ts';
import { STYLES } from './comparison-table.ts';
import { limitBar } from './limit-bar.ts';
import type { Replay, ReplayedAnswer, ReplayedDay } from './replayed.ts';

/** Cells of a bar on either side of its limit: a day has more to say than a feature. */
const HALF = 4;
/** Columns that a bar takes, with the space after it. */
const BAR = 2 * HALF + 1 + 2;
const SHORTEST_WHY = 20;

/**
 * A line for each day, its worst PSI with a bar of how near one came to its limit where that fits, then what each set of bounds would have done; on no terminal
 * tab-separated values.
 */
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
  const widths = [9, ...tried.map((name) => Math.max(name.length, 8) + 2)];
  const left = columns - (2 + 12 + 13 + 6 + 7 + widths.reduce((sum, width) => sum + width, 0));
  const hasBar = left >= BAR;
  const room = hasBar ? left - BAR : left;
  const bounds = ['policy', ...tried].map((name, place) => pad(name, widths[place] ?? 0)).join('');
  const head = `  ${pad('as of', 12)}${pad('verdict', 13)}share ${pad('PSI', hasBar ? 7 + BAR : 7)}${bounds}`;
  const lines = replay.days.map((day) => {
    const { alternatives, asOf, reached, reason, score, shares, verdict } = day;
    const cells = [
      paint(STYLES[verdict], WORD_MARKS[verdict]),
      ` ${pad(asOf.slice(0, 10), 12)}`,
      paint(STYLES[verdict], pad(verdict, 13)),
      `${shares.breached.toFixed(2)}  ${score.toFixed(3)}  `,
      hasBar ? `${paint(STYLES[verdict], limitBar(reached, HALF))}  ` : '',
      ...[day, ...alternatives].map((answer, place) => painted(answer, widths[place] ?? 0)),
    ];
    const why = isQuiet(day) || room < SHORTEST_WHY ? '' : cutTo(reason, room);
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

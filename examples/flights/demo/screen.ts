import { stripVTControlCharacters, styleText } from 'node:util';
import type { DriftDay, Happened } from './story.ts';

const started = Date.now();
// Knows NO_COLOR and what the terminal can do.
const isColour = process.stdout.isTTY && process.stdout.hasColors();
const style = (format: Parameters<typeof styleText>[0], text: string) => (isColour ? styleText(format, text) : text);

export function elapsedSeconds(): number {
  return (Date.now() - started) / 1000;
}

export function chapter(title: string): void {
  console.log(`\n${style('bold', title)}  ${style('dim', `${elapsedSeconds().toFixed(0)} s`)}`);
}

export function line(text: string): void {
  console.log(`  ${text}`);
}

/** The daily verdicts of a quiet time, folded: one line per stretch of equal days, spikes by themselves. */
export function driftTable(days: readonly DriftDay[]): void {
  const words = days.map((day) => (day.fires ? 'fires' : day.suppressedSpike ? 'spike' : day.verdict));
  let from = 0;
  for (let index = 1; index <= days.length; index += 1) {
    if (words[index] === words[from]) continue;
    const [first, last] = [days[from], days[index - 1]];
    if (!first || !last) continue;
    const worst = Math.max(...days.slice(from, index).map((day) => day.score));
    const span = first === last ? first.asOf.slice(0, 10) : `${first.asOf.slice(0, 10)} … ${last.asOf.slice(0, 10)}`;
    const word = words[from] ?? '';
    const said =
      word === 'spike'
        ? 'a spike, suppressed: it has not lasted'
        : word === 'fires'
          ? style('bold', 'drift: a check on these days starts a retraining')
          : word;
    line(
      `${span.padEnd(25)} ${String(index - from).padStart(3)} day(s)  worst PSI ${worst.toFixed(2).padStart(5)} ${bar(worst)} ${said}`,
    );
    from = index;
  }
}

function bar(psi: number): string {
  return '█'.repeat(Math.min(20, Math.max(1, Math.round(psi * 10)))).padEnd(20);
}

export function closingTable(rows: readonly Happened[]): void {
  const cells = rows.map((row) => [row.what, row.asOf.slice(0, 10), row.ended, `${row.seconds.toFixed(0)} s`, row.why]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => width(row[column] ?? ''))));
  for (const row of cells) {
    const [what = '', asOf = '', ended = '', took = '', why = ''] = row;
    const columns = [what, asOf, ended, took].map(
      (text, index) => text + ' '.repeat((widths[index] ?? 0) - width(text)),
    );
    line(`${columns.join('  ')}  ${why.length > 110 ? `${why.slice(0, 109)}…` : why}`);
  }
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

import { cutBytes } from '../../scorecards/run-sheet.ts';
import { fitting } from './fitting.ts';
import { STATE_MARKS } from './story.ts';
import type { Fact, FindingRow, LogTail, Story } from './story.ts';

/** For pull requests and chat; longer texts are cut off there. */
const BYTES = 4000;
const LOG_BYTES = 1000;
const ICONS: Readonly<Record<FindingRow['judged'], string>> = { pass: '✔', fail: '✖', inconclusive: '?', missing: '!' };

/** Verdict, the five answers, decision facts and scorecard in GitHub tables; always under 4 KB. */
export function renderMarkdown(story: Story, digest: string): string {
  const fixed = [
    `## ${STATE_MARKS[story.state]} ${cell(story.title)}`,
    '',
    cutBytes(cell(story.why), 600),
    '',
    ...table(['', ''], story.answers.map(shown)),
    '',
    ...table(['fact', 'value'], story.facts.map(shown)),
    '',
    ...log(story.logs.at(-1)),
  ];
  const foot = ['', `report sha256:${digest}`];
  const room = BYTES - bytesOf([...fixed, ...foot]);
  return `${[...fixed, ...scorecard(story.findings, room), ...foot].join('\n')}\n`;
}

/** The tally, as many rows as there is room for, worst first, and a sentence for what did not pass. */
function scorecard(findings: readonly FindingRow[], room: number): string[] {
  if (findings.length === 0) return ['No scorecard was judged.'];
  const tally = [tallyOf(findings), ''];
  const open = findings.filter(({ judged }) => judged !== 'pass');
  const sentences = open.map(({ judged, sentence }) => `- ${ICONS[judged]} ${cutBytes(cell(sentence), 300)}`);
  const why = fitting(sentences, room / 3);
  const told = why.length === 0 ? [] : ['', ...why];
  const rows = findings.map((row) => [ICONS[row.judged], row.criterion, row.champion, row.candidate, row.difference]);
  const head = ['', 'criterion', 'champion', 'candidate', 'difference'];
  for (let count = rows.length; count >= 0; count -= 1) {
    const more = count === rows.length ? [] : ['', `${rows.length - count} more in the full report.`];
    const lines = [...tally, ...table(head, rows.slice(0, count)), ...more, ...told];
    if (bytesOf(lines) <= room) return lines;
  }
  return [`${rows.length} findings in the full report.`];
}

/** `**Scorecard**: 5 of 8 findings hold · ✖ 2 · ? 1` */
function tallyOf(findings: readonly FindingRow[]): string {
  const count = (judged: FindingRow['judged']) => findings.filter((row) => row.judged === judged).length;
  const others = (['fail', 'missing', 'inconclusive'] as const).flatMap((judged) =>
    count(judged) > 0 ? [` · ${ICONS[judged]} ${count(judged)}`] : [],
  );
  return `**Scorecard**: ${count('pass')} of ${findings.length} findings hold${others.join('')}`;
}

/** The end of the last log, indented: nothing that stands in it can end the block or be taken for Markdown. */
function log(tail: LogTail | undefined): string[] {
  if (tail === undefined) return [];
  const end = new TextEncoder().encode(tail.text).slice(-LOG_BYTES);
  const text = new TextDecoder().decode(end).replace(/^\uFFFD+/, '');
  return [cutBytes(cell(tail.whose), 160), '', ...text.split('\n').map((line) => `    ${line}`), ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

function shown([name, value]: Fact): readonly string[] {
  return [name, cutBytes(value, 160)];
}

function cell(text: string): string {
  return (
    text
      .replaceAll('|', String.raw`\|`)
      .replaceAll(/\s*\n\s*/g, ' ')
      // What could begin a tag; "p < 0.001" cannot, and is read in terminals, too.
      .replaceAll(/<(?=[a-z/!?])/gi, '&lt;')
  );
}

function bytesOf(lines: readonly string[]): number {
  return new TextEncoder().encode(lines.join('\n')).length + 1;
}

import stringWidth from 'string-width';
import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import { painter } from '../paint.ts';
import { renderTable } from '../table.ts';
import type { Table } from '../table.ts';
import { findingRows } from './finding-rows.ts';
import { countsOf, factsOf, VERDICT_MARKS, VERDICT_WORDS } from './told.ts';
import type { Judgement } from './told.ts';

const STYLES = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;
const HEAD = ['JUDGED', 'CRITERION', 'METRIC', 'SLICE', 'N', 'CHALLENGER', 'CHAMPION', 'DIFFERENCE', 'ASKED'];

/** The verdict first, then its reasons, every finding, and what it rests on; the table is tab-separated off a terminal. */
export function renderJudgement(judgement: Judgement, columns: number | undefined, color: boolean): string {
  const { scorecard, verdict } = judgement;
  const paint = painter(color);
  const headline = `${VERDICT_MARKS[verdict.verdict]} ${VERDICT_WORDS[verdict.verdict]}`;
  const rows = findingRows(verdict.findings, scorecard).map((row) => [
    row.judged,
    row.criterion,
    row.metric,
    row.slice,
    row.n,
    row.challenger,
    row.champion,
    row.difference,
    row.asked,
  ]);
  const facts = factsOf(judgement);
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    `${paint(STYLES[verdict.verdict], headline)}   ${countsOf(judgement)}`,
    ...verdict.reasons.map((reason) => `  ${printable(reason)}`),
    '',
    ...findingLines({ head: HEAD, rows }, verdict.findings, columns),
    ...(verdict.notApplicable.length > 0
      ? ['', ...verdict.notApplicable.map((text) => `not applicable: ${printable(text)}`)]
      : []),
    '',
    ...facts.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`),
  ].join('\n');
}

/** The table where it fits; cut off it would lack its bounds, so then what holds is told in sentences like the reasons above. */
function findingLines(table: Table, findings: Judgement['verdict']['findings'], columns: number | undefined): string[] {
  const whole = renderTable(table, columns === undefined ? undefined : Infinity);
  const needed = Math.max(...whole.split('\n').map((line) => stringWidth(line)));
  if (columns === undefined || needed <= columns) return [whole];
  const held = findings.filter(({ judged }) => judged === 'pass').map(({ sentence }) => `  ✔ ${printable(sentence)}`);
  return [...held, '', `As a table from ${needed} columns on; --html FILE writes a page with all numbers.`];
}

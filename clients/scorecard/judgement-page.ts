import { escape } from '../report/escape.ts';
import { htmlTable } from '../report/html-table.ts';
import { renderPage, section } from '../report/page.ts';
import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import { findingRows } from './finding-rows.ts';
import { countsOf, factsOf, VERDICT_MARKS, VERDICT_WORDS } from './told.ts';
import type { Judgement } from './told.ts';

/** More would not fit into 300 KB; the worst come first. */
const MOST_FINDINGS = 400;
const MOST_REASONS = 50;

/** The judgement as one file without scripts; the same judgement gives the same bytes. */
export function renderJudgementPage(judgement: Judgement): string {
  const { scorecard, verdict } = judgement;
  const body = [
    section('Why', list(verdict.reasons)),
    section('Criteria', findings(judgement)),
    section('Not applicable', list(verdict.notApplicable)),
    section('Rests on', definitions(judgement)),
  ];
  return renderPage({
    title: `${printable(scorecard.metadata.name)}: ${VERDICT_WORDS[verdict.verdict]}`,
    mark: VERDICT_MARKS[verdict.verdict],
    state: verdict.verdict === 'pass' ? 'good' : 'bad',
    why: printable(`${countsOf(judgement)}. ${verdict.reasons[0] ?? ''}`),
    body: body.filter((part) => part !== '').join('\n'),
    foot: `understudy scorecard run, scorecard sha256:${judgement.digest}`,
  });
}

function findings({ scorecard, verdict }: Judgement): string {
  const rows = findingRows(verdict.findings, scorecard);
  const head = ['', 'criterion', 'rows', 'champion', 'challenger', 'difference', 'asked', 'in words'];
  const cells = rows
    .slice(0, MOST_FINDINGS)
    .map((row) => [
      row.judged,
      printable(row.slice === '' ? row.criterion : `${row.criterion} (${row.slice})`),
      row.n,
      row.champion,
      row.challenger,
      row.difference,
      row.asked,
      printable(row.sentence),
    ]);
  const rest = rows.length - cells.length;
  return `${htmlTable(head, cells)}${rest > 0 ? `<p>${rest} more are in the JSON form.</p>` : ''}`;
}

function list(sentences: readonly string[]): string {
  if (sentences.length === 0) return '';
  const shown = sentences.slice(0, MOST_REASONS).map((text) => `<li>${escape(printable(text))}</li>`);
  const rest = sentences.length - shown.length;
  return `<ul>${shown.join('')}${rest > 0 ? `<li>and ${rest} more</li>` : ''}</ul>`;
}

const definitions = (judgement: Judgement): string =>
  `<dl>${factsOf(judgement)
    .map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(printable(value))}</dd>`)
    .join('')}</dl>`;

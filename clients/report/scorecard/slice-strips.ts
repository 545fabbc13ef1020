import { visible } from '../../../scorecards/diagnostics/diagnostic.ts';
import type { CandidateFinding } from '../../../scorecards/candidate/verdict.ts';
import { counted } from '../../../scorecards/counted.ts';
import { escape } from '../escape.ts';
import { fitting, lazily } from '../fitting.ts';
import { estimateText, unitOf, unitOfBound } from '../quantity.ts';
import { decidingBound, excessOf, worstFirst } from './worst-of.ts';
import { cutText, JUDGED, name, placeOf, sentence } from './words.ts';

const KEY =
  '<p class="key">A box is a slice, or a block of time. The stronger its colour, the nearer to its bound: <b class="s s4">✖</b> beyond it, <b class="s s3">?</b> not certain, <b class="s s5">!</b> not measured, <b class="s s2">✔</b> holds narrowly, <b class="s s0">✔</b> holds well. Δ: candidate minus champion.</p>';
const HEAD =
  '<th scope="col"><span class="v">verdict</span></th><th scope="col">slice</th><th scope="col" class="n">champion</th><th scope="col" class="n">candidate</th><th scope="col" class="n">difference</th><th scope="col">in words</th>';
/** Half-widths of the interval between an estimate and its bound. */
const NARROWLY = 1.5;
const CLEARLY = 3;
const BY_VALUE = new Intl.Collator('en', { numeric: true });

/** A strip of boxes for every criterion that is judged by slice, in the order of their values or of time, and all their sentences. */
export function sliceStrips(findings: readonly CandidateFinding[], bytes: number): string {
  const sliced = findings.filter(({ slice }) => slice !== null);
  if (sliced.length === 0) return '';
  const criteria = [...new Set(sliced.map(({ criterion }) => criterion))];
  const strips = fitting(
    lazily(criteria, (criterion) =>
      strip(
        criterion,
        sliced.filter((one) => one.criterion === criterion),
      ),
    ),
    bytes * 0.35,
  );
  const left = criteria.length - strips.length;
  const more = left > 0 ? `<p>${left} more criteria are in the table below or in the JSON report.</p>` : '';
  return `${KEY}${strips.join('\n')}${more}${sliceTable(sliced, bytes * 0.65)}`;
}

function strip(criterion: string, findings: readonly CandidateFinding[]): string {
  const column = findings[0]?.slice?.column ?? '';
  const inOrder = findings.toSorted((a, b) => BY_VALUE.compare(a.slice?.value ?? '', b.slice?.value ?? ''));
  return `<h4>${name(criterion)} ${escape(cutText(column))}</h4><ol class="strip">${inOrder.map(box).join('')}</ol>`;
}

function box(finding: CandidateFinding): string {
  const { judged, metric, n, slice } = finding;
  const { mark, word } = JUDGED[judged];
  const bound = decidingBound(finding);
  const isChange = bound?.kind === 'noWorseBy' || bound?.kind === 'betterBy';
  const number = bound
    ? `${isChange ? 'Δ ' : ''}${estimateText(bound.found, unitOfBound(metric, bound), { isChange, isShort: true })}`
    : estimateText(finding.challenger, unitOf(metric), { isShort: true });
  const value = slice?.value === null ? 'null' : visible(slice?.value ?? '');
  return `<li class="s s${levelOf(finding)}"><b>${mark}<span class="v"> ${word}</span></b> ${escape(value)}<small>${escape(number === '' ? '–' : number)} · n ${counted(n)}</small></li>`;
}

/** 0 and 1 hold clearly, 2 narrowly, 3 is not certain, 4 beyond the bound, 5 not measured. */
function levelOf(finding: CandidateFinding): number {
  if (finding.judged === 'missing') return 5;
  if (finding.judged === 'fail') return 4;
  if (finding.judged === 'inconclusive') return 3;
  const excess = excessOf(finding);
  if (excess > -NARROWLY) return 2;
  return excess > -CLEARLY ? 1 : 0;
}

/** Every slice with its numbers and its sentence, worst first. */
function sliceTable(findings: readonly CandidateFinding[], bytes: number): string {
  const rows = fitting(lazily(worstFirst(findings), row), bytes);
  const rest = findings.length - rows.length;
  return `<details><summary>every slice in words, worst first</summary><div class="wide"><table><thead><tr>${HEAD}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>${rest > 0 ? `<p>${rest} more are in the JSON report.</p>` : ''}</details>`;
}

function row({ challenger, champion, difference, judged, metric, sentence: text, slice }: CandidateFinding): string {
  const unit = unitOf(metric);
  const numbers = [
    estimateText(champion, unit, { isShort: true }),
    estimateText(challenger, unit, { isShort: true }),
    estimateText(difference, unit, { isChange: true }),
  ].map((number) => `<td class="n">${escape(number)}</td>`);
  return `<tr class="${judged}"><td>${JUDGED[judged].mark}<span class="v"> ${JUDGED[judged].word}</span></td><th scope="row">${slice ? escape(placeOf(slice)) : ''}</th>${numbers.join('')}<td>${sentence(text)}</td></tr>`;
}

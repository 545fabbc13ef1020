import { counted } from '../../scorecards/counted.ts';
import { printable, visible } from '../../scorecards/diagnostics/diagnostic.ts';
import { escape } from '../report/escape.ts';
import { featureCards, WORD_MARKS } from '../report/feature-cards.ts';
import { fitting } from '../report/fitting.ts';
import { renderPage, section } from '../report/page.ts';
import { overviewTable } from './overview.ts';
import type { Comparison } from './comparison.ts';

const MOST_BYTES = 12_000;

/** The comparison as one file: features worst first, each with its histograms and, over several files, its trend. */
export function renderComparisonPage(comparison: Comparison): string {
  const { features, files, leftOut, reasons, rows, share, shares, verdict } = comparison;
  const drifted = features.filter((one) => one.verdict === 'drift' || one.verdict === 'blocked').length;
  const side = (count: number, of: number) => `${counted(count)} rows in ${of} ${of === 1 ? 'file' : 'files'}`;
  const facts = [
    ['baseline', side(rows.baseline, files.baseline)],
    ['current', side(rows.current, files.current)],
    [
      'drifted',
      `${drifted} of ${features.length} features; share ${shares.breached.toFixed(2)}, drift from ${share.toFixed(2)}`,
    ],
  ].map(([name = '', value = '']) => `<dt>${name}</dt><dd>${value}</dd>`);
  const body = [
    section('Summary', `<dl>${facts.join('')}</dl>`),
    section('Features', overviewTable(features)),
    section('Distributions', featureCards(features)),
    section('Not compared', leftOutList(leftOut)),
  ];
  return renderPage({
    title: `drift: ${verdict}`,
    mark: WORD_MARKS[verdict],
    state: verdict === 'steady' ? 'good' : verdict === 'warn' ? 'running' : 'bad',
    why: printable((features[0]?.verdict === 'steady' ? undefined : features[0]?.worst.sentence) ?? reasons[0] ?? ''),
    body: body.join('\n'),
    foot: 'understudy drift compare',
  });
}

function leftOutList(leftOut: Comparison['leftOut']): string {
  if (leftOut.length === 0) return '';
  const all = leftOut.map(({ column, why }) => `<li>${escape(visible(column))}: ${escape(printable(why))}</li>`);
  const items = fitting(all, MOST_BYTES);
  const rest = leftOut.length - items.length;
  return `<ul>${items.join('')}${rest > 0 ? `<li>and ${rest} more</li>` : ''}</ul>`;
}

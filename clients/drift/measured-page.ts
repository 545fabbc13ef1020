import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import type { MeasuredDrift } from '../measure-drift.ts';
import { dailyHeat } from '../report/daily-heat.ts';
import { escape } from '../report/escape.ts';
import { featureCards, WORD_MARKS } from '../report/feature-cards.ts';
import { renderPage, section } from '../report/page.ts';
import { performanceSection } from '../report/performance-section.ts';
import { overviewTable } from './overview.ts';

interface Shown extends MeasuredDrift {
  readonly model: string;
  readonly asOf: string;
  readonly bounds: { readonly warn: number; readonly drift: number };
}

/** What a check would find now, as one file. */
export function renderMeasuredPage(shown: Shown): string {
  const { asOf, baseline, bounds, champion, features, fires, model, reason, shares, verdict, windows } = shown;
  const facts = [
    ['as of', asOf],
    [
      'baseline',
      `what v${champion} was trained on, ${baseline.from.slice(0, 10)} until ${baseline.until.slice(0, 10)}`,
    ],
    ...windows.map((one) => [
      `${one.window.from.slice(0, 10)} until ${one.window.until.slice(0, 10)}`,
      `${WORD_MARKS[one.verdict]} ${one.verdict}`,
    ]),
    ['share', `${shares.breached.toFixed(2)} of the features, by importance`],
    ['a check now', fires ? 'would retrain' : 'would not retrain'],
  ].map(([name = '', value = '']) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`);
  const body = [
    section('Summary', `<dl>${facts.join('')}</dl>`),
    section('Features', overviewTable(features)),
    section('How the champion does', performanceSection(shown.performance)),
    section('PSI of single days', dailyHeat(features, bounds)),
    section('Distributions', featureCards(features)),
  ];
  return renderPage({
    title: `${model}: ${verdict}`,
    mark: WORD_MARKS[verdict],
    state: verdict === 'steady' ? 'good' : verdict === 'warn' ? 'running' : 'bad',
    why: printable(reason),
    body: body.join('\n'),
    foot: 'understudy drift',
  });
}

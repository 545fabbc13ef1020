import type { TrendPoint } from '../../activities/drift-pictures.ts';
import { printable, visible } from '../../scorecards/diagnostics/diagnostic.ts';
import type { Picture } from '../../scorecards/drift/picture.ts';
import type { DriftFinding, DriftWord } from '../../scorecards/drift/verdict.ts';
import { histogramChart, percent, sharesOf } from './charts/histogram-chart.ts';
import { trendChart } from './charts/trend-chart.ts';
import { escape } from './escape.ts';
import { fitting, lazily } from './fitting.ts';

/** What a card tells of one feature. */
export interface FeatureStory {
  readonly column: string;
  readonly verdict: DriftWord;
  readonly worst: DriftFinding;
  readonly findings: readonly DriftFinding[];
  readonly picture?: Picture;
  readonly trend: readonly TrendPoint[];
}

export const WORD_MARKS: Readonly<Record<DriftWord, string>> = {
  blocked: '✖',
  drift: '✖',
  inconclusive: '?',
  warn: '!',
  steady: '✔',
};

/** All cards together have so many bytes at most; a page holds 300 KB. */
const MOST_BYTES = 218_000;
/** Sentences of slices that one card shows. */
const MOST_SLICES = 20;
const KEY = '<p class="key"><i></i>baseline<i class="is"></i>current</p>';

/** A card for each feature, in their order, until there is no more room; then it is said how many have none. */
export function featureCards(stories: readonly FeatureStory[], bytes: number = MOST_BYTES): string {
  const cards = fitting(lazily(stories, featureCard), bytes);
  const rest = stories.length - cards.length;
  const more = rest > 0 ? `<p>${rest} more features are in the JSON document.</p>` : '';
  return stories.length === 0 ? '' : `${KEY}<div class="cards">${cards.join('\n')}</div>${more}`;
}

/** Features whose card the overview can link to. */
export const anchorOf = (place: number): string => `f${place + 1}`;

function featureCard({ column, findings, picture, trend, verdict, worst }: FeatureStory, place: number): string {
  const psi = findings.find(({ criterion }) => criterion.metric === 'psi')?.criterion;
  const chart = picture ? histogramChart(picture) : '';
  const over = trendChart(trend, { warn: psi?.warn ?? 0.1, limit: psi?.limit ?? 0.2 });
  const sentence = worst.sentence.startsWith(`${column}: `) ? worst.sentence.slice(column.length + 2) : worst.sentence;
  return `<article class="card ${verdict}" id="${anchorOf(place)}"><h3><span class="mark">${WORD_MARKS[verdict]}</span> ${escape(visible(column))}</h3><p>${escape(printable(sentence))}</p>${chart}${over}${picture ? numbersOf(picture) : ''}${slicesOf(findings)}</article>`;
}

/** What was found in slices: the raised and the unjudged with their sentences, the calm by their number. */
function slicesOf(findings: readonly DriftFinding[]): string {
  const own = findings.filter(({ criterion }) => criterion.slice.length > 0);
  if (own.length === 0) return '';
  const raised = own.filter(({ judged, level }) => judged === 'fail' || level !== 'none');
  const unjudged = own.filter(({ judged }) => judged === 'inconclusive' || judged === 'missing');
  // Two distances of a slice that is too small say the same.
  const told = [...new Set([...raised, ...unjudged].map(({ sentence }) => escape(printable(sentence))))];
  const more = told.length > MOST_SLICES ? `\n${told.length - MOST_SLICES} more are in the JSON document.` : '';
  const counts = `in slices: ${raised.length} raised, ${unjudged.length} not judged, of ${own.length} findings`;
  return `<details><summary>${counts}</summary><pre>${told.slice(0, MOST_SLICES).join('\n')}${more}</pre></details>`;
}

/** The chart's own numbers, for whoever reads no pictures. */
function numbersOf(picture: Picture): string {
  // The rows of categories stand in their chart already.
  if (picture.bars.length === 0 || picture.as === 'categories') return '';
  const rows = picture.bars.map((bar) => {
    const { baseline, current } = sharesOf(bar, picture);
    // Each bar ends where the next begins, so one edge says both.
    return `${escape(visible(bar.label.split(' to ')[0] ?? ''))}\t${percent(baseline)}\t${percent(current)}`;
  });
  return `<details><summary>numbers</summary><pre>from\tbaseline\tcurrent\n${rows.join('\n')}</pre></details>`;
}

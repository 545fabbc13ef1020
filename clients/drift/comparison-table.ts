import { isShareOfGaps } from '../../scorecards/drift/gaps.ts';
import stringWidth from 'string-width';
import { printable, visible } from '../../scorecards/diagnostics/diagnostic.ts';
import { counted } from '../../scorecards/counted.ts';
import type { Bar, Picture } from '../../scorecards/drift/picture.ts';
import type { DriftFinding, DriftWord } from '../../scorecards/drift/verdict.ts';
import { painter } from '../paint.ts';
import type { Paint, Style } from '../paint.ts';
import { cutTo, pad, renderTable } from '../table.ts';
import { WORD_MARKS } from '../report/feature-cards.ts';
import type { FeatureStory } from '../report/feature-cards.ts';
import { reachedOf } from '../report/worst-first.ts';
import type { Comparison } from './comparison.ts';
import { HALF_BAR, limitBar } from './limit-bar.ts';

export const STYLES: Readonly<Record<DriftWord, Style>> = {
  blocked: 'red',
  drift: 'red',
  inconclusive: 'yellow',
  warn: 'yellow',
  steady: 'green',
};
const METRICS: Partial<Record<string, string>> = {
  psi: 'PSI',
  ks: 'KS',
  cramersV: 'V',
  jsDistance: 'JS',
  kl: 'KL',
  nullRate: 'nulls',
  nonFiniteRate: 'non-finite',
};

/** Features, worst first, with bars; on no terminal tab-separated values for other programs. */
export function renderComparison(comparison: Comparison, columns: number | undefined, color: boolean): string {
  if (columns === undefined) return renderTable({ head: HEAD, rows: comparison.features.map(valuesOf) }, columns);
  const lines = featureLines(comparison.features, columns, color);
  return [...summaryOf(comparison, painter(color)), '', ...lines, ...wordsOf(comparison, columns)].join('\n');
}

/** A line with bars for each feature, in their order. */
export function featureLines(features: readonly FeatureStory[], columns: number, color: boolean): readonly string[] {
  const paint = painter(color);
  const shapes = Math.max(0, ...features.map(({ picture }) => Math.min(MOST_SPARKS, picture?.bars.length ?? 0)));
  const name = Math.max(7, Math.min(28, Math.max(0, ...features.map(({ column }) => stringWidth(shownName(column))))));
  return features.map((feature) => lineOf(feature, { name, shapes, columns, paint }));
}

const HEAD = ['FEATURE', 'VERDICT', 'METRIC', 'VALUE', 'LIMIT', 'P', 'BASELINE ROWS', 'CURRENT ROWS', 'WHY'];

function valuesOf({ column, verdict, worst }: FeatureStory): readonly string[] {
  const { criterion, measurement, sentence } = worst;
  const { n, p, value } = measurement ?? {};
  return [
    column,
    verdict,
    criterion.metric,
    value === undefined ? '' : String(Number(value.toPrecision(6))),
    String(criterion.limit),
    p === undefined ? '' : String(Number(p.adjusted.toPrecision(3))),
    n === undefined ? '' : String(n.baseline),
    n === undefined ? '' : String(n.current),
    sentence,
  ];
}

function summaryOf(comparison: Comparison, paint: Paint): readonly string[] {
  const { features, files, rows, share, shares, verdict } = comparison;
  const drifted = features.filter((one) => one.verdict === 'drift' || one.verdict === 'blocked').length;
  const bound = `share ${shares.breached.toFixed(2)}, drift from ${share.toFixed(2)}`;
  const side = (count: number, of: number) => `${counted(count)} rows in ${of} ${of === 1 ? 'file' : 'files'}`;
  return [
    `${paint(STYLES[verdict], `${WORD_MARKS[verdict]} ${verdict}`)}   ${drifted} of ${features.length} features drifted (${bound})`,
    `baseline ${side(rows.baseline, files.baseline)}; current ${side(rows.current, files.current)}`,
  ];
}

function lineOf(
  { column, picture, verdict, worst }: FeatureStory,
  look: { readonly name: number; readonly shapes: number; readonly columns: number; readonly paint: Paint },
): string {
  const style = STYLES[verdict];
  const name = pad(shownName(column), look.name);
  const plain = (text: string, width: number) => pad(text, width);
  const [left, right] = [spark(picture, 'baseline'), spark(picture, 'current')];
  const room = look.columns - (look.name + 4 + 13 + 2 * HALF_BAR + 1 + 3);
  const width = 2 * look.shapes + 2;
  const shape = `${look.paint('cyan', plain(left, look.shapes))}  ${look.paint(style, plain(right, look.shapes))}`;
  const note = room > width + 12 ? `  ${cutTo(noteOf(picture, worst), room - width - 2)}` : '';
  return [
    look.paint(style, WORD_MARKS[verdict]),
    ` ${name}  `,
    plain(valueOf(worst), 13),
    look.paint(style, limitBar(reachedOf(worst))),
    room > width ? `   ${shape}` : '',
    note,
  ]
    .join('')
    .trimEnd();
}

const shownName = (column: string): string => cutTo(visible(column), 28);

/** `PSI 0.243`, `nulls 3.1 %`, `schema`, `missing`. */
export function valueOf({ criterion, judged, measurement }: DriftFinding): string {
  const metric = METRICS[criterion.metric] ?? criterion.metric;
  if (!measurement || criterion.metric === 'schema')
    return judged === 'pass' ? metric : judged === 'fail' ? 'schema' : judged;
  if (isShareOfGaps(criterion.metric)) return `${metric} ${(measurement.value * 100).toFixed(1)} %`;
  return `${metric} ${measurement.value.toFixed(3)}`;
}

const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const MOST_SPARKS = 20;

/** One side's shares as a line of little columns; both sides of a feature have one scale. */
function spark(picture: Picture | undefined, side: 'baseline' | 'current'): string {
  const bars = picture?.bars.slice(0, MOST_SPARKS) ?? [];
  const shareOf = (bar: Bar, of: 'baseline' | 'current') => bar[of] / Math.max(1, picture?.rows[of] ?? 1);
  const top = Math.max(...bars.flatMap((bar) => [shareOf(bar, 'baseline'), shareOf(bar, 'current')]), 1e-9);
  return bars
    .map((bar) => (bar[side] > 0 ? HEIGHTS[Math.min(7, Math.floor((shareOf(bar, side) / top) * 7.999))] : ' '))
    .join('');
}

function noteOf(picture: Picture | undefined, worst: DriftFinding): string {
  if (!picture || worst.judged === 'missing') return '';
  const { bars, medians, rows } = picture;
  if (medians) return `median ${mediansOf(picture)}`;
  const share = (bar: Bar, side: 'baseline' | 'current') => bar[side] / Math.max(1, rows[side]);
  const moved = bars.filter(({ apart }) => apart !== 'others').toSorted((a, b) => change(b) - change(a))[0];
  function change(bar: Bar): number {
    return Math.abs(share(bar, 'current') - share(bar, 'baseline'));
  }
  const percent = (value: number) => `${Number((value * 100).toFixed(1))} %`;
  return moved
    ? `${visible(moved.label)} ${percent(share(moved, 'baseline'))} → ${percent(share(moved, 'current'))}`
    : '';
}

/** `3.2 → 4.1`: a thousandth of the range is as fine as anybody looks; empty where there is no median. */
export function mediansOf({ medians, range }: Picture): string {
  if (!medians) return '';
  const { baseline, current } = medians;
  const reach =
    range && range.high > range.low ? range.high - range.low : Math.max(Math.abs(baseline), Math.abs(current));
  const decimals = reach > 0 ? Math.max(0, Math.min(100, 3 - Math.floor(Math.log10(reach)))) : 0;
  const text = (value: number) => String(Number(value.toFixed(decimals)) + 0);
  return `${text(baseline)} → ${text(current)}`;
}

const MOST_WORDS = 20;

/** One sentence for every feature that is not steady, then what was left out. */
function wordsOf({ features, leftOut, reasons }: Comparison, columns: number): readonly string[] {
  const raised = features.filter(({ verdict }) => verdict !== 'steady').map(({ worst }) => worst.sentence);
  const sentences = raised.length === 0 ? reasons : raised.slice(0, MOST_WORDS);
  const out = leftOut.map(({ column, why }) => `${visible(column)} (${why})`);
  return [
    '',
    ...sentences.map(printable),
    ...(raised.length > MOST_WORDS ? [`And ${raised.length - MOST_WORDS} more: -o json has all.`] : []),
    ...(out.length > 0 ? ['', cutTo(`not compared: ${out.join(', ')}`, Math.max(columns, 200))] : []),
  ];
}

import { counted } from '../counted.ts';
import { sliceText } from '../parts.ts';
import { numberText, percentText } from '../performance/sentence.ts';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts';
import { chiSquareTail } from '../statistics/chi-square-tail.ts';
import type { SampleMoments } from '../statistics/paired-means.ts';
import type { Slice } from '../vocabulary.ts';
import { SEARCH } from './weak-cell.ts';
import type { LossCell, LossCells } from './weak-cell.ts';

/** Of the cells that are told at most this share is expected to be chance. */
const FALSE_DISCOVERIES = 0.05;
/** A weakness is told from a tenth of the loss on all rows: with many rows less than that is certain, and no news. Chosen. */
const LEAST_EFFECT = 0.1;
/** Worst first. */
const SHOWN = 5;

type Question = 'rest' | 'champion';
interface Tested {
  readonly cell: LossCell;
  readonly question: Question;
  readonly p: number;
}

/** What a search over slices found. None of it has a say in the verdict. */
export interface WeakSlices {
  readonly warnings: readonly string[];
  /** How much was looked at, and what the caps left out. */
  readonly note: string;
}

/**
 * Where the challenger is weak though nobody asked: cells of one or two slices in which it costs more than on all other rows
 * (Welch's z), or more than the champion on the same rows (z of the paired difference). A cell of two must besides be worse than
 * the rest of either of its slices: its p is the largest of the three. All p are adjusted together (Benjamini-Hochberg at 5 %). A
 * slice is told only where none of its pairs carries it, and not in the columns of `declared`, which are judged elsewhere. Ranked
 * by effect × rows. After Chung et al., Slice Finder, ICDE 2019. No rows, no cells or no loss: no warnings.
 */
export function weakestSlices(found: LossCells, declared: readonly string[]): WeakSlices {
  const { all, cells } = found;
  const known = new Map(cells.map((cell) => [keyOf(cell.slices), cell]));
  const widerThan = ({ slices }: LossCell): readonly LossCell[] =>
    slices.length < 2 ? [] : slices.flatMap((slice) => known.get(keyOf([slice])) ?? []);
  const questions = all.difference === undefined ? (['rest'] as const) : (['rest', 'champion'] as const);
  const tests = cells.flatMap((cell) =>
    questions.flatMap((question) => testCell({ cell, question }, { all, wider: widerThan(cell) })),
  );
  const adjusted = benjaminiHochberg(tests.map(({ p }) => p));
  const weak = tests
    .map((test, place) => ({ ...test, p: adjusted[place] ?? 1 }))
    .filter((test) => test.p <= FALSE_DISCOVERIES)
    .filter((test) => [all, ...widerThan(test.cell)].every((than) => isWorse(test, than, all)));
  const told = weak
    .filter((test) => !isCarried(test, weak, all))
    .filter(({ cell: { slices } }) => slices.length > 1 || !slices.some(({ column }) => declared.includes(column)))
    .toSorted((a, b) => weightOf(b, all) - weightOf(a, all));
  const more = told.length > SHOWN ? [`${counted(told.length - SHOWN)} more weak slices are not shown.`] : [];
  return {
    warnings: [...told.slice(0, SHOWN).map((test) => tell(test, all)), ...more],
    note: noteOf(found, tests.length),
  };
}

const keyOf = (slices: readonly Slice[]): string => JSON.stringify(slices.map(({ column, value }) => [column, value]));

/** One-sided; what is all of a wider cell, or one row of it, is no test. */
function testCell(
  { cell, question }: Omit<Tested, 'p'>,
  { all, wider }: { readonly all: LossCell; readonly wider: readonly LossCell[] },
): readonly Tested[] {
  const ps = [...(question === 'rest' ? [all] : []), ...wider].map((than) => tailAgainst(question, cell, than));
  const own = momentsOf(question, cell);
  if (question === 'champion') ps.push(upperTail(own.mean, own.variance / cell.rows));
  const known = ps.filter((p) => p !== undefined);
  return known.length < ps.length || cell.rows < 2 ? [] : [{ cell, question, p: Math.max(...known) }];
}

/** Does the cell cost more than the rows of a wider one that are outside it? */
function tailAgainst(question: Question, cell: LossCell, wider: LossCell): number | undefined {
  const others = wider.rows - cell.rows;
  if (others < 2) return undefined;
  const own = momentsOf(question, cell);
  const rest = without(momentsOf(question, wider), wider.rows, own, cell.rows);
  return upperTail(own.mean - rest.mean, own.variance / cell.rows + rest.variance / others);
}

/** P(Z >= mean / √variance); without variance whatever is above zero is certain. */
function upperTail(mean: number, variance: number): number {
  if (variance <= 0) return mean > 0 ? 0 : 1;
  const half = chiSquareTail((mean * mean) / variance, 1) / 2;
  return mean > 0 ? half : 1 - half;
}

/** Mean and variance of the rows of `all` that are not in `part`. */
function without(all: SampleMoments, rows: number, part: SampleMoments, partRows: number): SampleMoments {
  const left = rows - partRows;
  const mean = (all.mean * rows - part.mean * partRows) / left;
  const squares = squaresOf(all, rows) - squaresOf(part, partRows);
  return { mean, variance: Math.max(0, (squares - left * mean * mean) / (left - 1)) };
}

const squaresOf = ({ mean, variance }: SampleMoments, rows: number): number =>
  variance * (rows - 1) + rows * mean * mean;

const NOTHING: SampleMoments = { mean: 0, variance: 0 };
/** What the question is about, in the cell. */
const momentsOf = (question: Question, { difference = NOTHING, loss }: LossCell): SampleMoments =>
  question === 'rest' ? loss : difference;

/** Worse than `than` by what is worth telling. */
const isWorse = ({ cell, question }: Omit<Tested, 'p'>, than: LossCell, all: LossCell): boolean => {
  const least = LEAST_EFFECT * all.loss.mean;
  return least > 0 && momentsOf(question, cell).mean - momentsOf(question, than).mean >= least;
};

/** Whether the rows of a slice are not weak any more once those of one of its weak pairs are taken away. */
function isCarried({ cell, question }: Tested, weak: readonly Tested[], all: LossCell): boolean {
  return weak.some(({ cell: pair, question: same }) => {
    const left = cell.rows - pair.rows;
    if (same !== question || left <= 0 || !isWithin(pair, cell)) return false;
    const [own, inner] = [momentsOf(question, cell), momentsOf(question, pair)];
    const mean = (own.mean * cell.rows - inner.mean * pair.rows) / left;
    return mean - momentsOf(question, all).mean < LEAST_EFFECT * all.loss.mean;
  });
}

const isWithin = (inner: LossCell, outer: LossCell): boolean =>
  inner.slices.length > outer.slices.length &&
  outer.slices.every((slice) => inner.slices.some((one) => one.column === slice.column && one.value === slice.value));

const weightOf = ({ cell, question }: Tested, all: LossCell): number =>
  (momentsOf(question, cell).mean - momentsOf(question, all).mean) * cell.rows;

function tell({ cell, p, question }: Tested, all: LossCell): string {
  const { difference, loss, rows, slices } = cell;
  const against =
    question === 'rest'
      ? `${numberText(without(all.loss, all.rows, loss, rows).mean)} on all other rows`
      : `the champion's ${numberText(loss.mean - (difference?.mean ?? 0))} on the same rows`;
  const chance = p < 0.001 ? 'p < 0.001' : `p ${p.toFixed(3)}`;
  return `Weak where ${slices.map(sliceText).join(' and ')}: a row costs ${numberText(loss.mean)} against ${against} (n ${counted(rows)}, adjusted ${chance}).`;
}

function noteOf({ cells, columns, leftOut }: LossCells, tests: number): string {
  const searched = `Weak slices were searched in ${counted(cells.length)} cells of one or two of ${columns.length} slice columns, of at least ${SEARCH.minimum} rows each (${counted(tests)} comparisons, Benjamini-Hochberg at ${percentText(FALSE_DISCOVERIES)}); they only warn.`;
  const unread = leftOut.columns.length > 0 ? [`Columns beyond ${SEARCH.columns}: ${leftOut.columns.join(', ')}.`] : [];
  const cut =
    leftOut.values.length > 0
      ? [`Only the ${SEARCH.values} most frequent values of ${leftOut.values.join(', ')}.`]
      : [];
  return [searched, ...[...unread, ...cut].map((text) => `Not searched in full: ${text}`)].join(' ');
}

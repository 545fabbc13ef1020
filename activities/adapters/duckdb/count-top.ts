import { doubleAt, wholeAt } from './array-items.ts';
import { addFlag, flagCounts, flagRows, kindOf, type FlagCounts, type FlagRow } from './count-flags.ts';
import { classesOf, type CodedChunk, type GroupRanks, type ModelRanks } from './count-ranks.ts';
import { isOneScore } from './score-codes.ts';

/** A row that a model flags or not depending on the order within one code. */
interface Undecided {
  readonly place: number;
  readonly y: number;
  readonly scores: readonly number[];
  readonly codes: readonly number[];
}

/** Where the k highest of one slice end, in one model's codes. */
interface End {
  /** This code and higher ones are flagged. */
  readonly from: number;
  /** Of this one so many rows are flagged, and those that tie with the last of them; −1: of none only some. */
  readonly part: number;
  readonly rows: number;
}

/** Nothing is flagged, as without a champion. */
const NOWHERE: End = { from: Number.POSITIVE_INFINITY, part: -1, rows: 0 };

/** The k highest rows of each slice, as flags of both models. */
export interface TopCounts {
  readonly ranks: GroupRanks;
  readonly ends: readonly (readonly End[])[];
  readonly counts: FlagCounts;
  readonly undecided: Undecided[];
}

/** A k below 1 is a share of the slice's rows, rounded up. */
export function topCounts(ranks: GroupRanks, k: number): TopCounts {
  const ends = ranks.models.map((model) => ranks.group.values.map((_, place) => endOf(ranks, model, { place, k })));
  return { ranks, ends, counts: flagCounts(ranks.group.values.length), undecided: [] };
}

function endOf(ranks: GroupRanks, model: ModelRanks, { place, k }: { place: number; k: number }): End {
  const { negative, positive } = classesOf(ranks, model, place);
  const rowsOf = (code: number): number => (negative[code] ?? 0) + (positive[code] ?? 0);
  let total = 0;
  for (let code = 0; code < ranks.codes; code += 1) total += rowsOf(code);
  // 7 % of 100 are 7 rows: a product of doubles would be a little more, and rounded up to 8.
  const wanted = k < 1 ? Math.ceil(Number((k * total).toPrecision(15))) : k;
  const isTie = isOneScore(ranks.shift);
  let above = 0;
  for (let code = ranks.codes - 1; code >= 0; code -= 1) {
    const rows = rowsOf(code);
    if (above >= wanted) return { from: code + 1, part: -1, rows: 0 };
    if (above + rows > wanted && !isTie(code)) return { from: code + 1, part: code, rows: wanted - above };
    above += rows;
  }
  return { from: 0, part: -1, rows: 0 };
}

/** Counts rows; those whose flag depends on the order within a code are kept. */
export function countTop({ counts, ends, ranks, undecided }: TopCounts, chunk: CodedChunk): void {
  const { group, shift } = ranks;
  const [first = [], second] = ends;
  const [codesA = chunk.cells, codesB = codesA] = chunk.codes;
  for (let row = 0; row < chunk.rows; row += 1) {
    const place = wholeAt(group.placeOf, wholeAt(chunk.cells, row));
    const a = wholeAt(codesA, row) >> shift;
    const b = wholeAt(codesB, row) >> shift;
    const endA = first[place] ?? NOWHERE;
    const endB = second?.[place] ?? NOWHERE;
    const y = doubleAt(chunk.y, row);
    if (a === endA.part || b === endB.part)
      undecided.push({ place, y, codes: [a, b], scores: chunk.scores.map((scores) => doubleAt(scores, row)) });
    else addFlag(counts, place * 8 + kindOf(y, a >= endA.from, b >= endB.from), y);
  }
}

/** The rows of each slice by label and flags. */
export function topRows({ counts, ends, ranks, undecided }: TopCounts): readonly FlagRow[] {
  const { values } = ranks.group;
  const lasts = ends.map((ofSlices, model) =>
    ofSlices.map(({ part, rows }, place) =>
      lastFlagged(
        undecided.flatMap((row) => (row.place === place && row.codes[model] === part ? [row.scores[model] ?? 0] : [])),
        rows,
      ),
    ),
  );
  for (const { place, y, codes, scores } of undecided) {
    const flags = ends.map((ofSlices, model) => {
      const end = ofSlices[place];
      const code = codes[model] ?? 0;
      if (end?.part === code) return (scores[model] ?? 0) >= (lasts[model]?.[place] ?? Number.POSITIVE_INFINITY);
      return code >= (end?.from ?? 0);
    });
    addFlag(counts, place * 8 + kindOf(y, flags[0] ?? false, flags[1] ?? false), y);
  }
  return flagRows(counts, { values, placeOf: Int32Array.from(values.keys()) });
}

function lastFlagged(scores: number[], rows: number): number {
  return scores.sort((a, b) => b - a)[rows - 1] ?? Number.POSITIVE_INFINITY;
}

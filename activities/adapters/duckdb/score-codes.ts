/** Ordered whole numbers in place of scores. An odd code is one score exactly; an even one is what lies between two of those. */
export interface ScoreCodes {
  /** How many there are: 0 … codes − 1. */
  readonly codes: number;
  /** Writes the codes of the first `rows` scores. */
  encode(scores: Float64Array, rows: number, into: Int32Array): void;
}

/** More marks than this are thinned: 2¹⁶ leave about 1/131,072 of an area under a curve open. */
const MOST_MARKS = 65_536;
const CELLS = 65_536;

/** Codes around some of the scores, ascending; with every score that occurs among them nothing is lost. */
export function codesOf(sample: Float64Array): ScoreCodes {
  const marks = thinned(sample);
  const [least, most] = [marks[0] ?? 0, marks.at(-1) ?? 0];
  const scale = most > least ? (CELLS - 1) / (most - least) : 0;
  const cellOf = (score: number): number =>
    scale === 0 ? 0 : Math.floor(Math.min(CELLS - 1, Math.max(0, (score - least) * scale)));
  // Of each of many equal cells the marks before it: a search then looks at few marks.
  const starts = new Int32Array(CELLS + 1);
  for (const mark of marks) starts[cellOf(mark) + 1] = (starts[cellOf(mark) + 1] ?? 0) + 1;
  for (let cell = 0; cell < CELLS; cell += 1) starts[cell + 1] = (starts[cell + 1] ?? 0) + (starts[cell] ?? 0);
  return {
    codes: 2 * marks.length + 1,
    encode(scores, rows, into) {
      for (let row = 0; row < rows; row += 1) {
        const score = scores[row] ?? 0;
        const cell = cellOf(score);
        let low = starts[cell] ?? 0;
        let high = starts[cell + 1] ?? 0;
        while (low < high) {
          const middle = (low + high) >> 1;
          if ((marks[middle] ?? 0) <= score) low = middle + 1;
          else high = middle;
        }
        into[row] = low > 0 && marks[low - 1] === score ? 2 * low - 1 : 2 * low;
      }
    },
  };
}

/** Different scores, at most so many, evenly by rows. */
function thinned(sample: Float64Array): Float64Array {
  const different = sample.filter((score, place) => place === 0 || score !== sample[place - 1]);
  if (different.length <= MOST_MARKS) return different;
  const step = sample.length / MOST_MARKS;
  const even = Float64Array.from({ length: MOST_MARKS }, (_, mark) => sample[Math.floor((mark + 0.5) * step)] ?? 0);
  return even.filter((score, place) => place === 0 || score !== even[place - 1]);
}

/** Whether all rows of a code have the same score, when codes are merged by `shift` bits. */
export const isOneScore =
  (shift: number) =>
  (code: number): boolean =>
    shift === 0 && code % 2 === 1;

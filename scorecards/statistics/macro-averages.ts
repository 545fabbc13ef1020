import { normalPair, SHARE, type PairedEstimates } from './paired-estimates.ts';

/** Rows with the same label, the same class said by the challenger, and the same said by the champion. */
export interface ClassCell {
  readonly label: string;
  readonly challenger: string;
  /** Undefined without a champion. */
  readonly champion?: string | undefined;
  readonly rows: number;
}

export type MacroMetric = 'macroF1' | 'macroPrecision' | 'macroRecall';

/** The estimates, or undefined with fewer than two rows. */
export interface MacroMeasurement {
  /** Rows of the class with the fewest labels: it weighs as much as any other. 0 without rows. */
  readonly n: number;
  /** That class; of several the first by name. */
  readonly rarest: string | undefined;
  readonly estimates: PairedEstimates | undefined;
}

/**
 * The mean of F1, precision or recall of each class that has labels (Sokolova and Lapalme, 2009), with the paired difference. A
 * class that is never predicted has a precision and an F1 of 0; one without labels is not averaged, so both models are averaged
 * over the same classes, and its predictions count as misses of the classes that their rows are of. Intervals by the delta method
 * (Takahashi et al., Applied Intelligence 2022): the classes' ratios Σ over / Σ under are linearised, and a row's influence is the
 * mean over classes of (over − ratio · under) / mean(under). One without mistakes has no width; that n is enough is for `minimum`.
 */
export function macroEstimates(metric: MacroMetric, cells: readonly ClassCell[], confidence = 0.95): MacroMeasurement {
  const labelled = new Map<string, number>();
  for (const { label, rows } of cells) if (rows > 0) labelled.set(label, (labelled.get(label) ?? 0) + rows);
  const [rarest, n] = [...labelled].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))[0] ?? [undefined, 0];
  const rows = sum(cells, (cell) => cell.rows);
  if (rows < 2) return { n, rarest, estimates: undefined };
  const parts = PARTS[metric];
  const challenger = influence(cells, labelled, ({ challenger: said, label }) => parts(label, said));
  const moment = (one: Influence, other: Influence) =>
    sum(cells, (cell) => cell.rows * one.of(cell) * other.of(cell)) * (rows / (rows - 1));
  const first = { value: challenger.value, variance: moment(challenger, challenger) };
  if (cells.some(({ champion }) => champion === undefined))
    return { n, rarest, estimates: normalPair({ challenger: first }, confidence, SHARE) };
  const champion = influence(cells, labelled, ({ champion: said = '', label }) => parts(label, said));
  const second = { value: champion.value, variance: moment(champion, champion) };
  const covariance = moment(challenger, champion);
  return { n, rarest, estimates: normalPair({ challenger: first, champion: second, covariance }, confidence, SHARE) };
}

/** What one row adds to the ratio of a class. */
interface Part {
  readonly of: string;
  readonly over: number;
  readonly under: number;
}
type Parts = (label: string, said: string) => readonly Part[];

const PARTS: Readonly<Record<MacroMetric, Parts>> = {
  macroRecall: (label, said) => [{ of: label, over: label === said ? 1 : 0, under: 1 }],
  macroPrecision: (label, said) => [{ of: said, over: label === said ? 1 : 0, under: 1 }],
  macroF1: (label, said) =>
    label === said
      ? [{ of: label, over: 2, under: 2 }]
      : [
          { of: label, over: 0, under: 1 },
          { of: said, over: 0, under: 1 },
        ],
};

interface Influence {
  readonly value: number;
  /** Of one row, already divided by the number of all rows. */
  readonly of: (cell: ClassCell) => number;
}

function influence(
  cells: readonly ClassCell[],
  labelled: ReadonlyMap<string, number>,
  partsOf: (cell: ClassCell) => readonly Part[],
): Influence {
  const sums = new Map([...labelled.keys()].map((name) => [name, { over: 0, under: 0 }]));
  for (const cell of cells) {
    for (const { of, over, under } of partsOf(cell)) {
      const total = sums.get(of);
      if (total === undefined) continue;
      total.over += cell.rows * over;
      total.under += cell.rows * under;
    }
  }
  const ratioOf = ({ over, under }: { readonly over: number; readonly under: number }) =>
    under === 0 ? 0 : over / under;
  const value = sum([...sums.values()], ratioOf) / sums.size;
  const of = (cell: ClassCell) =>
    sum(partsOf(cell), (part) => {
      const total = sums.get(part.of);
      if (total === undefined || total.under === 0) return 0;
      return (part.over - ratioOf(total) * part.under) / total.under / sums.size;
    });
  return { value, of };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

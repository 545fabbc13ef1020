/**
 * An earlier measurement of the same weeks with other code: its own feature SQL and smoothing, training on a sample of every tenth
 * row, each week scored on all rows, DeLong intervals. A week is promoted when the lower 95 % end of the difference lies above
 * −0.002. What the replay says by ranking is held against it.
 */
export interface Earlier {
  readonly week: number;
  /** AUC of the week's candidate. */
  readonly candidate: number;
  /** Candidate less the last promoted one, and whether it was promoted. */
  readonly delta: number;
  readonly promoted: boolean;
}

type Row = readonly [week: number, candidate: number, delta: number, verdict: 'promoted' | 'rejected'];

const ROWS: readonly Row[] = [
  [6, 0.7006, 0.0073, 'promoted'],
  [7, 0.7404, 0.0109, 'promoted'],
  [8, 0.7002, -0.0039, 'rejected'],
  [9, 0.7054, -0.003, 'rejected'],
  [10, 0.6937, -0.0007, 'rejected'],
  [11, 0.6736, -0.0013, 'rejected'],
  [12, 0.6899, 0.0085, 'promoted'],
  [13, 0.7228, -0.0038, 'rejected'],
  [14, 0.7156, -0.0067, 'rejected'],
  [15, 0.7009, 0.0028, 'promoted'],
  [16, 0.6837, 0.0017, 'promoted'],
  [17, 0.6829, 0.007, 'promoted'],
  [18, 0.7104, -0.0008, 'rejected'],
  [19, 0.6919, 0.0055, 'promoted'],
  [20, 0.706, 0.0053, 'promoted'],
  [21, 0.6956, 0.0077, 'promoted'],
  [22, 0.7017, 0.0085, 'promoted'],
  [23, 0.7376, -0.001, 'rejected'],
  [24, 0.7375, 0.0059, 'promoted'],
  [25, 0.6945, 0.005, 'promoted'],
];

export const EARLIER: readonly Earlier[] = ROWS.map(([week, candidate, delta, verdict]) => ({
  week,
  candidate,
  delta,
  promoted: verdict === 'promoted',
}));

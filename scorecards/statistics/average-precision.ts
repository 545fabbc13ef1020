/** Rows in descending order of score. `ends[i]` is 1 where the next row has another score: only there is a threshold. */
export interface RankedLabels {
  readonly labels: Uint8Array;
  readonly ends: Uint8Array;
  /** For each place the row that stands there, so that weights of rows can be shared between models. */
  readonly rows: Uint32Array;
}

/** Orders rows by score, highest first; rows with equal scores form one threshold. */
export function rankLabels(scores: readonly number[], labels: readonly number[]): RankedLabels {
  const rows = Uint32Array.from(scores.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  return {
    rows,
    labels: Uint8Array.from(rows, (row) => labels[row] ?? 0),
    ends: Uint8Array.from(rows, (row, place) => (scores[row] === scores[rows[place + 1] ?? -1] ? 0 : 1)),
  };
}

/**
 * Average precision Σ_t (R_t − R_{t−1}) · P_t over the thresholds t from the highest score down, as scikit-learn defines it.
 * `weights` counts each row so many times (resampling). Undefined without positives.
 */
export function averagePrecision({ labels, ends, rows }: RankedLabels, weights?: Uint8Array): number | undefined {
  let [seen, positives, fresh, sum] = [0, 0, 0, 0];
  for (let place = 0; place < rows.length; place += 1) {
    const weight = weights === undefined ? 1 : (weights[rows[place] ?? 0] ?? 0);
    seen += weight;
    if (labels[place] === 1) fresh += weight;
    if (ends[place] === 0) continue;
    positives += fresh;
    if (fresh > 0) sum += (fresh * positives) / seen;
    fresh = 0;
  }
  return positives === 0 ? undefined : sum / positives;
}

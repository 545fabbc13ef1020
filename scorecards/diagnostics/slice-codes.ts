/** Diagnostics about how many slices a scorecard judges; see `codes.ts`. */
export const SLICE_CODES = {
  US0250: {
    title: 'more slices than may be judged',
    meaning:
      'A scorecard judges at most maxSlices values of all columns that its criteria name in by (EV3). With more of them each has few rows, and one that is inconclusive holds up every model.',
    cause: 'The columns of by have more values than that; each has at least two.',
    cure: 'Judge fewer columns, or coarser ones such as a band; or raise maxSlices, which is 200 where it is not written.',
  },
} as const;

/** What is kept of the looks whose spread is measured. Plain JSON; a look without requests adds nothing. */
export interface DispersionTally {
  readonly looks: number;
  readonly requests: number;
  readonly bad: number;
  /** Sum over the looks of bad² / requests. */
  readonly squares: number;
}

/** How much wider than chance bad answers spread over looks: 1 is chance, 9 is bursts of about five. */
export interface Dispersion {
  readonly phi: number;
  /** False: too little was seen, and `phi` is assumed. */
  readonly known: boolean;
}

const LEAST_LOOKS = 30;
const LEAST_BAD = 20;
const LARGEST_PHI = 20;
/** Assumed where nothing is known: bursts of one and a half. */
const ASSUMED_PHI = 2;

export function openDispersion(): DispersionTally {
  return { looks: 0, requests: 0, bad: 0, squares: 0 };
}

/** Adds one look at the champion. */
export function addToDispersion(
  tally: DispersionTally,
  look: Pick<DispersionTally, 'requests' | 'bad'>,
): DispersionTally {
  const { requests, bad } = look;
  if (!(requests > 0)) return tally;
  return {
    looks: tally.looks + 1,
    requests: tally.requests + requests,
    bad: tally.bad + bad,
    squares: tally.squares + (bad * bad) / requests,
  };
}

/**
 * phi = 1/(B-1) · Σ (y_b - p n_b)² / (p n_b) with p = Σ y / Σ n, within 1 and 20: Pearson's statistic of a Poisson model over its
 * degrees of freedom (McCullagh and Nelder, "Generalized Linear Models", 1989, section 6.2.4). With fewer than 30 looks or 20
 * bad answers it is not estimated: 2, and `known` is false.
 */
export function dispersionOf({ looks, requests, bad, squares }: DispersionTally): Dispersion {
  if (looks < LEAST_LOOKS || bad < LEAST_BAD) return { phi: ASSUMED_PHI, known: false };
  // Multiplied out, since p is only known at the end.
  const pearson = (squares * requests) / bad - bad;
  return { phi: Math.min(LARGEST_PHI, Math.max(1, pearson / (looks - 1))), known: true };
}

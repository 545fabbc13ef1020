import { chiSquareQuantile, chiSquareTail } from './chi-square-tail.ts';

export interface PsiNoise {
  /** What pure chance reaches once in a thousand windows of these sizes. */
  readonly floor: number;
  /** Probability of a PSI at least as large without drift. */
  readonly p: number;
  /** Mean PSI without drift. */
  readonly mean: number;
}

/**
 * The distribution of PSI without drift: PSI / (1/n + 1/m) is nearly chi-square with B − 1 degrees of freedom (Yurdakul and
 * Naranjo, Journal of Risk Model Validation 14(4), 2020). `spread` is 1/n + 1/m of the effective numbers of rows, `bins` is B.
 * At zero: p 1. One bin: floor 0, p 1. Many bins of less than five expected rows make the approximation coarse.
 */
export function psiNoise(value: number, bins: number, spread: number): PsiNoise {
  return {
    floor: chiSquareQuantile(0.001, bins - 1) * spread,
    p: chiSquareTail(value / spread, bins - 1),
    mean: (bins - 1) * spread,
  };
}

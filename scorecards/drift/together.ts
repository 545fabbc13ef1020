import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts';
import type { DriftFinding } from './verdict.ts';

/** False discovery rate over everything that is asked of one window. */
export const FALSE_DISCOVERIES = 0.05;

/** A measured criterion whose judgement waits for the p-values of all others of its window. */
export interface Pending {
  /** As it is alone. */
  readonly p: number;
  readonly judge: (p: { readonly raw: number; readonly adjusted: number }) => DriftFinding;
}

/** What is known of one criterion: judged, or waiting for the others. */
export type Tested = DriftFinding | Pending;

/**
 * The findings, in their order, with one adjustment of all their p-values (Benjamini–Hochberg): features, slices, shares,
 * scores and labels of one window are one family of tests. What could not be tested is not in it.
 */
export function judgeTogether(tested: readonly Tested[]): readonly DriftFinding[] {
  const adjusted = benjaminiHochberg(tested.flatMap((one) => (isPending(one) ? [one.p] : []))).values();
  return tested.map((one) => (isPending(one) ? one.judge({ raw: one.p, adjusted: adjusted.next().value ?? 1 }) : one));
}

/** With something said of the finding, as soon as there is one. */
export const afterJudging = (tested: Tested, change: (finding: DriftFinding) => DriftFinding): Tested =>
  isPending(tested) ? { p: tested.p, judge: (p) => change(tested.judge(p)) } : change(tested);

const isPending = (one: Tested): one is Pending => 'judge' in one;

import type { Scorecard } from '../scorecards/scorecard-schema.ts';
import { mostSlices, tooManySlices } from '../scorecards/slice-cap.ts';
import type { Slice } from '../scorecards/vocabulary.ts';
import { PortFailure } from './ports/port-failure.ts';

/** @throws `data-invalid` naming the columns, how many values each has, and the cap. */
export function refuseTooManySlices(scorecard: Scorecard, slices: readonly Slice[]): void {
  const problem = tooManySlices(scorecard, slices);
  if (problem === undefined) return;
  throw new PortFailure('data-invalid', `${problem}. Slice by a coarser column, such as a band, or raise maxSlices.`, {
    details: { slices: slices.length, maxSlices: mostSlices(scorecard) },
  });
}

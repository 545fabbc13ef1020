import { counted } from './counted.ts';
import { dayOf } from './drift/sentence.ts';

/** Labelled rows that the champion has never seen, against what the policy asks for (`triggers.minNewLabels`). */
export interface NewLabels {
  readonly labelled: number;
  readonly needed: number;
  readonly isEnough: boolean;
  /** Both numbers, and since when. */
  readonly reason: string;
}

/** `since` is where the champion's training and holdout end, `mature` when a label had to be known to count. */
export function judgeNewLabels(
  labelled: number,
  needed: number,
  { since, mature }: { readonly since: string; readonly mature: string },
): NewLabels {
  const rows = `${counted(labelled)} labelled rows since ${dayOf(since)} are mature as of ${dayOf(mature)}`;
  const reason = `${rows}; triggers.minNewLabels asks for ${counted(needed)}.`;
  return { labelled, needed, isEnough: labelled >= needed, reason };
}

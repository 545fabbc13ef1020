import type { CountingPlan } from '../activities/counting.ts';
import type { Hands } from './hands.ts';

/** So many parts wait or run at once: enough for dozens of workers, far from the limits of one workflow. */
const AT_ONCE = 100;

/**
 * Has everything counted that a plan names, by whichever workers there are, then the inner nodes of the tree added. The results
 * stay in the evidence store under their content's keys; nothing of them passes through here.
 */
export async function countAll(
  hands: Pick<Hands, 'act' | 'together'>,
  { plan, sums, units }: CountingPlan,
): Promise<void> {
  await inWaves(hands, units, async (unit) => {
    await hands.act(`count part ${unit + 1} of ${units}`).countUnit({ plan, unit });
  });
  await inWaves(hands, sums, async (sum) => {
    await hands.act(`add group ${sum + 1} of ${sums}`).sumUnit({ plan, sum });
  });
}

async function inWaves(
  hands: Pick<Hands, 'together'>,
  count: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const wave = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => () => work(from + index));
    await hands.together(wave);
  }
}

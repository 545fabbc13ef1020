import { isHarm, stepIsOver } from '../scorecards/canary/judge.ts';
import { digestOf } from './artifact.ts';
import type { Ports } from './context.ts';
import { noteStage } from './context.ts';
import { keepRecord } from './decision-log.ts';
import { followPhase } from './phase.ts';
import type { PhaseResult, Seen } from './phase.ts';
import type { PhaseOrder } from './phase-order.ts';

export function createRollout(ports: Pick<Ports, 'gateway' | 'evidence' | 'notifier'>) {
  return {
    /** Watches one step or the soak; answers when it is safe to go on, when it is not, or when it cannot be known. */
    async watchPhase(input: PhaseOrder): Promise<PhaseResult> {
      const result = await followPhase(ports, input, async (seen) => ({ over: isDecided(input, seen) }));
      const name = `phase-${input.phase}${input.holding ? '-held' : ''}`;
      // Nobody watches in the dark, so the end of a phase that stayed dark is a withdrawal as harm is.
      const withdraws = isHarm(result) || result.word === 'dark';
      await keepRecord(withdraws, result, async () => noteStage(ports.evidence, input.context, name, result));
      return result;
    },

    /** A rollout goes no further by itself: whoever answers for the model hears why, once for each reason. */
    async tellHeld(input: {
      readonly model: string;
      readonly run: string;
      /** The challenger's share of live traffic, as it was set last. */
      readonly percent: number;
      /** The share that could not be set, where that is why. */
      readonly refused?: number;
      readonly reason: string;
    }): Promise<void> {
      const { model, run, percent, reason, refused } = input;
      const instead = refused === undefined ? '' : `: ${refused} % was not set`;
      await ports.notifier.notify({
        key: `understudy:${model}:${run}:held:${percent}:${digestOf(reason).slice(0, 8)}`,
        severity: 'page',
        model,
        run,
        title: `${model}: the rollout is held at ${percent} %${instead}`,
        text: `${reason}\nunderstudy resume ${run}\nunderstudy rollback ${model}`,
      });
    },
  };
}

/** Going on needs safety shown, the minimum time, and a gateway that was seen to serve the asked weight. */
function isDecided(order: PhaseOrder, { state, verdict, share }: Seen): boolean {
  if (isHarm(verdict) || verdict.word === 'inconclusive') return true;
  if (order.holding) return false;
  if (verdict.word === 'freeze') return true;
  return stepIsOver(order.plan, state) === 'advance' && share.word === 'effective';
}

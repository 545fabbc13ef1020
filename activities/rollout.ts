import { isHarm, stepIsOver } from '../scorecards/canary/judge.ts';
import type { Ports } from './context.ts';
import { noteStage } from './context.ts';
import { followPhase } from './phase.ts';
import type { PhaseOrder, PhaseResult } from './phase.ts';

export function createRollout(ports: Pick<Ports, 'trafficEvidence' | 'evidence'>) {
  return {
    /** Watches one step or the soak; answers when it is safe to go on, when it is not, or when it cannot be known. */
    async watchPhase(input: PhaseOrder): Promise<PhaseResult> {
      const { plan } = input;
      const result = await followPhase(ports, input, async (state, verdict) => {
        if (isHarm(verdict) || verdict.word === 'freeze' || verdict.word === 'inconclusive') return true;
        return stepIsOver(plan, state) === 'advance';
      });
      await noteStage(ports.evidence, input.context, `phase-${input.phase}`, result);
      return result;
    },
  };
}

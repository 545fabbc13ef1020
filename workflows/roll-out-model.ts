import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { act } from './activity-options.ts';
import { explainFailure } from './faults.ts';
import { haltSignal, liftSignal, personsWord, rolloutNewsSignal } from './messages.ts';
import { rollOut } from './rollout.ts';
import type { PersonsWish, RolloutHands, RolloutInput, RolloutResult } from './rollout.ts';

const PERCENT = defineSearchAttributeKey('RetrainCanaryPercent', 'INT');
const MODEL = defineSearchAttributeKey('RetrainModel', 'KEYWORD');

/** The rollout as a workflow of its own: a page in the UI, a target for a stop, and always an explicit final weight. */
export async function rollOutModel(input: RolloutInput): Promise<RolloutResult> {
  const log: string[] = [];
  let spoken: PersonsWish | undefined;
  let held = false;
  setHandler(haltSignal, ({ kind, by, reason }) => void (spoken = { wish: kind, by, reason }), {
    description:
      'Returns all traffic to the champion. Example: {"kind": "rollback", "by": "ana@example", "reason": "complaints"}',
  });
  // Said to one that is not held it would call off a watch for nothing; a stop is never replaced.
  setHandler(liftSignal, (given) => void (held && (spoken ??= { wish: 'resume', ...personsWord(given) })), {
    description:
      'Lets a rollout that is held go on. Example: {"by": "ana@example", "reason": "their change is undone"}',
  });
  upsertSearchAttributes([{ key: MODEL, value: input.context.model }]);
  const hands: RolloutHands = {
    act,
    now: () => Date.now(),
    shielded: (work) => CancellationScope.nonCancellable(work),
    explain: (error) => explainFailure(error, undefined),
    show: (percent, line) => {
      log.push(`- ${new Date(Date.now()).toISOString().slice(11, 19)} ${line}`);
      setCurrentDetails(
        [
          `**v${input.challenger.version}** ${percent} % · **v${input.champion.version}** ${100 - percent} %`,
          '',
          ...log.slice(-30),
        ].join('\n'),
      );
      upsertSearchAttributes([{ key: PERCENT, value: Math.round(percent) }]);
      // News for the run's own sheet; a run that is gone does not hold up its rollout.
      void getExternalWorkflowHandle(input.context.run)
        .signal(rolloutNewsSignal, { percent, line })
        .catch(() => undefined);
    },
    unlessSpokenTo: async (work, holding) => {
      held = holding;
      if (spoken) return take();
      const scope = new CancellationScope();
      const done = scope.run(work);
      await Promise.race([condition(() => spoken !== undefined), done.catch(() => undefined)]);
      if (!spoken) return done;
      scope.cancel();
      await done.catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
      return take();
    },
  };
  const take = (): PersonsWish => {
    const wish = spoken ?? { wish: 'abort', by: 'nobody', reason: 'none' };
    spoken = undefined;
    return wish;
  };
  return rollOut(input, hands);
}

import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  condition,
  executeChild,
  getExternalWorkflowHandle,
  setHandler,
} from '@temporalio/workflow';
import type { Decision, DecisionAnswer } from '../scorecards/decision.ts';
import type { RetrainInput, RunResult } from '../scorecards/run.ts';
import { act, siblingQueue } from './activity-options.ts';
import { TemporalDesk } from './desk.ts';
import { explainFailure } from './faults.ts';
import type { Hands } from './hands.ts';
import * as messages from './messages.ts';
import { personsWord } from './messages.ts';
import type { PersonsWord } from './messages.ts';
import { retrain } from './retrain.ts';
import type { rollOutModel } from './roll-out-model.ts';
import type { RolloutInput } from './rollout.ts';
import { together } from './together.ts';

const EXAMPLE =
  '{"candidate": "<digest>", "scorecard": "<digest>", "decision": "approve", "approver": "ana@example", "reason": "looks right"}';

/** Binds the order of a run to Temporal: messages in, run sheet out, one child that walks the weights. */
export async function retrainModel(input: RetrainInput): Promise<RunResult> {
  const desk = new TemporalDesk(input);
  const scope = new CancellationScope();
  const floor = new Floor(scope);
  hear(desk, floor);
  hearGoOn(floor);
  const hands: Hands = {
    act,
    desk,
    now: () => Date.now(),
    until: (holds, ms, summary) => condition(holds, Math.max(1, ms), { summary }),
    shielded: (work) => CancellationScope.nonCancellable(work),
    together,
    explain: (error) => explainFailure(error, floor.stopped),
    rollOut: (order) => floor.rollOut(order),
  };
  // A clock of its own: it neither holds the run up nor is stopped with it.
  void CancellationScope.nonCancellable(() => escalateWhenLate(input, desk));
  const result = await scope.run(() => retrain(input, hands));
  desk.end(result);
  await CancellationScope.nonCancellable(() => tellModel(input, result, desk));
  return result;
}

/** Who may stop what: before the rollout a stop cancels the work at hand, during the rollout it is the child's to obey. */
class Floor {
  readonly #scope: CancellationScope;
  #child: string | undefined;
  stopped: PersonsWord | undefined;

  constructor(scope: CancellationScope) {
    this.#scope = scope;
  }

  stop(kind: 'abort' | 'rollback', word: PersonsWord): { accepted: boolean; reason: string } {
    if (this.stopped) return { accepted: false, reason: `already stopped by ${this.stopped.by}` };
    this.stopped = word;
    if (this.#child === undefined) {
      this.#scope.cancel();
      return { accepted: true, reason: 'the work at hand is stopped and put back' };
    }
    // A child that is not there yet, or no more, cannot hear: then the stop is the parent's to obey.
    getExternalWorkflowHandle(this.#child)
      .signal(messages.haltSignal, { kind, ...word })
      .catch(() => this.#scope.cancel());
    return { accepted: true, reason: 'traffic returns to the champion' };
  }

  /** Only a rollout can be held; one that is not takes no notice. */
  goOn(word: PersonsWord): { accepted: boolean; reason: string } {
    if (this.stopped) return { accepted: false, reason: `already stopped by ${this.stopped.by}` };
    if (this.#child === undefined) return { accepted: false, reason: 'no rollout is under way, so none is held' };
    void getExternalWorkflowHandle(this.#child)
      .signal(messages.liftSignal, word)
      .catch(() => undefined);
    return { accepted: true, reason: 'a rollout that is held goes on' };
  }

  async rollOut(order: RolloutInput) {
    const workflowId = `${order.context.run}/rollout-${order.context.generation}`;
    this.#child = workflowId;
    try {
      return await executeChild<typeof rollOutModel>('rollOutModel', {
        workflowId,
        args: [order],
        taskQueue: siblingQueue('control'),
        // A worker that dies with a task in hand delays a rollback by this much.
        workflowTaskTimeout: '5 s',
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: `${order.context.model} · v${order.champion.version} → v${order.challenger.version}`,
      });
    } finally {
      this.#child = undefined;
    }
  }
}

function hear(desk: TemporalDesk, floor: Floor): void {
  setHandler(messages.runSheetQuery, () => desk.sheet(), { description: 'The run sheet as JSON.' });
  const decide = counting((given) => desk.decide(given));
  setHandler(messages.decideSignal, (given) => void decide(given), {
    description: `Approve or reject the candidate. Example: ${EXAMPLE}`,
  });
  setHandler(messages.decideUpdate, (given: Decision) => decide(given), {
    description: `As the signal, answered at once. Example: ${EXAMPLE}`,
  });
  setHandler(messages.rolloutNewsSignal, ({ percent, line }) => desk.progress(line, percent), {
    description: 'Sent by the rollout workflow of this run; not for people.',
  });
  setHandler(messages.trainingNewsSignal, ({ line }) => desk.news(line), {
    description: 'Sent by the activity that follows the training; not for people.',
  });
  const stops = [
    ['abort', messages.abortSignal, messages.abortUpdate, 'Stops the run and puts everything back.'],
    [
      'rollback',
      messages.rollbackSignal,
      messages.rollbackUpdate,
      'Returns all traffic to the champion and ends the run.',
    ],
  ] as const;
  for (const [kind, signal, update, what] of stops) {
    const description = `${what} Example: {"by": "ana@example", "reason": "wrong data"}`;
    setHandler(signal, (given) => void floor.stop(kind, personsWord(given)), { description });
    setHandler(update, (word: PersonsWord) => floor.stop(kind, word), { description });
  }
}

/** Whoever floods a run with refused words must not fill its history. */
const MOST_COUNTED = 50;

/** The same, and what is refused is counted at once: somebody may be trying what is not theirs. Nothing waits for that. */
function counting(decide: (given: unknown) => DecisionAnswer): (given: unknown) => DecisionAnswer {
  let counted = 0;
  return (given) => {
    const answered = decide(given);
    const { answer } = answered;
    if (answer === 'accepted' || counted === MOST_COUNTED) return answered;
    counted += 1;
    void CancellationScope.nonCancellable(() =>
      act(`count a refusal: ${answer}`).countRefusal({ reason: answer }),
    ).catch(() => undefined);
    return answered;
  };
}

function hearGoOn(floor: Floor): void {
  const description =
    'Lets a rollout that is held go on. Example: {"by": "ana@example", "reason": "their change is undone"}';
  setHandler(messages.goOnSignal, (given) => void floor.goOn(personsWord(given)), { description });
  setHandler(messages.goOnUpdate, (word: PersonsWord) => floor.goOn(word), { description });
}

/** Every trigger is decided within a stated time, or somebody is told (TR3). */
async function escalateWhenLate({ applied, model, run, receivedAt }: RetrainInput, desk: TemporalDesk): Promise<void> {
  const { metadata, spec } = applied.policy;
  const within = spec.triggers.decideWithin;
  const left = Date.parse(receivedAt) + within - Date.now();
  const summary = `decision due ${new Date(Date.parse(receivedAt) + within).toISOString()}`;
  if (await condition(() => desk.sheet().ended !== undefined, Math.max(1, left), { summary })) return;
  const people = metadata.escalation ?? [metadata.owner];
  await act('no decision in time')
    .escalate({ model, run, people, stage: desk.sheet().stage, within: `${Math.round(within / 3_600_000)} h` })
    .catch(() => undefined);
}

/** Unlocks the model. A run that dies without this word is found by the model's own look. */
async function tellModel(input: RetrainInput, result: RunResult, desk: TemporalDesk): Promise<void> {
  const { run, outcome, stage, reason } = result;
  const trained = desk.sheet().stages.some((line) => line.stage === 'training');
  const ended = { run, outcome, stage, reason, trained, endedAt: new Date(Date.now()).toISOString() };
  await getExternalWorkflowHandle(`model/${input.model}`)
    .signal(messages.runEndedSignal, ended)
    .catch(() => undefined);
}

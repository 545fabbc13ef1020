import {
  ParentClosePolicy,
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import type { RetrainInput } from '../scorecards/run.ts';
import { answerTrigger, emptyWatch, runHasEnded, runStarted, sentenceOf } from '../scorecards/watch.ts';
import type { WatchState } from '../scorecards/watch.ts';
import type { AppliedPolicy, RunEnded, TriggerRequest } from '../scorecards/trigger.ts';
import { act } from './activity-options.ts';
import * as messages from './messages.ts';
import { personsWord } from './messages.ts';
import type { PersonsWord } from './messages.ts';
import type { retrainModel } from './retrain-model.ts';

const MODEL = defineSearchAttributeKey('RetrainModel', 'KEYWORD');
/** How often a silent run is asked about. */
const PROBE_EVERY = '5 minutes';

/** Stands for one model for ever: answers every trigger, lets one run live at a time, and records each decision. */
export async function watchModel(input: { readonly model: string; readonly state?: WatchState }): Promise<never> {
  let state = input.state ?? emptyWatch(input.model);
  let doubt = false;
  const set = (next: WatchState) => {
    state = next;
    setCurrentDetails(describe(state));
  };
  setHandler(messages.watchStateQuery, () => state, {
    description: 'What the model knows: policy, active run, cooldown.',
  });
  setHandler(messages.requestRetrainUpdate, async (request: TriggerRequest) => {
    const { state: next, answer } = answerTrigger(state, request, now());
    doubt = doubt || answer.answer === 'joined';
    set(next);
    // Whoever hears `started` may look at the run at once.
    await condition(() => state.starting === undefined);
    return answer;
  });
  setHandler(messages.applyPolicyUpdate, (applied: AppliedPolicy) => {
    const same =
      state.applied?.policyDigest === applied.policyDigest && state.applied.scorecardDigest === applied.scorecardDigest;
    const changed = !same || state.applied?.pullSql !== applied.pullSql || state.applied?.folder !== applied.folder;
    if (changed) set({ ...state, applied });
    return { changed };
  });
  hearPause((paused) => set(paused ? { ...state, paused } : withoutPause(state)));
  setHandler(messages.runEndedSignal, (ended: RunEnded) => set(runHasEnded(state, ended)));
  upsertSearchAttributes([{ key: MODEL, value: input.model }]);
  set(state);

  for (;;) {
    const busy = state.active !== undefined;
    const wakes = () =>
      state.starting !== undefined || state.outbox.length > 0 || doubt || (state.active !== undefined) !== busy;
    const woken = await condition(wakes, busy ? PROBE_EVERY : '30 days');
    if (state.starting) set(await start(state));
    if (state.active && (doubt || !woken)) {
      doubt = false;
      const lost = await probe(state);
      if (lost) set(runHasEnded(state, lost));
    }
    doubt = false;
    while (state.outbox.length > 0) set(await recordFirst(state, () => state));
    if (workflowInfo().continueAsNewSuggested && !state.starting && allHandlersFinished())
      await continueAsNew<typeof watchModel>({ model: input.model, state });
  }
}

function hearPause(change: (paused: WatchState['paused']) => void): void {
  const example = 'Example: {"by": "ana@example", "reason": "holiday"}';
  const pause = (word: PersonsWord) => change({ ...word, at: now() });
  setHandler(messages.pauseSignal, (given) => pause(personsWord(given)), {
    description: `Suppresses triggers until resumed. ${example}`,
  });
  setHandler(messages.resumeSignal, () => change(undefined), {
    description: `Lets triggers start runs again. ${example}`,
  });
  setHandler(messages.pauseUpdate, (word: PersonsWord) => {
    pause(word);
    return { paused: true };
  });
  setHandler(messages.resumeUpdate, (_word: PersonsWord) => {
    change(undefined);
    return { paused: false };
  });
}

function withoutPause(state: WatchState): WatchState {
  const { paused: _, ...rest } = state;
  return rest;
}

/** The run lives on its own: the model's workflow may be replaced while it waits for weeks. */
async function start(state: WatchState): Promise<WatchState> {
  const { starting, applied, model } = state;
  if (!starting || !applied)
    throw ApplicationFailure.nonRetryable(`a run of ${model} was asked for without a policy`, 'Unexpected');
  const { run, trigger, receivedAt } = starting;
  const input: RetrainInput = { schemaVersion: 1, run, model, trigger, receivedAt, applied };
  const why = trigger.reason === undefined ? '' : ` · ${trigger.reason}`;
  await startChild<typeof retrainModel>('retrainModel', {
    workflowId: run,
    args: [input],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `${model} · ${trigger.kind} by ${trigger.by}${why}`.slice(0, 150),
    staticDetails: `As of ${trigger.asOf}. Asked for at ${receivedAt}.`,
  });
  return runStarted(state);
}

/** A run that closed without a word is lost: the model is unlocked and the loss recorded. */
async function probe(state: WatchState): Promise<RunEnded | undefined> {
  const { active } = state;
  if (!active) return undefined;
  const seen = await act(`is ${active.run} alive`).probeRun({ run: active.run });
  if (seen.state === 'running') return undefined;
  const endedAt = now();
  if (seen.result) {
    const { outcome, stage, reason } = seen.result;
    return { run: active.run, outcome, stage, reason, trained: true, endedAt };
  }
  return { run: active.run, outcome: 'lost', stage: 'drift', reason: seen.why, trained: true, endedAt };
}

async function recordFirst(state: WatchState, latest: () => WatchState): Promise<WatchState> {
  const [record] = state.outbox;
  if (record) await act(`decision: ${record.decision}`).recordDecision({ record });
  return { ...latest(), outbox: latest().outbox.slice(1) };
}

function describe(state: WatchState): string {
  const last = state.seen.at(-1);
  return [
    `**${state.model}** ${state.applied ? `policy sha256:${state.applied.policyDigest.slice(0, 12)}, applied by ${state.applied.appliedBy}` : 'has no policy yet'}`,
    state.paused ? `**paused** by ${state.paused.by}: ${state.paused.reason}` : '',
    state.active ? `**running** \`${state.active.run}\`` : '**idle**',
    last ? `**last answer** ${sentenceOf(last.answer)}` : '',
  ]
    .filter((line) => line !== '')
    .join('  \n');
}

/** Deterministic inside a workflow. */
function now(): string {
  return new Date(Date.now()).toISOString();
}

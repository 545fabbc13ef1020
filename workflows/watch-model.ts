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
import { ApplicationFailure, WorkflowExecutionAlreadyStartedError, defineSearchAttributeKey } from '@temporalio/common';
import { canonicalJson } from '../scorecards/canonical-json.ts';
import type { RetrainInput } from '../scorecards/run.ts';
import { answerTrigger, emptyWatch, runHasEnded, runStarted, sentenceOf } from '../scorecards/watch.ts';
import type { WatchState } from '../scorecards/watch.ts';
import type { AppliedPolicy, RunEnded, TriggerRequest } from '../scorecards/trigger.ts';
import { act } from './activity-options.ts';
import { missNoCheck, sleepMs } from './missed-check.ts';
import * as messages from './messages.ts';
import { personsWord } from './messages.ts';
import type { PersonsWord } from './messages.ts';
import type { retrainModel } from './retrain-model.ts';

const MODEL = defineSearchAttributeKey('RetrainModel', 'KEYWORD');
/** How often a silent run is asked about. */
const PROBE_EVERY = '5 minutes';

/** What the handlers and the main loop share. */
interface Standing {
  state: WatchState;
  /** Somebody was told that a run is active: is it really? */
  doubt: boolean;
}

/** Stands for one model for ever: answers every trigger, lets one run live at a time, and records each decision. */
export async function watchModel(input: { readonly model: string; readonly state?: WatchState }): Promise<never> {
  const standing: Standing = { state: input.state ?? emptyWatch(input.model), doubt: false };
  const set = (next: WatchState) => {
    standing.state = next;
    setCurrentDetails(describe(next));
  };
  hearTriggers(standing, set);
  hearPause((paused) => set(paused ? { ...standing.state, paused } : withoutPause(standing.state)));
  upsertSearchAttributes([{ key: MODEL, value: input.model }]);
  set(standing.state);

  for (;;) {
    const busy = standing.state.active !== undefined;
    const woken = await condition(() => hasWork(standing, busy), busy ? PROBE_EVERY : sleepMs(standing.state, now()));
    if (standing.state.starting) {
      await start(standing.state);
      // What came in meanwhile is in the standing state and must stay there.
      set(runStarted(standing.state));
    }
    if (standing.doubt || !woken) await lookAfter(standing, set);
    await missNoCheck(() => standing.state, set, now);
    while (standing.state.outbox.length > 0) await recordFirst(standing, set);
    if (workflowInfo().continueAsNewSuggested && !standing.state.starting && allHandlersFinished())
      await continueAsNew<typeof watchModel>({ model: input.model, state: standing.state });
  }
}

function hasWork({ state, doubt }: Standing, wasBusy: boolean): boolean {
  return state.starting !== undefined || state.outbox.length > 0 || doubt || (state.active !== undefined) !== wasBusy;
}

function hearTriggers(standing: Standing, set: (next: WatchState) => void): void {
  setHandler(messages.watchStateQuery, () => standing.state, {
    description: 'What the model knows: policy, active run, cooldown.',
  });
  const retrainNow = async (request: TriggerRequest) => {
    const { state, answer } = answerTrigger(standing.state, request, now());
    standing.doubt = standing.doubt || answer.answer === 'joined';
    set(state);
    // Whoever hears `started` may look at the run at once.
    await condition(() => standing.state.starting === undefined);
    return answer;
  };
  setHandler(messages.requestRetrainUpdate, retrainNow, {
    description:
      'Asks for a run; answered at once. Example: {"kind": "manual", "key": "monday", "asOf": "2001-05-01T06:00:00.000Z", "by": "ana@example"}',
  });
  const applyPolicy = (applied: AppliedPolicy) => {
    const changed = isNews(standing.state.applied, applied);
    if (changed) set({ ...standing.state, applied });
    return { changed };
  };
  setHandler(messages.applyPolicyUpdate, applyPolicy, { description: 'Sent by `understudy apply`; not for people.' });
  setHandler(messages.runEndedSignal, (ended: RunEnded) => set(runHasEnded(standing.state, ended)), {
    description: 'Sent by the run as its last word; not for people.',
  });
}

/** Who applied it and when is not news; that its text is in a commit now, is. */
function isNews(before: AppliedPolicy | undefined, applied: AppliedPolicy): boolean {
  const compared = ['policyDigest', 'scorecardDigest', 'pullSql', 'folder'] as const;
  if (compared.some((field) => before?.[field] !== applied[field])) return true;
  return canonicalJson(before?.files ?? null) !== canonicalJson(applied.files ?? null);
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
  const pauseAndSay = (word: PersonsWord) => {
    pause(word);
    return { paused: true };
  };
  setHandler(messages.pauseUpdate, pauseAndSay, { description: `As the signal, answered at once. ${example}` });
  const resumeAndSay = (_word: PersonsWord) => {
    change(undefined);
    return { paused: false };
  };
  setHandler(messages.resumeUpdate, resumeAndSay, { description: `As the signal, answered at once. ${example}` });
}

function withoutPause(state: WatchState): WatchState {
  const { paused: _, ...rest } = state;
  return rest;
}

/** The run lives on its own: the model's workflow may be replaced while it waits for weeks. */
async function start(state: WatchState): Promise<void> {
  const { starting, applied, model } = state;
  if (!starting || !applied)
    throw ApplicationFailure.nonRetryable(`a run of ${model} was asked for without a policy`, 'Unexpected');
  const { run, trigger, receivedAt } = starting;
  const input: RetrainInput = { schemaVersion: 1, run, model, trigger, receivedAt, applied };
  const why = trigger.reason === undefined ? '' : ` · ${trigger.reason}`;
  try {
    await startChild<typeof retrainModel>('retrainModel', {
      workflowId: run,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${model} · ${trigger.kind} by ${trigger.by}${why}`.slice(0, 150),
      staticDetails: `As of ${trigger.asOf}. Asked for at ${receivedAt}.`,
    });
  } catch (error) {
    // An earlier self started it and was replaced before it could note so: the run is adopted.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** A run that closed without a word is lost: the model is unlocked and the loss recorded. */
async function lookAfter(standing: Standing, set: (next: WatchState) => void): Promise<void> {
  standing.doubt = false;
  const { active } = standing.state;
  if (!active) return;
  const seen = await act(`is ${active.run} alive`).probeRun({ run: active.run });
  if (seen.state === 'running') return;
  const known = seen.result ?? { outcome: 'lost' as const, stage: 'drift' as const, reason: seen.why };
  const { outcome, stage, reason } = known;
  set(runHasEnded(standing.state, { run: active.run, outcome, stage, reason, trained: true, endedAt: now() }));
}

async function recordFirst(standing: Standing, set: (next: WatchState) => void): Promise<void> {
  const [record] = standing.state.outbox;
  if (record) await act(`decision: ${record.decision}`).recordDecision({ record });
  set({ ...standing.state, outbox: standing.state.outbox.slice(1) });
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

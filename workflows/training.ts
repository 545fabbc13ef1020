import type { SubmittedTraining } from '../activities/training-start.ts';
import type { TrainedCandidate } from '../activities/training.ts';
import { decideAttempt } from '../scorecards/training-attempts.ts';
import type { AttemptFailure, AttemptPolicy, AttemptsSpent, EarlierJob } from '../scorecards/training-attempts.ts';
import type { Data } from './dataset.ts';
import { endingOfFailure, ends, logTailOf } from './ending.ts';
import type { Ending } from './ending.ts';
import type { Fault } from './hands.ts';
import type { Run } from './retrain.ts';

export interface Candidate extends Omit<TrainedCandidate, 'others'> {
  readonly version: string;
  /** Further models of the same training, in the order in which the policy prefers them. */
  readonly others?: readonly Candidate[];
}

export async function trainingStage(run: Run, { dataset, baseline }: Data): Promise<Candidate | Ending> {
  const { context, hands } = run;
  hands.desk.begin('training');
  const known = await hands.act('look for a finished training').recallTraining({ context, dataset });
  const made = known ? { trained: known, earlier: [] } : await train(run, { dataset, baseline });
  if (ends(made)) return made;
  const { others: further, ...trained } = made.trained;
  const { version } = await hands.act('register the candidate').registerCandidate({ context, candidate: trained });
  await hands
    .act(`alias challenger → v${version}`)
    .markStage({ model: context.model, version, alias: 'challenger', stage: 'challenger' });
  hands.desk.tell({ challenger: { version, digest: trained.digest } });
  const others = further && (await register(run, further));
  const how = known ? 'reused' : `${trained.attempts} attempt(s), ${trained.seconds.toFixed(0)} s`;
  const model = `v${version}, ${how}, artifact sha256:${trained.digest.slice(0, 12)}`;
  // Not what the sheet says of the running stage: the last wait of a job is no news once it has ended.
  const variants = others?.map((other) => `variant ${other.variant} v${other.version}`) ?? [];
  hands.desk.done([model, ...variants, ...sentencesOf(made.earlier), ...(trained.advice ?? [])].join('; '));
  return { ...trained, version, ...(others ? { others } : {}) };
}

/** Each variant is a version of its own: its server names itself by it. */
async function register({ context, hands }: Run, further: readonly TrainedCandidate[]): Promise<readonly Candidate[]> {
  const registered: Candidate[] = [];
  for (const { others: _none, ...candidate } of further) {
    const { version } = await hands
      .act(`register variant ${candidate.variant}`)
      .registerCandidate({ context, candidate });
    registered.push({ ...candidate, version });
  }
  return registered;
}

const NODE = 'training';

interface Made {
  readonly trained: TrainedCandidate;
  /** The jobs before the one that made it. */
  readonly earlier: readonly EarlierJob[];
}

async function train(run: Run, { dataset, baseline }: Data): Promise<Made | Ending> {
  const { context, champion, hands, input, undo } = run;
  const startedAt = new Date(hands.now()).toISOString();
  const planned = await hands.act('prepare the training').prepareTraining({ context, dataset, startedAt });
  const { rules, spent, trackingRun } = planned;
  // A training that finished stays FINISHED in the tracking server, whatever is decided about its model.
  let status: 'FINISHED' | 'KILLED' = 'KILLED';
  undo.unlessPromoted(() =>
    hands.act('close the tracking run').closeTracking({ trackingRun, status, outcome: 'ended without promotion' }),
  );
  const done = await untilTrained(run, { dataset, rules, spent, startedAt });
  if (ends(done)) return done;
  const collected = {
    context,
    ...done,
    dataset,
    baseline,
    trigger: input.trigger,
    receivedAt: input.receivedAt,
    ...(champion ? { championVersion: champion.version } : {}),
  };
  const trained = await hands.act('take over the artifact').collectTraining(collected);
  status = 'FINISHED';
  await hands.act('close the tracking run').closeTracking({ trackingRun, status, outcome: 'trained' });
  return { trained, earlier: done.earlier };
}

function sentencesOf(earlier: readonly EarlierJob[]): readonly string[] {
  return earlier.map(({ sentence }) => sentence);
}

interface Order {
  readonly dataset: Data['dataset'];
  readonly startedAt: string;
  readonly rules: AttemptPolicy | null;
  readonly spent: AttemptsSpent;
}

interface Trained {
  readonly submitted: SubmittedTraining;
  /** Which job of the run made the model, and those before it. */
  readonly spent: AttemptsSpent;
  readonly earlier: readonly EarlierJob[];
}

/** One job after the other, each under a name of its own, until one has made a model or the rules allow no other. */
async function untilTrained(run: Run, order: Order): Promise<Trained | Ending> {
  const { context, hands, undo } = run;
  const { rules } = order;
  const earlier: EarlierJob[] = [];
  let { spent } = order;
  const remove = () => hands.act('remove the training job').removeJob({ context, node: NODE, spent });
  // Before the start: a start whose answer is lost is taken back too. Of the jobs before, none is left by then.
  undo.always(remove);
  for (;;) {
    const end = await attempt(run, { ...order, spent });
    if ('submitted' in end) return { submitted: end.submitted, spent, earlier };
    const { fault } = end;
    const { type, message } = fault;
    if (rules === null) return endingOfFailure(fault);
    const { again, spent: next, sentence } = decideAttempt(failureOf(fault), spent, rules);
    // Whatever follows, its devices are free first: two pods must never write one checkpoint.
    await remove();
    const { generation } = spent;
    const how = { generation, type, sentence };
    const logTail = logTailOf(fault);
    await hands.act(`note job ${generation}: ${type}`).noteAttempt({
      context,
      attempt: { ...how, message, again, ...(logTail === undefined ? {} : { logTail }) },
    });
    if (!again) return endingOfFailure({ ...fault, message: `${message} · ${sentence}` });
    earlier.push(how);
    hands.desk.say(sentencesOf(earlier).join('; '));
    spent = next;
  }
}

type Failed = Extract<Fault, { kind: 'failed' }>;
type AttemptEnd = { readonly submitted: SubmittedTraining } | { readonly fault: Failed };

/** One job: start and follow. A run that is stopped is none of its failures. */
async function attempt({ context, hands }: Run, order: Order): Promise<AttemptEnd> {
  const { spent } = order;
  const which = spent.generation === 1 ? '' : ` again, job ${spent.generation}`;
  try {
    const submitted = await hands.act(`start the trainer${which}`).submitTraining({ ...order, context, node: NODE });
    const { job } = submitted;
    await hands.act(`follow job ${job}`).watchJob({ job, tell: true });
    return { submitted };
  } catch (error) {
    const fault = hands.explain(error);
    if (fault.kind === 'stopped') throw error;
    return { fault };
  }
}

/** What a job's failure says for the decision; one that never started has used nothing up. */
function failureOf({ type, details }: Failed): AttemptFailure {
  const count = (name: string): number | undefined => {
    const value = details[name];
    return typeof value === 'number' ? value : undefined;
  };
  const [checkpointStep, stuck, runSeconds] = [count('checkpointStep'), count('stuck'), count('runSeconds')];
  const failures = count('failures');
  return {
    type,
    attempts: count('attempts') ?? 0,
    evictions: count('evictions') ?? 0,
    suspensions: count('suspensions') ?? 0,
    ...(failures === undefined ? {} : { failures }),
    ...(checkpointStep === undefined ? {} : { checkpointStep }),
    ...(stuck === undefined ? {} : { stuck }),
    ...(runSeconds === undefined ? {} : { runSeconds }),
  };
}

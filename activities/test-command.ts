import { missing } from '../scorecards/candidate/measurement.ts';
import type { CriterionMeasurement } from '../scorecards/candidate/measurement.ts';
import { measureTests } from '../scorecards/candidate/tests.ts';
import type { TrainerSpec } from '../scorecards/contracts/trainer.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import { COMMAND_DEADLINE_MS } from '../scorecards/run-metrics.ts';
import type { ScorecardCriterion } from '../scorecards/scorecard-schema.ts';
import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import { ALLOW_TESTS, areTestsAllowed } from './allowed-tests.ts';
import { digestOf } from './artifact.ts';
import { getJson, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { jobName, untilEnded } from './job.ts';
import type { EndedJob } from './job.ts';
import type { JudgeInput } from './judge-input.ts';
import { lastLine } from './last-line.ts';
import { placedFile } from './placed-file.ts';
import type { Work } from './ports/data-store.ts';
import type { TrainingJob } from './ports/training-backend.ts';

type TestPorts = Pick<Ports, 'evidence' | 'training'>;

/** What the tests of one criterion came to, and the evidence of it: command, exit code, findings, last lines. */
export interface Tested {
  readonly measurement: CriterionMeasurement;
  readonly evidence?: EvidenceRef;
}

const GRACE_MS = 5000;

/**
 * Runs the command of a criterion as a trainer is run: a process group of its own in the policy's folder, supervised until
 * its deadline, with PATH, HOME and LANG and nothing else of the worker's environment. It is forgotten afterwards.
 */
export async function runTests(
  ports: TestPorts,
  settings: Pick<ActivitySettings, 'checkpoints' | 'testCommands'>,
  { criterion, index, policy, input }: TestOrder,
  work: Work,
): Promise<Tested> {
  if (!areTestsAllowed(policy, settings))
    return { measurement: missing(criterion, `this worker runs no tests: ${ALLOW_TESTS}`) };
  const job = await jobOf(ports, settings, { criterion, index, policy, input });
  try {
    await ports.training.submit(job);
    const state = await untilEnded(ports.training, job.name, `running the tests of ${criterion.name}`, work);
    const evidence = await putJson(ports.evidence, evidenceOf(criterion, state));
    return { measurement: measure(criterion, state), evidence };
  } finally {
    // The evidence has what it said; a test that was given up must not go on beside its successor.
    await ports.training.remove(job.name);
  }
}

export interface TestOrder {
  readonly criterion: ScorecardCriterion;
  /** Its place in the scorecard: names may hold anything. */
  readonly index: number;
  readonly policy: Policy;
  readonly input: JudgeInput;
}

async function jobOf(
  ports: Pick<Ports, 'evidence'>,
  settings: Pick<ActivitySettings, 'checkpoints'>,
  { criterion, index, policy, input }: TestOrder,
): Promise<TrainingJob> {
  const { candidate, context, dataset, predictions } = input;
  const { data, training } = policy.spec;
  const record = await getJson<RunRecord>(ports.evidence, candidate.record);
  const name = jobName(context, `test-${index}`);
  const placed = async (file: FileRef) => {
    const { name: of, path, bytes, sha256 } = await placedFile(ports.evidence, file);
    return { name: of, path, bytes, sha256 };
  };
  const spec: Omit<TrainerSpec, 'output'> = {
    schemaVersion: 1,
    mode: 'test',
    model: context.model,
    run: name,
    asOf: context.asOf,
    params: { ...record.params },
    seed: training.seed,
    columns: {
      id: data.observations.id,
      time: data.observations.time,
      label: data.labels.label,
      features: [...dataset.features],
      slices: [...data.slices],
    },
    files: [],
    artifact: await ports.evidence.placeTree(candidate.artifact),
    tests: {
      holdout: await placed(dataset.holdout),
      labels: await placed(dataset.holdoutLabels),
      predictions: await placed(predictions.challenger.file),
      ...(predictions.champion ? { champion: await placed(predictions.champion.file) } : {}),
    },
  };
  return {
    name,
    command: criterion.command ?? [],
    folder: context.folder,
    spec,
    environment: {},
    checkpoints: `${settings.checkpoints}/${digestOf([name]).slice(0, 24)}`,
    deadlineMs: Math.min(criterion.deadline ?? COMMAND_DEADLINE_MS.default, COMMAND_DEADLINE_MS.most),
    graceMs: GRACE_MS,
    retries: 0,
  };
}

function measure(criterion: ScorecardCriterion, state: EndedJob): CriterionMeasurement {
  if (state.state === 'vanished') return missing(criterion, lastLine(state.why ?? 'nobody saw how the command ended'));
  if (state.state === 'failed')
    return missing(criterion, lastLine(state.message.replaceAll('the trainer', 'the command')));
  if (state.result.mode !== 'test') return missing(criterion, `the command was run in mode ${state.result.mode}`);
  return measureTests(criterion, state.result, lastLine(state.logTail));
}

function evidenceOf({ name, command }: ScorecardCriterion, state: EndedJob): unknown {
  const about = { criterion: name, command, state: state.state };
  if (state.state === 'vanished') return { ...about, why: state.why ?? null };
  const { logTail } = state;
  if (state.state === 'failed') return { ...about, code: state.code, message: state.message, logTail };
  const { startedAt, endedAt, result } = state;
  return { ...about, startedAt, endedAt, result, logTail };
}

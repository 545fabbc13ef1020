import type { ApprovalEvidence } from '../../activities/approval.ts';
import type { RunEnd } from '../../activities/closing.ts';
import { getJson } from '../../activities/context.ts';
import type { Ports } from '../../activities/context.ts';
import type { CheckedData } from '../../activities/data-checks.ts';
import type { Dataset } from '../../activities/dataset.ts';
import { tombstoneOf } from '../../activities/erasure.ts';
import type { Tombstone } from '../../activities/erasure.ts';
import type { DriftResult } from '../../activities/drift.ts';
import type { JudgedWindow } from '../../activities/drift-windows.ts';
import type { KeptAttempt } from '../../activities/job.ts';
import type { PhaseResult } from '../../activities/phase.ts';
import type { Route } from '../../activities/ports/traffic-router.ts';
import type { KeptVerdict, ScorecardResult } from '../../activities/scorecard.ts';
import type { ShadowResult } from '../../activities/shadow.ts';
import type { SkewResult } from '../../activities/skew.ts';
import type { TrainedCandidate } from '../../activities/training.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { Champion } from '../../scorecards/run.ts';
import type { TriggerRequest } from '../../scorecards/trigger.ts';
import { digestOf } from '../policy-file.ts';
import type { FeatureStory } from './feature-cards.ts';
import { withHistories, worstFirst } from './worst-first.ts';

/** Everything on record about one run, as its activities wrote it. */
export interface RunReport {
  readonly schemaVersion: 1;
  readonly run: string;
  readonly model: string;
  readonly opened: {
    readonly trigger: TriggerRequest;
    readonly receivedAt: string;
    readonly policyDigest: string;
    readonly champion?: Champion;
  };
  /** Absent while the run goes on. */
  readonly end?: RunEnd;
  readonly drift?: DriftResult;
  /** Of the newest window, worst first, with every day of all windows. */
  readonly features?: readonly FeatureStory[];
  readonly dataset?: Dataset;
  /** Set where somebody erased the files of the snapshot since. */
  readonly erased?: Tombstone;
  readonly checks?: CheckedData;
  readonly training?: TrainedCandidate;
  /** Jobs of the training that made no model, in order; absent when there was none. */
  readonly attempts?: readonly KeptAttempt[];
  /** The last lines of the training's jobs, in order; absent when none printed any. */
  readonly logs?: readonly KeptLog[];
  readonly version?: string;
  readonly record?: RunRecord;
  readonly scorecard?: ScorecardResult;
  /** The whole verdict; the scorecard's own summary holds the first findings only. */
  readonly verdict?: KeptVerdict;
  readonly shadow?: ShadowResult;
  readonly skew?: SkewResult;
  readonly approval?: ApprovalEvidence;
  /** In the order in which they ended. */
  readonly phases: readonly (PhaseResult & { readonly name: string })[];
  /** Every write of the gateway's route, in order. */
  readonly routes: readonly (Route & { readonly writtenAt: string })[];
  readonly promotion?: { readonly promotedAt: string; readonly previous?: string };
}

/** Where the log of one job is kept. */
export interface KeptLog {
  /** The number of the job within the run. */
  readonly job: number;
  readonly sha256: string;
}

/** What the evidence store has about a run; undefined when it never heard of it. Same store, same answer. */
export async function gatherReport(ports: Pick<Ports, 'evidence'>, run: string): Promise<RunReport | undefined> {
  const prefix = `runs/${run}/`;
  const keys = await ports.evidence.keys(prefix);
  const read = async <T>(name: string): Promise<T | undefined> => {
    const ref = await ports.evidence.recall(`${prefix}${name}`);
    return ref && getJson<T>(ports.evidence, ref);
  };
  const all = async <T>(pattern: RegExp): Promise<{ readonly name: string; readonly value: T }[]> => {
    const names = keys.map((key) => key.slice(prefix.length)).filter((name) => pattern.test(name));
    const values = await Promise.all(names.map(async (name) => ({ name, value: await read<T>(name) })));
    return values.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
  };
  const opened = await read<RunReport['opened']>('opened-1');
  if (!opened) return undefined;
  const [scorecard, training] = [
    await read<ScorecardResult>('scorecard-1'),
    await read<TrainedCandidate>('training-1'),
  ];
  const candidate = training && chosenOf(training, scorecard?.variant);
  const drift = await read<DriftResult>('drift-1');
  const dataset = await read<Dataset>('dataset-1');
  const phases = await all<PhaseResult>(/^phase-/);
  const attempts = (await all<KeptAttempt>(/^attempt-\d+-1$/)).map(({ value }) => value);
  const routes = await all<RunReport['routes'][number]>(/^route-/);
  return {
    schemaVersion: 1,
    run,
    model: run.split('/')[1] ?? '',
    opened,
    ...present('end', await read<RunEnd>('end')),
    ...present('drift', drift),
    ...present('features', drift && (await featuresIn(ports, drift))),
    ...present('dataset', dataset),
    ...present('erased', dataset && (await tombstoneOf(ports, dataset.digest))),
    ...present('checks', await read<CheckedData>('checks-1')),
    ...present('training', candidate),
    ...(attempts.length === 0 ? {} : { attempts: attempts.toSorted((a, b) => a.generation - b.generation) }),
    ...present(
      'logs',
      await logsIn(
        ports,
        keys.filter((key) => key.startsWith(`${prefix}log-`)),
      ),
    ),
    ...present('version', (await read<{ version: string }>(`registered${ofVariant(candidate)}-1`))?.version),
    ...present('record', candidate && (await getJson<RunRecord>(ports.evidence, candidate.record))),
    ...present('scorecard', scorecard),
    ...present('verdict', scorecard && (await getJson<KeptVerdict>(ports.evidence, scorecard.result))),
    ...present('shadow', await read<ShadowResult>('shadow-1')),
    ...present('skew', await read<SkewResult>('skew-1')),
    ...present('approval', await read<ApprovalEvidence>('approval-1')),
    phases: phases
      .map(({ name, value }) => ({ ...value, name: name.replace(/^phase-(.*)-1$/, '$1') }))
      .toSorted(byTime('endedAt')),
    routes: routes.map(({ value }) => value).toSorted(byTime('writtenAt')),
    ...present('promotion', await read<{ promotedAt: string }>('promotion-1')),
  };
}

async function logsIn(
  { evidence }: Pick<Ports, 'evidence'>,
  keys: readonly string[],
): Promise<readonly KeptLog[] | undefined> {
  const kept = keys.map(async (key) => {
    const found = await evidence.recall(key);
    return found === undefined ? [] : [{ job: Number(/log-(\d+)-\d+$/.exec(key)?.[1]), sha256: found.sha256 }];
  });
  const logs = (await Promise.all(kept)).flat();
  return logs.length === 0 ? undefined : logs.toSorted((a, b) => a.job - b.job);
}

async function featuresIn(
  { evidence }: Pick<Ports, 'evidence'>,
  { pictures, report }: DriftResult,
): Promise<readonly FeatureStory[]> {
  const judged = await getJson<readonly JudgedWindow[]>(evidence, report);
  return withHistories(worstFirst(judged.at(-1)?.findings ?? []), await getJson(evidence, pictures));
}

/** Both the page and the JSON document print it, so that one can be held against the other. */
export function digestOfReport(report: RunReport): string {
  return digestOf(report);
}

function present<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, T>>;
}

function byTime<K extends string>(key: K): (a: Readonly<Record<K, string>>, b: Readonly<Record<K, string>>) => number {
  return (a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0);
}

/** Of several models of one training the one that the scorecard chose; before that, the first. */
const chosenOf = (trained: TrainedCandidate, variant: string | undefined): TrainedCandidate =>
  [trained, ...(trained.others ?? [])].find((one) => one.variant === variant) ?? trained;

const ofVariant = (candidate: TrainedCandidate | undefined): string =>
  candidate?.variant === undefined ? '' : `-${candidate.variant}`;

import type { TrainerSpec } from '../scorecards/contracts/trainer.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { appliedOf, getJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { finishedJob, jobName } from './job.ts';
import { under } from './paths.ts';
import { placedFile } from './placed-file.ts';
import { predictionPlacement } from './placement.ts';
import { PortFailure } from './ports/port-failure.ts';

/** Who predicts what: a version is known by its run record alone, also the champion's command. */
export interface PredictionOrder {
  readonly context: RunContext;
  readonly who: 'champion' | 'challenger';
  readonly record: EvidenceRef;
  readonly rows: FileRef;
  /** Names the job within the run: `holdout-a`, `newest-b`. */
  readonly node: string;
}

export interface Predictions {
  readonly file: FileRef;
  readonly seconds: number;
}

export function createPrediction(
  ports: Pick<Ports, 'training' | 'evidence'>,
  settings: Pick<ActivitySettings, 'checkpoints'>,
) {
  return {
    /** Starts `predict` with the command of the version's own record, or adopts the running one. */
    async submitPrediction(input: PredictionOrder): Promise<{ readonly job: string }> {
      const { context, rows } = input;
      const { policy } = await appliedOf(ports.evidence, context);
      const record = await getJson<RunRecord>(ports.evidence, input.record);
      if (!record.artifact)
        throw new PortFailure('record-incomplete', `the run record of the ${input.who} names no artifact`);
      const job = jobName(context, input.node);
      const placement = predictionPlacement(policy, context.run, record.training);
      const { name, path, bytes, sha256 } = await placedFile(ports.evidence, rows);
      const spec: Omit<TrainerSpec, 'output'> = {
        schemaVersion: 1,
        mode: 'predict',
        model: context.model,
        run: job,
        asOf: context.asOf,
        params: { ...record.params },
        seed: record.seeds.training,
        columns: {
          id: policy.spec.data.observations.id,
          time: policy.spec.data.observations.time,
          features: [...(record.features ?? [])],
          slices: [...policy.spec.data.slices],
        },
        files: [{ name, path, bytes, sha256 }],
        artifact: await ports.evidence.placeTree(record.artifact.manifest),
      };
      await ports.training.submit({
        name: job,
        command: record.training.command,
        folder: record.training.folder,
        spec,
        environment: {},
        checkpoints: `${settings.checkpoints}/${digestOf([job]).slice(0, 24)}`,
        deadlineMs: policy.spec.training.deadline,
        graceMs: policy.spec.training.grace,
        retries: policy.spec.training.retries,
        ...(placement ? { placement } : {}),
      });
      return { job };
    },

    /** Takes over the predictions as evidence. */
    async collectPrediction(input: { readonly job: string }): Promise<Predictions> {
      const job = await finishedJob(ports, input.job);
      if (job.result.mode !== 'predict')
        throw new PortFailure('trainer-contradiction', `result.json says mode ${job.result.mode}; expected predict`);
      const { path, sha256, rows } = job.result.predictions;
      const ref = await ports.evidence.putFile(under(job.output, path), 'application/vnd.apache.parquet');
      if (ref.sha256 !== sha256)
        throw new PortFailure(
          'trainer-digest',
          `${path} is not what result.json names: expected SHA-256 ${sha256}, found ${ref.sha256}`,
        );
      const file = { name: path, path: await ports.evidence.place(ref), bytes: ref.bytes, sha256, rows, uri: ref.uri };
      return { file, seconds: (Date.parse(job.endedAt) - Date.parse(job.startedAt)) / 1000 };
    },
  };
}

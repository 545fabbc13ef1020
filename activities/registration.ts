import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { RunContext } from '../scorecards/run.ts';
import { digestOf } from './artifact.ts';
import { getJson, noteStage } from './context.ts';
import type { Ports } from './context.ts';
import { RECORD_TAG } from './opening.ts';
import type { TrainedCandidate } from './training.ts';

export function createRegistration(ports: Pick<Ports, 'registry' | 'evidence'>) {
  return {
    /** Makes the candidate a version of the registry, so that its server can name itself. */
    async registerCandidate(input: {
      readonly context: RunContext;
      readonly candidate: TrainedCandidate;
    }): Promise<{ readonly version: string }> {
      const { context, candidate } = input;
      const record = await getJson<RunRecord>(ports.evidence, candidate.record);
      const { data, environment, artifact, params } = record;
      const registered = await ports.registry.register({
        model: context.model,
        key: `${candidate.record.sha256}/register`,
        runId: candidate.trackingRun,
        ...(candidate.mlflowModelId === undefined ? {} : { mlflowModelId: candidate.mlflowModelId }),
        artifact: { directory: await ports.evidence.placeTree(candidate.artifact), files: artifact?.files ?? [] },
        record: {
          ...(params ? { paramsDigest: digestOf(params) } : {}),
          ...(data ? { datasetDigest: data.snapshotDigest } : {}),
          ...(environment ? { environmentHash: environment.hash } : {}),
          ...(artifact ? { artifactDigest: artifact.digest } : {}),
        },
        tags: {
          'understudy.workflow_id': context.run,
          'understudy.stage': 'registered',
          [RECORD_TAG]: JSON.stringify(candidate.record),
        },
      });
      const { variant } = candidate;
      await noteStage(ports.evidence, context, variant === undefined ? 'registered' : `registered-${variant}`, {
        version: registered.version,
      });
      return { version: registered.version };
    },

    /** The last word on the tracking run, whatever the trainer left it as. */
    async closeTracking(input: {
      readonly trackingRun: string;
      readonly status: 'FINISHED' | 'FAILED' | 'KILLED';
      readonly outcome: string;
    }): Promise<void> {
      await ports.registry.closeRun(input.trackingRun, input.status, { 'understudy.outcome': input.outcome });
    },
  };
}

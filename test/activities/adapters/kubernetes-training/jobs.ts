import { readPlatform } from '../../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import type { PlatformTemplate } from '../../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { PortFailure } from '../../../../activities/ports/port-failure.ts';
import type { Placement, TrainingJob } from '../../../../activities/ports/training-backend.ts';

const GIB = 1024 ** 3;
export const DIGEST = `sha256:${'ab'.repeat(32)}`;
const COURIER = { image: `registry.example/understudy@${DIGEST}`, exchange: 'http://exchange.understudy-system:9470/' };

/** A platform as its team would write it, with fields of its own. */
export function platform(more: Readonly<Record<string, unknown>> = {}): PlatformTemplate {
  return readPlatform(JSON.stringify({ namespace: 'understudy-train', courier: COURIER, ...more }), 'platform.json');
}

export function placement(more: Partial<Placement> = {}): Placement {
  return {
    image: `registry.example/ml/train@${DIGEST}`,
    run: 'retrain/flights/2026-03-01T06:00:00Z-check',
    model: 'flights',
    lineage: { generation: 2, scorecard: `sha256:${'c0'.repeat(32)}`, snapshot: `sha256:${'5a'.repeat(32)}` },
    team: 'operations',
    costCentre: 'CC 7/ü',
    cpu: 2,
    memory: 4 * GIB,
    sharedMemory: 0,
    nodes: 1,
    queueDeadlineMs: 3_600_000,
    ...more,
  };
}

export function jobFor(where: Partial<Placement> = {}, more: Partial<TrainingJob> = {}): TrainingJob {
  return {
    name: 'us-flights-train-0123456789ab',
    command: ['python', 'train.py'],
    folder: '/somewhere/flights',
    spec: {
      schemaVersion: 1,
      mode: 'train',
      model: 'flights',
      run: 'us-flights-train-0123456789ab',
      asOf: '2026-03-01T06:00:00Z',
      params: { num_leaves: 31 },
      seed: 7,
      columns: { id: 'flight', time: 'date', label: 'late', features: ['hour'], slices: [] },
      files: [{ name: 'train.parquet', path: '/data/x/train.parquet', bytes: 5_000_000, sha256: 'cd'.repeat(32) }],
    },
    environment: { MLFLOW_TRACKING_URI: 'http://mlflow.example:5000', MLFLOW_RUN_ID: 'r1' },
    checkpoints: '/somewhere/checkpoints/r',
    deadlineMs: 1_800_000,
    graceMs: 30_000,
    retries: 2,
    placement: placement(where),
    ...more,
  };
}

/** Code and message of the PortFailure that a call throws; nothing when it throws nothing. */
export function codeOf(call: () => unknown): readonly [string, string] | undefined {
  try {
    call();
  } catch (error) {
    return error instanceof PortFailure ? [error.code, error.message] : ['not a PortFailure', String(error)];
  }
  return undefined;
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../../activities/adapters/duckdb/data-store.ts';
import { getJson, putJson } from '../../../activities/context.ts';
import { jobName } from '../../../activities/job.ts';
import { placementsOf } from '../../../activities/placement.ts';
import { createTraining } from '../../../activities/training.ts';
import type { RunRecord } from '../../../scorecards/records/run-record.ts';
import { firstAttempt } from '../../../scorecards/training-attempts.ts';
import { createTelemetry } from '../../../workers/telemetry.ts';
import { createMemoryEvidence } from '../../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../../fakes/memory-registry.ts';
import { applied } from '../../lifecycle/policies.ts';
import { oneFileDataset } from '../../one-file-dataset.ts';
import { present } from '../../present.ts';
import { imageOf } from '../cluster.ts';
import { openTrainingPods } from './pods-setup.ts';
import type { TrainingPods } from './pods-setup.ts';

const MIB = 1024 ** 2;

/** Holds 100 MiB for a moment, waits without work, and hands in what the kernel counted of it; of its GPU it says 4 GiB. */
const SMALL_AND_IDLE = `
import hashlib, json, pathlib, resource, time
began = time.monotonic()
held = bytearray(100 * 1024 * 1024)
held[::4096] = b"x" * len(range(0, len(held), 4096))
time.sleep(3)
output = pathlib.Path("/understudy/output")
(output / "model").mkdir(parents=True)
(output / "model" / "w").write_text("w")
mine = resource.getrusage(resource.RUSAGE_SELF)
used = {"seconds": time.monotonic() - began, "cpuSeconds": mine.ru_utime + mine.ru_stime, "memoryBytes": mine.ru_maxrss * 1024, "gpuMemoryBytes": 4 * 1024**3}
files = [{"path": "w", "sha256": hashlib.sha256(b"w").hexdigest()}]
result = {"mode": "train", "artifact": {"path": "model", "files": files}, "used": used}
(output / "result.json").write_text(json.dumps(result))
`;

let pods: TrainingPods;
beforeAll(async () => {
  pods = await openTrainingPods('sizes');
}, 60_000);
afterAll(async () => pods.close(), 120_000);

test('CO4: a trainer that asked for 1 GiB and held about 100 MiB, and 4 GiB of a GPU of 80, is advised to ask for less', async () => {
  const evidence = createMemoryEvidence();
  const command = ['python3', '-c', SMALL_AND_IDLE];
  const resources = { cpu: 0.5, memory: '1Gi', gpu: 1 };
  const order = applied('sizes', pods.home, {
    training: { backend: 'kubernetes', image: imageOf('trainer'), command, resources },
  });
  const opened = { receivedAt: '2026-03-01T00:00:00.000Z', trigger: { kind: 'manual' } };
  const ref = await putJson(evidence, order);
  await evidence.remember('runs/retrain/sizes/1/opened-1', await putJson(evidence, opened));
  const run = { run: 'retrain/sizes/1', model: 'sizes', asOf: opened.receivedAt, folder: pods.home };
  const context = { ...run, generation: 1, applied: ref, bootstrap: true };
  const name = jobName(context, 'training', 1);
  const [placement] = placementsOf(order.policy, context.run);
  await pods.backend.submit(pods.job(name, { command, placement: present(placement) }));
  expect(await pods.ended(name)).toMatchObject({ state: 'succeeded' });

  // What a GPU has is known to whoever may read nodes.
  const data = createDuckdbDataStore({ temporaryDirectory: pods.home });
  const ports = { data, training: pods.seesNodes, evidence, registry: createMemoryRegistry() };
  const activities = createTraining(ports, { checkpoints: pods.home }, createTelemetry());
  const asOf = '2026-03-01T00:00:00.000Z';
  const file = { name: 'train.parquet', path: '/train.parquet', bytes: 1, sha256: 'a'.repeat(64), rows: 1 };
  const candidate = await activities.collectTraining({
    context,
    submitted: { job: name, specDigest: 'b'.repeat(64), trackingRun: 'none' },
    spent: firstAttempt(1024 * MIB),
    earlier: [],
    dataset: oneFileDataset('c'.repeat(64), await putJson(evidence, { asOf, sources: [file] }), asOf),
    baseline: ref,
    trigger: { kind: 'manual', key: 'k', asOf, by: 'test' },
    receivedAt: asOf,
  });

  const { compute } = await getJson<RunRecord>(evidence, candidate.record);
  expect(compute.used?.of).toEqual({
    cpuCores: 0.5,
    memoryBytes: 1024 * MIB,
    gpus: 1,
    gpuMemoryBytes: 81_920 * MIB,
  });
  expect(compute.used?.memoryBytes).toBeGreaterThan(100 * MIB);
  expect(compute.used?.memoryBytes).toBeLessThan(200 * MIB);
  expect(candidate.advice).toEqual([
    expect.stringMatching(/^at most 1\d % of 1024Mi memory was used: 1\d\dMi would do$/),
    expect.stringMatching(
      /^on average \d+ % of 0\.5 CPU was used: 0\.25 would do if its busiest moments may take longer$/,
    ),
    'at most 5 % of 81920Mi GPU memory was used: a smaller GPU or MIG slice of 5120Mi would do if it is fast enough',
  ]);
  expect(compute.advice).toEqual(candidate.advice);
});

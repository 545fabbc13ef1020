import { writeFile } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { watchId } from '../../activities/door.ts';
import { daysFrom, writeDays } from '../lifecycle/data.ts';
import { applied } from '../lifecycle/policies.ts';
import { createServedWorld } from '../lifecycle/served-world.ts';
import { createWorld } from '../lifecycle/world.ts';

/**
 * Writes every history that the replay test plays back, from whole runs on the time-skipping server:
 * `npx tsx test/histories/record.ts`. Until a release they may all be written anew. What a release has written stays as it
 * is, because its runs may still be going on: then give new recordings new names.
 */

async function save(client: Client, workflowId: string, name: string): Promise<void> {
  const plain: unknown = historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory());
  const text = JSON.stringify(typeof plain === 'string' ? JSON.parse(plain) : plain, nothingOfThisMachine, 1);
  await writeFile(new URL(`${name}.json`, import.meta.url), `${text}\n`);
  process.stdout.write(`${name}: ${text.length} bytes\n`);
}

/** Process ids, host names and source paths tell nothing to a replay. */
function nothingOfThisMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker';
  return key === 'stackTrace' ? '' : value;
}

async function recordBatch(model: string): Promise<void> {
  const world = await createWorld();
  const start = async (asOf: string, kind: 'manual' | 'bootstrap' = 'manual'): Promise<string> => {
    const answer = await world.trigger(model, asOf, { kind });
    if (answer.answer === 'started') return answer.run;
    throw new Error(`expected a run to start, the answer is ${JSON.stringify(answer)}`);
  };
  try {
    await writeDays(world.folder, daysFrom('2001-01-01', 20, 200));
    await world.apply(applied(model, world.folder));
    const first = await start('2001-01-08T06:00:00Z', 'bootstrap');
    await world.decide(first, 'bootstrap');
    await world.result(first);
    await save(world.client, first, 'batch-bootstrapped');

    const promoted = await start('2001-01-10T06:00:00Z');
    await world.decide(promoted, 'approve');
    await world.result(promoted);
    await save(world.client, promoted, 'batch-promoted');

    world.script.quality = 'poor';
    const rejected = await start('2001-01-12T06:00:00Z');
    await world.result(rejected);
    await save(world.client, rejected, 'batch-rejected');
    world.script.quality = 'good';

    const silent = await start('2001-01-14T06:00:00Z');
    await world.question(silent);
    await save(world.client, silent, 'batch-awaiting-approval');
    await save(world.client, watchId(model), 'model-with-active-run');
    await world.result(silent);
    await save(world.client, silent, 'batch-expired');

    await world.client.workflow.execute('triggerRetraining', {
      workflowId: `schedule/${model}`,
      taskQueue: 'retrain-control',
      args: [{ model, kind: 'check' }],
    });
    await save(world.client, `schedule/${model}`, 'scheduled-check');
  } finally {
    await world.close();
  }
}

async function recordServed(model: string): Promise<void> {
  const world = await createServedWorld(model);
  try {
    await world.bootstrap();
    await world.arrive({ champion: {}, challenger: { errors: 0.2 } });
    const run = await world.approved();
    await world.result(run);
    await save(world.client, run, 'served-rolled-back');
    await save(world.client, `${run}/rollout-1`, 'served-rolled-back-rollout');
  } finally {
    await world.close();
  }
}

await recordBatch('batch');
await recordServed('served');

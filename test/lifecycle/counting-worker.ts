import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { createCounting } from '../../activities/counting.ts';
import { withFailures } from '../../activities/failures.ts';

/** What a worker process is told as its argument. */
export interface CountingWorker {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Holds the evidence and the marks. */
  readonly folder: string;
  readonly name: string;
  /** Begins nothing before so many workers have begun. */
  readonly together: number;
  /** Never ends its n-th part. */
  readonly hangsAt?: number;
}

const told = JSON.parse(process.argv[2] ?? '{}') as CountingWorker;
const mark = (text: string): void => writeFileSync(join(told.folder, 'marks', `${told.name}-${text}`), '');

async function main(): Promise<void> {
  const real = createDuckdbDataStore({ temporaryDirectory: join(told.folder, `spill-${told.name}`), threads: 1 });
  let parts = 0;
  const data: typeof real = {
    ...real,
    sketch: async (request, work) => {
      parts += 1;
      mark(`begins-${parts}`);
      while (
        readdirSync(join(told.folder, 'marks')).filter((file) => file.endsWith('-begins-1')).length < told.together
      )
        await pause(20, undefined, { signal: work.signal });
      if (parts === told.hangsAt) {
        mark('hangs');
        await pause(3_600_000, undefined, { signal: work.signal });
      }
      return real.sketch(request, work);
    },
  };
  const evidence = createFileEvidence({ root: join(told.folder, 'evidence') });
  const { address, namespace, taskQueue } = told;
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    taskQueue,
    activities: withFailures(createCounting({ data, evidence })),
    maxConcurrentActivityTaskExecutions: 1,
  });
  await worker.run();
}

await main();

import { createServer } from 'node:net';
import { carry } from './courier-carry.ts';
import { fetchAll } from './courier-fetch.ts';
import { carryLog } from './courier-log.ts';
import { CourierEnd } from './courier-line.ts';
import type { CourierOptions } from './courier-line.ts';
import { COURIER_PORT, POD_PATHS } from './manifest-paths.ts';

// A program of its own: it runs in the pods of trainers and servers, and its manifest gives it everything by environment.
const given = process.env;

function wanted(name: string): string {
  const value = given[name];
  if (value !== undefined && value !== '') return value;
  throw new CourierEnd(78, `${name} is not set; the manifest of the pod sets it`);
}

async function main(): Promise<void> {
  const options: CourierOptions = {
    exchange: wanted('EXCHANGE_URL'),
    job: wanted('EXCHANGE_JOB'),
    token: wanted('EXCHANGE_TOKEN'),
    specSha256: wanted('EXCHANGE_SPEC_SHA256'),
    root: given['EXCHANGE_ROOT'] ?? POD_PATHS.root,
  };
  if (process.argv[2] === 'fetch') {
    await fetchAll(options);
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  if (process.argv[2] === 'log') {
    const say = (line: string): void => {
      process.stderr.write(`courier: ${line}\n`);
    };
    const limitBytes = Number(wanted('EXCHANGE_LOG_BYTES'));
    await carryLog({ ...options, pod: wanted('HOSTNAME'), limitBytes, say }, stop.signal);
    return;
  }
  // Only now may the trainer start: its end is told by a signal, and one that comes before is lost.
  const door = createServer((caller) => caller.destroy()).listen(COURIER_PORT);
  await carry({ ...options, leads: (given['JOB_COMPLETION_INDEX'] ?? '0') === '0' }, stop.signal).finally(() => {
    door.close();
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`courier: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof CourierEnd ? error.exitCode : 75;
});

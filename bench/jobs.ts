import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runReal } from './jobs/real.ts';
import { describeReal, describeSimulated } from './jobs/report.ts';
import { openServers, type Servers } from './jobs/servers.ts';
import { runSimulated } from './jobs/simulated.ts';

/** `npm run bench:jobs`: how many requests a training Job costs the cluster, and how soon a run goes on after it. */
async function main(): Promise<void> {
  const load = { jobs: fromEnvironment('BENCH_JOBS', 500), runMs: fromEnvironment('BENCH_SECONDS', 60) * 1000 };
  const [cpu] = os.cpus();
  console.log(
    `${os.availableParallelism()} × ${cpu?.model}, ${Math.round(os.totalmem() / 1024 ** 3)} GiB, Node ${process.version}`,
  );
  await withServers(async (servers) => console.log(describeSimulated(load, await runSimulated(servers, load))));
  const jobs = fromEnvironment('BENCH_REAL_JOBS', 20);
  await withServers(async (servers) => console.log(describeReal(await runReal(servers, jobs))));
}

/** Whatever was started ends with the work, also when somebody stops the bench. */
async function withServers(work: (servers: Servers) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-bench-'));
  const servers = openServers(folder);
  const leave = async (): Promise<void> => {
    await servers.close();
    await rm(folder, { recursive: true, force: true });
  };
  const stop = (): void => {
    void leave().then(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work(servers);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await leave();
  }
}

function fromEnvironment(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${name} is "${process.env[name]}"; expected a whole number above 0`);
}

await main();

/**
 * Half a year of real flights in five minutes: a model is bootstrapped, a retraining is rejected for a stated reason, drift is
 * found, its candidate is judged, approved, canaried and promoted, another breaks live and is rolled back, and an incomplete
 * week starts nothing. All of it on a real Temporal, MLflow and Traefik that this script starts and stops.
 *
 *   npm run demo                 plays it and cleans up
 *   npm run demo -- --ask        waits for you to approve
 *   npm run demo -- --keep       leaves everything running, with links
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildData } from './build-data.ts';
import { bootstrap, incomplete, promoted, quietTime, rejected, rolledBack } from './demo/chapters.ts';
import { createCli } from './demo/cli.ts';
import type { Demo } from './demo/runs.ts';
import { chapter, closingTable, line } from './demo/screen.ts';
import { Expectations, MODEL } from './demo/story.ts';
import type { Expected, Happened } from './demo/story.ts';
import { checkout, flights } from './folder.ts';

const { values } = parseArgs({
  options: { ask: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
});
const stop = new AbortController();
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
const settings = join(flights, 'understudy.config.yaml');
const policy = join(flights, 'policy.demo.yaml');
const state = join(checkout(), '.understudy', 'flights');
const expectations = new Expectations();
const happened: Happened[] = [];

async function main(): Promise<void> {
  const expected = JSON.parse(await readFile(join(flights, 'expected.json'), 'utf8')) as Expected;
  const addresses = await setTheStage();
  const demo: Demo = {
    asks: values.ask,
    signal: stop.signal,
    cli: createCli(settings, stop.signal),
    policy,
    gateway: addresses.gateway,
    ratePerSecond: 300,
    lookEveryMs: 700,
    servers,
    expectations,
    happened,
  };
  await bootstrap(demo);
  await quietTime(demo, expected);
  await rejected(demo, expected);
  await promoted(demo);
  await rolledBack(demo);
  await incomplete(demo);
  close(addresses);
}

interface Addresses {
  readonly temporalUi: string;
  readonly mlflow: string;
  readonly gateway: string;
}

async function setTheStage(): Promise<Addresses> {
  chapter('The stage: flights of 2001, Temporal, MLflow, Traefik, one worker');
  const cli = createCli(settings, stop.signal);
  const built = await buildData();
  line(`${built.rows.toLocaleString('en-US')} flights by day${built.built ? '' : ', already there'}`);
  await cli.run(['stack', 'down']);
  await rm(state, { recursive: true, force: true });
  const stack = await cli.ask<{ addresses: Addresses }>(['stack', 'up']);
  line(`Temporal UI  ${stack.addresses.temporalUi}`);
  line(`MLflow       ${stack.addresses.mlflow}`);
  // The example's schedule would wake up at six today and ask about 2026: it is created, and paused.
  await cli.ask(['apply', '-f', policy, '--paused', 'the demo asks about 2001']);
  return stack.addresses;
}

/** Servers are processes of this machine; each writes down the port that it was given. */
async function servers(version: string): Promise<string[]> {
  const spec = join(state, 'servers', `${MODEL}-v${version}`, 'spec.json');
  const { port } = JSON.parse(await readFile(spec, 'utf8')) as { port: number };
  return [`http://127.0.0.1:${port}`];
}

const understudy = 'npx understudy --config examples/flights/understudy.config.yaml';

function close(addresses: Addresses): void {
  chapter('What happened');
  closingTable(happened);
  chapter('Where to look');
  line(`each run     ${understudy} report ${happened.at(-2)?.run ?? MODEL} -o html > report.html`);
  line(`all answers  ${understudy} history ${MODEL} --triggers`);
  if (values.keep) {
    line(`Temporal UI  ${addresses.temporalUi}`);
    line(`MLflow       ${addresses.mlflow}`);
    line(`stop it with ${understudy} stack down`);
  } else {
    line('the stack    npm run demo -- --keep leaves Temporal, MLflow and the servers running');
  }
}

async function end(failed: string | undefined): Promise<void> {
  if (!values.keep) await createCli(settings).run(['stack', 'down']);
  for (const sentence of [...expectations.broken, ...(failed === undefined ? [] : [failed])])
    console.error(`not as expected: ${sentence}`);
  if (values.keep && failed !== undefined) console.error(`what was started is left running: ${understudy} stack down`);
  process.exitCode = stop.signal.aborted ? 130 : expectations.broken.length > 0 || failed !== undefined ? 1 : 0;
}

await main().then(
  () => end(undefined),
  (error: unknown) => end(stop.signal.aborted ? 'stopped' : error instanceof Error ? error.message : String(error)),
);

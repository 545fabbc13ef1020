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
import { ask, understudy } from './demo/cli.ts';
import { breachLive } from './demo/breach.ts';
import { approve, awaitsDecision, follow, trigger } from './demo/runs.ts';
import type { Demo } from './demo/runs.ts';
import { chapter, closingTable, driftTable, elapsedSeconds, line } from './demo/screen.ts';
import { AS_OF, Expectations, MODEL } from './demo/story.ts';
import type { DriftDay, Happened, Sheet } from './demo/story.ts';
import { checkout, flights } from './folder.ts';
import { startTraffic } from './traffic.ts';

interface Expected {
  readonly rejectedCriteria: readonly string[];
  readonly firstFire: string;
  readonly spikes: readonly string[];
  readonly psiAtFire: number;
  readonly psiTolerance: number;
}

const { values } = parseArgs({
  options: { ask: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
});
const stop = new AbortController();
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
const demo: Demo = { asks: values.ask, signal: stop.signal };
const expectations = new Expectations();
const happened: Happened[] = [];

async function main(): Promise<void> {
  const expected = JSON.parse(await readFile(join(flights, 'expected.json'), 'utf8')) as Expected;
  const addresses = await setTheStage();
  await bootstrap();
  await quietTime(expected);
  await rejected(expected);
  await promoted(addresses.gateway);
  await rolledBack(addresses.gateway);
  await incomplete();
  close(addresses);
}

interface Addresses {
  readonly temporalUi: string;
  readonly mlflow: string;
  readonly gateway: string;
}

async function setTheStage(): Promise<Addresses> {
  chapter('The stage: flights of 2001, Temporal, MLflow, Traefik, one worker');
  const built = await buildData();
  line(`${built.rows.toLocaleString('en-US')} flights by day${built.built ? '' : ', already there'}`);
  await understudy(['stack', 'down']);
  await rm(join(checkout(), '.understudy', 'flights'), { recursive: true, force: true });
  const stack = await ask<{ addresses: Addresses }>(['stack', 'up'], [0], demo.signal);
  line(`Temporal UI  ${stack.addresses.temporalUi}`);
  line(`MLflow       ${stack.addresses.mlflow}`);
  // The example's schedule would wake up at six today and ask about 2026: it is created, and paused.
  await ask(
    ['apply', '-f', join(flights, 'policy.demo.yaml'), '--paused', 'the demo asks about 2001'],
    [0],
    demo.signal,
  );
  return stack.addresses;
}

/** Plays one run to its end and notes it. */
async function note(what: string, asOf: string, play: () => Promise<Sheet>): Promise<Sheet> {
  const from = elapsedSeconds();
  const sheet = await play();
  const { outcome = '?', reason = '' } = sheet.ended ?? {};
  happened.push({ what, asOf, run: sheet.run, ended: outcome, why: reason, seconds: elapsedSeconds() - from });
  line(`→ ${outcome}: ${reason}`);
  return sheet;
}

async function bootstrap(): Promise<void> {
  chapter('(a) January’s model becomes the first champion, by explicit approval');
  const sheet = await note('bootstrap', AS_OF.bootstrap, async () => {
    const run = await trigger(demo, 'bootstrap', AS_OF.bootstrap);
    await follow(demo, run, awaitsDecision);
    await approve(demo, run);
    return follow(demo, run);
  });
  expectations.that(sheet.ended?.outcome === 'promoted', '(a) the bootstrap should end promoted');
}

async function quietTime(expected: Expected): Promise<void> {
  chapter('(b) Daily drift checks: quiet months, spikes that do not count, then a change that lasts');
  const replay = await ask<{ days: DriftDay[] }>(
    ['drift', 'replay', '-f', join(flights, 'policy.demo.yaml'), '--from', '2001-02-08', '--to', '2001-04-30'],
    [0],
    demo.signal,
  );
  driftTable(replay.days);
  const firstFire = replay.days.find((day) => day.fires);
  const spikes = replay.days.filter((day) => day.suppressedSpike).map((day) => day.asOf.slice(0, 10));
  expectations.that(
    firstFire?.asOf.slice(0, 10) === expected.firstFire,
    `(b) drift should first fire on ${expected.firstFire}, it did on ${firstFire?.asOf ?? 'no day'}`,
  );
  expectations.that(
    expected.spikes.every((day) => spikes.includes(day)),
    `(b) spikes on ${expected.spikes.join(', ')} should be suppressed, were ${spikes.join(', ')}`,
  );
  const off = Math.abs((firstFire?.score ?? 0) - expected.psiAtFire);
  expectations.that(
    off <= expected.psiTolerance,
    `(b) the worst PSI at the first fire should be ${expected.psiAtFire}, it is ${firstFire?.score}`,
  );
}

async function rejected(expected: Expected): Promise<void> {
  chapter('(c) The scheduled retraining of week 9 is worse than its champion');
  const sheet = await note('scheduled retraining', AS_OF.rejected, async () =>
    follow(demo, await trigger(demo, 'schedule', AS_OF.rejected)),
  );
  expectations.that(
    sheet.ended?.outcome === 'rejected',
    '(c) the candidate of week 9 should be rejected by the scorecard',
  );
  const reason = sheet.ended?.reason ?? '';
  for (const criterion of expected.rejectedCriteria)
    expectations.that(reason.toLowerCase().includes(criterion), `(c) the rejection should name ${criterion}`);
}

async function promoted(gateway: string): Promise<void> {
  chapter('(d) Drift at the end of April: retrained, judged, shadowed, approved, canaried, promoted');
  const run = await trigger(demo, 'check', AS_OF.drifted);
  const sheet = await note('drift found by a check', AS_OF.drifted, async () => {
    await follow(demo, run, (now) => now.stage === 'shadow');
    const traffic = await startTraffic({
      gateway,
      route: 'flights',
      model: MODEL,
      asOf: AS_OF.drifted,
      ratePerSecond: 300,
      signal: demo.signal,
    });
    try {
      await follow(demo, run, awaitsDecision);
      await approve(demo, run);
      return await follow(demo, run);
    } finally {
      const log = await traffic.stop();
      line(`${log.answered.toLocaleString('en-US')} requests through the gateway meanwhile, ${log.bad} bad`);
      expectations.that(log.bad === 0, '(d) no request should have been answered badly');
    }
  });
  expectations.that(sheet.ended?.outcome === 'promoted', '(d) the candidate of 30 April should be promoted');
}

async function rolledBack(gateway: string): Promise<void> {
  chapter('(e) A challenger that passes every test and then breaks under live traffic');
  const sheet = await note('breach in the canary', AS_OF.breached, async () => breachLive(demo, gateway, expectations));
  expectations.that(
    sheet.ended?.outcome === 'rolled-back',
    '(e) the challenger that answers errors should be rolled back',
  );
}

async function incomplete(): Promise<void> {
  chapter('(f) The last week is incomplete: nobody can say, so nothing is trained');
  const sheet = await note('incomplete last week', AS_OF.incomplete, async () =>
    follow(demo, await trigger(demo, 'check', AS_OF.incomplete)),
  );
  expectations.that(sheet.ended?.outcome === 'inconclusive', '(f) the incomplete week should be inconclusive');
  expectations.that(!sheet.stages.some((stage) => stage.stage === 'training'), '(f) nothing should be trained');
}

function close(addresses: Addresses): void {
  chapter('What happened');
  closingTable(happened);
  const understudy = 'npx understudy --config examples/flights/understudy.config.yaml';
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
  if (!values.keep) await understudy(['stack', 'down']);
  for (const sentence of [...expectations.broken, ...(failed === undefined ? [] : [failed])])
    console.error(`not as expected: ${sentence}`);
  process.exitCode = stop.signal.aborted ? 130 : expectations.broken.length > 0 || failed !== undefined ? 1 : 0;
}

await main().then(
  () => end(undefined),
  (error: unknown) => end(stop.signal.aborted ? 'stopped' : error instanceof Error ? error.message : String(error)),
);

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Check } from '../../../clients/doctor.ts';
import type { RunSheet } from '../../../scorecards/run-sheet.ts';
import type { AppliedPolicy } from '../../../scorecards/trigger.ts';
import { daysFrom, writeDays } from '../../lifecycle/data.ts';
import { applied } from '../../lifecycle/policies.ts';
import { present } from '../../present.ts';
import { imageOf, until } from '../cluster.ts';
import { kubectlCommands, type } from './kubectl.ts';
import { holdTrainers } from './training-control.ts';
import type { TrainingControl } from './training-control.ts';
import { STATE } from './installed-worker.ts';
import { openWorkerPod } from './worker-pod.ts';
import type { WorkerPod } from './worker-pod.ts';

const MODEL = 'podded';
const FOLDER = 'flights';
const TRAINER = fileURLToPath(new URL('../../lifecycle/trainer.mjs', import.meta.url));

let world: WorkerPod;
let trainers: TrainingControl;
beforeAll(async () => {
  trainers = await holdTrainers();
  world = await openWorkerPod();
  const folder = path.join(world.state, FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'requirements.lock'), 'lightgbm==4.7.0\n');
  await writeDays(folder, daysFrom('2001-01-01', 10, 200));
}, 180_000);
afterAll(async () => {
  await trainers.close();
  await world.close();
}, 240_000);

test('SE5: the worker becomes ready as a pod from the shipped manifests and polls Temporal', async () => {
  expect(world.answers.filter(({ status }) => status !== 201)).toEqual([]);
  const pod = await world.readyPod();
  const metrics = await (await fetch(`http://${pod.status?.podIP}:9464/metrics`)).text();
  expect(metrics.match(/^understudy_worker_polling\{.*\} 1$/gmu)).toHaveLength(5);
}, 300_000);

test('OP10: the doctor in the pod of the worker finds everything well, and says what it could not look at', async () => {
  const { checks, code } = await contentDoctor();
  expect(code).toBe(0);
  const well = checks.filter(({ state }) => state === 'ok').map(({ name }) => name);
  expect(well).toEqual(
    expect.arrayContaining(['temporal', 'search attributes', 'worker', 'mlflow', 'gateway', 'state', 'cluster']),
  );
  expect(well).toEqual(expect.arrayContaining([`rights in ${world.train}`, `rights in ${world.serving}`]));
}, 120_000);

test('CA5: a worker that is killed while a Job trains is replaced, and the run goes on with the same Job to its end', async () => {
  await world.apply(await policy());
  const answer = await world.trigger(MODEL, '2001-01-10T06:00:00Z', { kind: 'bootstrap', ignoreCooldown: true });
  expect(answer).toMatchObject({ answer: 'started' });
  const run = `retrain/${MODEL}/20010110T060000Z-bootstrap`;
  const job = await until(`a trainer of ${run}`, async () => await trainerOf(run), 150_000);
  const killed = await world.readyPod();
  await world.kill(killed);
  // The trainer ends while nobody takes its result.
  trainers.letGo();
  await world.readyPod(killed.metadata?.uid);
  await until(`${run} asks for a decision`, async () => (await stillOn(run)).approval.request, 200_000);
  await world.decide(run, 'bootstrap');
  expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '1' });
  expect(trainers.begun()).toEqual([job]);
}, 600_000);

test('each kubectl command of the documents does what it says', async () => {
  await world.copyManifests(path.join(world.state, 'typed', 'infra', 'kubernetes'));
  const anchor = 'understudy-anchor-0123456789abcdef';
  await world.addAnchor(anchor);
  const said: Record<string, string> = {};
  for (const command of kubectlCommands())
    said[command] = await type(world.renamed(command), path.join(world.state, 'typed'));
  const made = present(said['kubectl kustomize infra/kubernetes | kubectl apply --server-side -f -']);
  expect(made.trim().split('\n')).toHaveLength(world.manifests.length);
  expect(Object.values(said).join('\n')).toMatch(/successfully rolled out.*0 problems.*restarted/s);
  expect(said[`kubectl -n understudy-train delete configmap ${anchor}`]).toContain(`"${anchor}" deleted`);
  expect(Object.keys(said)).toHaveLength(5);
}, 600_000);

/** What the doctor says once it has no problem left: it waits seconds only, and a server that has just started may take longer. */
async function contentDoctor(): Promise<{ readonly checks: readonly Check[]; readonly code: number }> {
  const pod = await world.readyPod();
  let last = '';
  const ask = async () => {
    const { code, stdout } = await world.exec(pod, 'understudy', 'doctor', '-o', 'json');
    last = stdout;
    const { checks } = JSON.parse(stdout) as { checks: readonly Check[] };
    return checks.some(({ state }) => state === 'problem') ? undefined : { checks, code };
  };
  return await until('a content doctor', ask).catch((cause: unknown) => {
    throw new Error(`it said last: ${last}`, { cause });
  });
}

/** The job whose trainer is at work, if there is one by now. */
async function trainerOf(run: string): Promise<string | undefined> {
  await stillOn(run);
  return trainers.begun()[0];
}

/** What a run tells of itself; throws when it has ended, for then nothing more is to come. */
async function stillOn(run: string): Promise<RunSheet> {
  const sheet = await world.sheetOf(run);
  if (sheet.ended !== undefined) throw new Error(`${run} ended ${sheet.ended.outcome}: ${sheet.ended.reason}`);
  return sheet;
}

/** The smallest model's life: no server, one criterion, all pods small. */
async function policy(): Promise<AppliedPolicy> {
  const script = await readFile(TRAINER, 'utf8');
  const given = applied(MODEL, path.join(STATE, FOLDER), {
    training: {
      backend: 'kubernetes',
      image: imageOf('trainer'),
      command: ['node', '--input-type=module', '-e', script],
      params: { control: trainers.url },
      resources: { cpu: 0.1, memory: '256MB' },
      deadline: '5m',
      retries: 0,
      lockfile: 'requirements.lock',
    },
  });
  const criteria = given.scorecard.spec.criteria.filter(({ group }) => group === 'size' || group === 'quality');
  return { ...given, scorecard: { ...given.scorecard, spec: { ...given.scorecard.spec, criteria } } };
}

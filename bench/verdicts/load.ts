import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createOpenLoopLoad } from '../../activities/adapters/open-loop-load.ts';
import type { RunningServer } from '../../activities/ports/serving.ts';
import type { PolicyFile } from '../../clients/policy-file.ts';
import { flights } from '../../examples/flights/folder.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { pythonBin } from '../../infra/python.ts';
import { isLatency, loadFor } from '../../scorecards/candidate/latency.ts';
import type { LatencyPair, Load } from '../../scorecards/candidate/latency.ts';
import type { Model, Models } from './models.ts';
import type { Window } from './weeks.ts';

const READY_WITHIN_MS = 60_000;

/** What the load run offers to each server. */
export function loadOf({ scorecard }: PolicyFile): Load {
  return loadFor(scorecard.spec.criteria.filter(isLatency));
}

/**
 * Latencies of both models behind the example's own server, asked in turns with rows of the week at the rate that the scorecard names.
 * The servers are processes of this machine, so the figures move with what else it does.
 */
export async function latencyOf(
  models: Models,
  [challenger, champion]: readonly [Model, Model],
  on: Window,
): Promise<LatencyPair> {
  const { policy } = models.file;
  const { serving } = policy.spec;
  if (!serving) throw new Error('policy.yaml of the flights names no server; the latency of the scorecard needs one');
  const load = loadOf(models.file);
  const { holdout } = await models.snapshot(on);
  const sample = await models.data.sample(holdout.path, 500);
  const names = (policy.spec.data.features ?? []).map(({ name }) => name);
  const rows = sample.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
  const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-verdicts-'));
  const started: Server[] = [];
  try {
    for (const [index, model] of [challenger, champion].entries())
      started.push(await start(model, `${index + 1}`, folder));
    const [one, other] = started.map(({ running }) => running);
    if (one === undefined || other === undefined) throw new Error('two servers were to be started');
    const targets = [
      { name: 'challenger', server: one },
      { name: 'champion', server: other },
    ];
    const generator = createOpenLoopLoad({ maxRatePerSecond: load.rate, maxDurationMs: load.for });
    const results = await generator.run({
      targets,
      http: serving.http,
      ratePerSecond: load.rate,
      durationMs: load.for,
      rows,
    });
    const of = (name: string) => results[name] ?? { latenciesMs: [], failed: 0 };
    return { load, challenger: of('challenger'), champion: of('champion') };
  } finally {
    await Promise.all(started.map(stop));
    await rm(folder, { recursive: true, force: true });
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly running: RunningServer;
}

async function start({ artifact }: Model, version: string, folder: string): Promise<Server> {
  const [port = 0] = await freePorts(1);
  const log = path.join(folder, version);
  await mkdir(log);
  const specFile = path.join(folder, `${version}.json`);
  const model = 'flights-late';
  const spec = { schemaVersion: 1, mode: 'serve', model, version, artifact, host: '127.0.0.1', port, log };
  await writeFile(specFile, JSON.stringify(spec));
  const child = spawn(pythonBin('python'), ['serve.py'], {
    cwd: flights,
    env: { PYTHONDONTWRITEBYTECODE: '1', HOME: folder, UNDERSTUDY_SPEC: specFile },
    stdio: 'ignore',
  });
  const running = { name: `${model} v${version}`, model, version, url: `http://127.0.0.1:${port}`, log };
  const server = { child, running };
  const until = Date.now() + READY_WITHIN_MS;
  while ((await fetch(`${running.url}/v2/health/ready`).catch(() => undefined))?.ok !== true) {
    if (child.exitCode === null && Date.now() < until) {
      await pause(100);
      continue;
    }
    await stop(server);
    throw new Error(
      `serve.py with ${artifact} ended with ${child.exitCode}, or was not ready within ${READY_WITHIN_MS} ms`,
    );
  }
  return server;
}

async function stop({ child }: Server): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
}

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageRoot } from '../../infra/package-root.ts';
import { stackDown } from '../../infra/stack/down.ts';
import { blocksOf } from './pages.ts';
import { writeChurn } from './churn-data.ts';

interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** As the README says it, on free ports: other stacks may run on this machine. */
const SETTINGS = `apiVersion: understudy/v1
kind: OperatorSettings
stack: { temporal: 0, temporalUi: 0, mlflow: 0, gateway: 0, gatewayMetrics: 0 }
worker: { metricsPort: 0, webhookPort: 0 }
`;

let folder: string;

/** A folder as a newcomer has it: data by day, the trainer of docs/trainer.md, a checkout; nothing of ours in the environment. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-quick-start-'));
  await writeChurn(path.join(folder, 'data'), { days: 40, rowsADay: 400 });
  await writeFile(path.join(folder, 'understudy.config.yaml'), SETTINGS);
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const [trainer = ''] = blocksOf(await pageOf('docs/trainer.md'), 'python');
  await writeFile(path.join(folder, 'train.py'), trainer);
}, 60_000);

afterAll(async () => {
  await stackDown(path.join(folder, '.understudy'));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function pageOf(file: string) {
  return { text: await readFile(path.join(packageRoot(), file), 'utf8') };
}

/** The lines that the README asks a newcomer to type. */
async function lines(): Promise<readonly string[]> {
  const block = blocksOf(await pageOf('README.md'), 'sh').find((text) => text.includes('understudy init'));
  return (block ?? '').trim().split('\n');
}

async function type(line: string): Promise<Ran> {
  const here = line.replace('../understudy', packageRoot());
  // npx would look for a newer npm as well; nobody waits for that here.
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    npm_config_update_notifier: 'false',
    npm_config_offline: 'true',
  };
  return new Promise((resolve) => {
    execFile('sh', ['-c', here], { cwd: folder, env, timeout: 180_000 }, (error, out, err) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ exitCode, out, err });
    });
  });
}

test('the five minutes of the README lead to a champion', async () => {
  const typed = new Map<string, string>();
  for (const line of await lines()) {
    const { exitCode, out, err } = await type(line);
    expect({ line, exitCode, out, err }).toMatchObject({ exitCode: 0 });
    typed.set(line.replace(/^npx understudy /, ''), out);
  }
  const said = (command: string) => [...typed].find(([line]) => line.startsWith(command))?.[1];
  const policy = await readFile(path.join(folder, 'policy.yaml'), 'utf8');
  expect(policy.trim().split('\n').length).toBeLessThan(15);
  expect(said('trigger')).toMatch(/^started retrain\/churn\/\S+-bootstrap$/m);
  expect(said('wait churn --for promoted')).toMatch(/^promoted after .*v1/);
  expect(said('status')).toMatch(/✔ promotion +v1 is champion/);
  expect(said('report')).toContain('you@example.org');
}, 300_000);

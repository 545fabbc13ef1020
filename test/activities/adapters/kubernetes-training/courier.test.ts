import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  addPointer,
  checkpointFile,
  readPointers,
} from '../../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import { fetchAll } from '../../../../activities/adapters/kubernetes-training/courier-fetch.ts';
import { eventually } from '../../../eventually.ts';
import { DATA, SPEC, openExchange, sha256 } from './exchange-setup.ts';
import type { ExchangeSetup } from './exchange-setup.ts';

const MAIN = fileURLToPath(
  new URL('../../../../activities/adapters/kubernetes-training/courier-main.ts', import.meta.url),
);

let setup: ExchangeSetup;
let pod: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  setup = await openExchange();
  pod = await mkdtemp(join(tmpdir(), 'understudy-pod-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await setup.close();
  await rm(pod, { recursive: true });
});

const options = () => ({
  exchange: setup.url,
  job: 'flights-1',
  token: setup.token,
  specSha256: sha256(SPEC),
  root: pod,
  backoffMs: 1,
  tries: 3,
});

/** The very program that a pod runs. */
function courier(action: string, more: Record<string, string> = {}): { child: ChildProcess; said: () => string } {
  const environment = {
    PATH: process.env['PATH'],
    EXCHANGE_URL: setup.url,
    EXCHANGE_JOB: 'flights-1',
    EXCHANGE_TOKEN: setup.token,
    EXCHANGE_SPEC_SHA256: sha256(SPEC),
    EXCHANGE_ROOT: pod,
    ...more,
  };
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, action], {
    env: environment,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  return { child, said: () => said };
}
const exitOf = async (child: ChildProcess): Promise<unknown> => (await once(child, 'exit'))[0];
const inPod = async (path: string): Promise<string> => await readFile(join(pod, path), 'utf8');

async function saveOnHost(step: number, text: string): Promise<string> {
  const digest = sha256(text);
  await mkdir(join(setup.checkpoints, '.exchange'), { recursive: true });
  await writeFile(checkpointFile(setup.checkpoints, digest), text);
  await addPointer(setup.checkpoints, { step, path: `step-${step}.bin`, sha256: digest });
  return digest;
}

describe('fetch', () => {
  test('brings the spec and every file, and ends with 0', async () => {
    const { child } = courier('fetch');
    expect(await exitOf(child)).toBe(0);
    expect([await inPod('spec.json'), await inPod('data/day=1/day.parquet')]).toEqual([SPEC, DATA]);
  });

  test.each([
    [{ EXCHANGE_TOKEN: 'wrong' }, 77, 'no valid token'],
    [{ EXCHANGE_SPEC_SHA256: sha256('other') }, 78, 'the Job was made for'],
    [{ EXCHANGE_URL: '' }, 78, 'EXCHANGE_URL is not set'],
  ])('with %j it ends with %d and says "%s"', async (more, code, text) => {
    const { child, said } = courier('fetch', more);
    expect(await exitOf(child)).toBe(code);
    expect(said()).toContain(text);
  });

  test('a file that is not what the spec promises ends with 65 and leaves no file', async () => {
    await writeFile(setup.dataFile, DATA.replace('first', 'other'));
    await expect(fetchAll(options())).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining('day=1/day.parquet'),
    });
    expect(await readdir(join(pod, 'data/day=1'))).toEqual([]);
  });

  test('an exchange that stays away ends with 69', async () => {
    await expect(fetchAll({ ...options(), exchange: 'http://127.0.0.1:1' })).rejects.toMatchObject({ exitCode: 69 });
  });

  test('the newest checkpoint is restored with its pointer', async () => {
    await saveOnHost(10, 'weights at 10');
    const digest = await saveOnHost(20, 'weights at 20');
    await fetchAll(options());
    expect(JSON.parse(await inPod('checkpoints/latest'))).toEqual({ step: 20, path: 'step-20.bin', sha256: digest });
    expect(await inPod('checkpoints/step-20.bin')).toBe('weights at 20');
  });

  test('FK8: a corrupt checkpoint gives way to the one before', async () => {
    await saveOnHost(10, 'weights at 10');
    await writeFile(checkpointFile(setup.checkpoints, await saveOnHost(20, 'weights at 20')), 'weights at 2?');
    await fetchAll(options());
    expect(JSON.parse(await inPod('checkpoints/latest'))).toMatchObject({ step: 10 });
  });

  test('FK8: when no checkpoint is whole the trainer begins at zero', async () => {
    await rm(checkpointFile(setup.checkpoints, await saveOnHost(10, 'weights at 10')));
    await fetchAll(options());
    expect(await readdir(join(pod, 'checkpoints'))).toEqual([]);
  });
});

describe('carry', () => {
  async function carrying(more: Record<string, string> = {}): Promise<ChildProcess> {
    await mkdir(join(pod, 'output/model'), { recursive: true });
    await mkdir(join(pod, 'checkpoints'));
    return courier('carry', more).child;
  }
  const begun = async () => await eventually(async () => await setup.folder.attempt(), Boolean);

  test('progress and checkpoints are carried out while the trainer runs', async () => {
    await carrying();
    await appendFile(join(pod, 'progress.jsonl'), '{"step":3,"of":10}\n{"step":4,"o');
    const pointer = { step: 3, path: 'w.bin', sha256: sha256('weights') };
    await writeFile(join(pod, 'checkpoints/w.bin'), 'weights');
    await writeFile(join(pod, 'checkpoints/latest'), JSON.stringify(pointer));
    await eventually(async () => (await readPointers(setup.checkpoints)).length, Boolean);
    expect(await readPointers(setup.checkpoints)).toEqual([pointer]);
    expect(await setup.folder.progress()).toEqual({ step: 3, of: 10 });
  });

  test('SIGTERM hands in every file of the output, no link, and ends with 0', async () => {
    const child = await carrying();
    await begun();
    await writeFile(join(pod, 'output/model/weights.bin'), 'weights');
    await writeFile(join(pod, 'output/result.json'), '{"mode":"train"}');
    await symlink('/etc/passwd', join(pod, 'output/passwd'));
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    expect(await setup.folder.isCommitted()).toBe(true);
    const handedIn = await readdir(setup.folder.output, { recursive: true });
    expect(handedIn.toSorted()).toEqual(['model', 'model/weights.bin', 'result.json']);
  });

  test('the last checkpoint before SIGTERM is not lost', async () => {
    const child = await carrying();
    await begun();
    await writeFile(join(pod, 'checkpoints/w.bin'), 'weights');
    await writeFile(
      join(pod, 'checkpoints/latest'),
      JSON.stringify({ step: 9, path: 'w.bin', sha256: sha256('weights') }),
    );
    child.kill('SIGTERM');
    await exitOf(child);
    expect((await readPointers(setup.checkpoints)).map(({ step }) => step)).toEqual([9]);
  });

  test('a pod whose attempt was overtaken hands in nothing and ends with 0', async () => {
    const child = await carrying();
    await begun();
    await setup.folder.begin('newer');
    await writeFile(join(pod, 'output/result.json'), '{}');
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    expect(await setup.folder.isCommitted()).toBe(false);
  });
});

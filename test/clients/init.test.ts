import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { registerInit } from '../../clients/commands/init.ts';
import { lintFile } from '../../clients/lint-file.ts';
import type { Column } from '../../scorecards/policy/infer.ts';
import { runCommand } from './run-command.ts';
import type { Ran } from './run-command.ts';

const OBSERVATIONS: readonly Column[] = [
  { name: 'customer', type: 'BIGINT' },
  { name: 'at', type: 'TIMESTAMP' },
  { name: 'age', type: 'INTEGER' },
  { name: 'plan', type: 'VARCHAR' },
];
const LABELS: readonly Column[] = [
  { name: 'customer', type: 'BIGINT' },
  { name: 'churned', type: 'BOOLEAN' },
  { name: 'known_at', type: 'TIMESTAMP' },
];
const FILES: Readonly<Record<string, readonly Column[]>> = {
  'data/*.parquet': OBSERVATIONS,
  'labels/*.parquet': LABELS,
};

let [folder, count, file] = ['', 0, ''];
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-init-'));
});
beforeEach(() => {
  count += 1;
  file = path.join(folder, `policy-${count}.yaml`);
});
afterAll(() => rm(folder, { recursive: true }));

function init(...args: readonly string[]): Promise<Ran> {
  const files = ['--data', 'data/*.parquet', '--labels', 'labels/*.parquet', '--train', 'python "train me.py"'];
  const register = (program: Parameters<typeof registerInit>[0]): void =>
    registerInit(program, (glob) => Promise.resolve(FILES[glob] ?? []));
  return runCommand(register, 'init', ...files, '--name', 'churn', '-f', file, '--yes', ...args);
}

describe('understudy init', () => {
  test('writes a valid policy under 15 lines from columns, with a schema for editors', async () => {
    const { exitCode, err } = await init('--owner', 'ann@growth.example');
    const text = await readFile(file, 'utf8');
    expect([exitCode, err]).toEqual([0, expect.stringContaining('2 features: 1 continuous, 1 categorical')]);
    expect(text.split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=.*policy\.json$/);
    expect(text.trim().split('\n').length).toBeLessThan(15);
    const { ok, loaded } = await lintFile(file);
    expect(ok).toBe(true);
    expect(loaded?.policy.spec.training.command).toEqual(['python', 'train me.py']);
    expect(loaded?.policy.spec.data.labels).toMatchObject({
      id: 'customer',
      label: 'churned',
      availableAt: 'known_at',
    });
  });

  test('exits 2 naming the flag that answers when nobody can be asked', async () => {
    const { exitCode, err } = await init();
    expect(exitCode).toBe(2);
    expect(err).toContain('--owner');
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  test('takes a column by flag over its guess, and refuses one that is not there', async () => {
    expect((await init('--owner', 'ann', '--id', 'plan')).exitCode).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('id: plan');
    const { exitCode, err } = await init('--owner', 'ann', '--id', 'costumer', '--force');
    expect(exitCode).toBe(2);
    expect(err).toContain('there is no column "costumer" for id; the files have customer, at, age, plan');
  });

  test('does not overwrite a policy unless told to', async () => {
    await writeFile(file, 'mine');
    const { exitCode, err } = await init('--owner', 'ann');
    expect([exitCode, await readFile(file, 'utf8')]).toEqual([2, 'mine']);
    expect(err).toContain('--force');
    expect((await init('--owner', 'ann', '--force')).exitCode).toBe(0);
  });

  test('says which glob matches nothing', async () => {
    const { exitCode, err } = await init('--owner', 'ann', '--labels', 'nothing/*.parquet');
    expect(exitCode).toBe(2);
    expect(err).toContain('no Parquet file matches --labels nothing/*.parquet');
  });

  test('refuses a name that no registry would take', async () => {
    const { exitCode, err } = await init('--owner', 'ann', '--name', 'Churn Model');
    expect(exitCode).not.toBe(0);
    expect(err).toContain('expected lower-case letters, digits and dashes');
  });
});

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { registerLint } from '../../clients/commands/lint.ts';
import { inDuckdb } from '../lifecycle/data.ts';
import { runCommand } from './run-command.ts';

const lint = (...args: readonly string[]) => runCommand(registerLint, 'lint', ...args);
const GOOD = `'r-' || i as id, timestamp '2024-01-01' as time, '2' as model_version, 200 as status, 0.5::double as score,
  '{"x": 1}' as inputs`;

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'understudy-lint-log-'));
  await mkdir(path.join(scratch, 'day=2024-01-01'));
});
afterAll(() => rm(scratch, { recursive: true }));

const write = async (name: string, columns: string): Promise<string> => {
  const file = path.join(scratch, name);
  await inDuckdb((run) => run(`copy (select ${columns} from range(10) t(i)) to '${file}' (format parquet)`));
  return file;
};

describe('understudy lint --log', () => {
  test('GV6: accepts a log that is as the published schema says', async () => {
    const file = await write('good.parquet', GOOD);
    expect(await lint('--log', file)).toMatchObject({ exitCode: 0, out: `${file}: no problems\n` });
  });

  test('GV6: says every fault of a bad log at once, as written beside it', async () => {
    const columns = `case when i < 2 then null else 'r' end as id, 'noon' as time, '2' as model_version, 200 as status,
      case when i < 3 then 7 else 0.5 end as score, case when i < 4 then 'x' else '{}' end as inputs`;
    const file = await write('bad.parquet', columns);
    const { exitCode, out } = await lint('--log', file);
    expect(exitCode).toBe(3);
    const expected = await readFile('test/fixtures/serving-logs/bad.txt', 'utf8');
    expect(out.replaceAll(file, 'bad.parquet')).toBe(expected);
  });

  test('takes a directory of days, beside policies, and answers in every form', async () => {
    await write('day=2024-01-01/a.parquet', 'i as id');
    const policy = 'test/fixtures/policies/batch-valid.yaml';
    const { exitCode, out } = await lint('-f', policy, '--log', scratch, '-o', 'json');
    const report = JSON.parse(out) as { files: object[]; diagnostics: { code: string }[] };
    expect(exitCode).toBe(3);
    expect(report.files).toMatchObject([
      { file: policy, kind: 'ModelPolicy', ok: true },
      { file: scratch, kind: 'ServingLog', ok: false },
    ]);
    expect(new Set(report.diagnostics.map(({ code }) => code))).toEqual(new Set(['US0301']));
  });

  test('exits 2 for a log that is not there, for one that is no Parquet, and when nothing is named', async () => {
    expect(await lint('--log', path.join(scratch, 'nowhere'))).toMatchObject({ exitCode: 2 });
    const file = path.join(scratch, 'text.parquet');
    await writeFile(file, 'no Parquet at all');
    const { exitCode, err } = await lint('--log', file);
    expect(exitCode).toBe(2);
    expect(err).toContain(`cannot read ${file}`);
    expect(await lint()).toMatchObject({ exitCode: 2, err: expect.stringContaining('nothing to check') });
  });
});

import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { present } from '../present.ts';
import { AS_OF, createPullWorld } from './pull/world.ts';
import type { PullWorld } from './pull/world.ts';

const COMMAND = ['python', 'program.py'];

describe('a program that pulls the data', () => {
  let world: PullWorld;
  beforeAll(async () => {
    world = await createPullWorld();
    await world.give('program.py');
  });
  afterAll(() => world.close());
  const failing = async (run: string, command: string[], more: object = {}) =>
    world.pull(await world.context(run, { command, ...more }));

  test('DA1, DA8: its rows become day partitions, and nothing that was not known at as-of', async () => {
    const record = present(await world.pull(await world.context('run-1', { command: COMMAND })));
    expect(record).toMatchObject({ span: { until: AS_OF }, sources: [{ uri: 'table://hours', version: '7' }] });
    const days = (await readdir(join(world.folder, 'observations'))).toSorted();
    expect([days.length, days.at(-1)]).toEqual([record.days, 'day=2001-01-20']);
    const [found] = await world.rows(`SELECT
      (SELECT max(seen)::VARCHAR FROM '{folder}/observations/*/*.parquet') AS seen,
      (SELECT max(known_at)::VARCHAR FROM '{folder}/labels/*/*.parquet') AS known,
      (SELECT min(seen)::VARCHAR FROM '{folder}/observations/*/*.parquet') AS first`);
    expect(found).toEqual({
      seen: '2001-01-20 05:00:00',
      known: '2001-01-20 06:00:00',
      first: `${record.span.from.slice(0, 10)} 00:00:00`,
    });
  });

  test('the job that ran it is forgotten, and the next pull starts another', async () => {
    expect(await readdir(join(world.folder, 'jobs'))).toEqual([]);
    const again = await world.pull(await world.context('run-2', { command: COMMAND }));
    expect(again).toMatchObject({ sources: [{ version: '7' }] });
  });

  test('DA6: another text of the program is another query digest', async () => {
    const before = await world.pull(await world.context('run-3', { command: COMMAND }));
    await appendFile(join(world.folder, 'program.py'), '\n# another condition\n');
    const after = await world.pull(await world.context('run-4', { command: COMMAND }));
    expect(present(before).queryDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(present(after).queryDigest).not.toBe(present(before).queryDigest);
  });

  test.each([
    ['ends with 69', 'exit-69', 'trainer-dependency', 'its log ends with: the database is away'],
    ['names another digest than its file has', 'wrong-digest', 'trainer-digest', 'SHA-256'],
  ])('one that %s fails the pull and leaves no job', async (_, fault, code, text) => {
    const failure: unknown = await failing(`run-${fault}`, [...COMMAND, fault]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(text) });
    expect(failure).toMatchObject({ message: expect.stringMatching(/^spec\.data\.pull: /) });
    expect(await readdir(join(world.folder, 'jobs'))).toEqual([]);
  });

  test('one that does not exist is named', async () => {
    await expect(failing('run-none', ['no-such-program'])).rejects.toMatchObject({
      code: 'command-not-found',
      message: expect.stringContaining('no-such-program'),
    });
  });

  test('one that goes on beyond its deadline is stopped, and nothing of it is left', async () => {
    const late = failing('run-late', [...COMMAND, 'hang'], { deadline: '1s' });
    await expect(late).rejects.toMatchObject({ code: 'deadline' });
    expect(await readdir(join(world.folder, 'jobs'))).toEqual([]);
  });

  test('an image without a cluster is refused with the cure', async () => {
    const image = `registry.example/pull@sha256:${'a'.repeat(64)}`;
    await expect(failing('run-image', COMMAND, { image })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('understudy.config.yaml'),
    });
  });
});

test('an endless query is stopped at the deadline of the pull', async () => {
  const world = await createPullWorld();
  const context = await world.context('run-sql', { sql: './pull.sql', deadline: '1s' }, { pullSql: ENDLESS });
  await expect(world.pull(context)).rejects.toMatchObject({
    code: 'deadline',
    message: expect.stringContaining('deadline of 1 s'),
  });
  await world.close();
});

const ENDLESS =
  'SELECT now()::TIMESTAMP AS seen, count(*) FROM range(1e9::BIGINT) a, range(1e9::BIGINT) b WHERE a.range * b.range % 7 = 3';

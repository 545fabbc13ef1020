import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ask, type Question } from '../../../../activities/adapters/duckdb/connection.ts';

/** What holds even if a text got past the parser: the second lock behind `readExpression`. */
describe('EV7: once rows are loaded, the session of somebody else’s text', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'locked-'));
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  const ran = async (sql: string): Promise<unknown> => {
    const own = join(folder, 'rows.csv');
    const question: Question = {
      doing: 'try it',
      files: [own],
      directories: [folder],
      memoryLimit: '64MiB',
      load: async (session) => {
        await session.run(`COPY (SELECT 40 AS a) TO '${own}'`);
        await session.run(`CREATE TEMP TABLE judged AS SELECT a FROM read_csv('${own}')`);
      },
    };
    const options = { temporaryDirectory: join(folder, 'spill') };
    return await ask(options, question, async (session) => session.rows(sql.replaceAll('FOLDER', folder)));
  };

  test('has the rows', async () => {
    expect(await ran('SELECT a FROM judged')).toEqual([{ a: '40' }]);
  });

  test.each([
    ['read a file of the machine', "SELECT * FROM read_csv('/etc/passwd')"],
    ['read it as a text', "SELECT * FROM read_text('/etc/passwd')"],
    ['read what it was loaded from', "SELECT * FROM 'FOLDER/rows.csv'"],
    ['read where others spill', "SELECT * FROM read_text('FOLDER/spill/*')"],
    ['list a folder', "SELECT * FROM glob('/etc/*')"],
    ['write a file', "COPY judged TO 'FOLDER/stolen.csv'"],
    ['write where others spill', "COPY judged TO 'FOLDER/spill/stolen.csv'"],
    ['write all it has', "EXPORT DATABASE 'FOLDER/stolen'"],
    ['attach a database', "ATTACH 'FOLDER/stolen.db'"],
    ['install an extension', 'INSTALL httpfs'],
    ['load an extension', 'LOAD httpfs'],
    ['open the network', "SELECT * FROM 'http://127.0.0.1:9/x.parquet'"],
    ['read the environment', "SELECT getenv('HOME')"],
    ['take more threads', 'SET threads = 64'],
    ['take more memory', "PRAGMA memory_limit = '64GiB'"],
    ['unlock itself', 'SET lock_configuration = false'],
    ['let itself out', 'SET enable_external_access = true'],
    ['spill elsewhere', "SET temp_directory = 'FOLDER'"],
    ['do so in a second statement', "SELECT 1; COPY judged TO 'FOLDER/stolen.csv'"],
  ])('cannot %s', async (_, sql) => {
    await expect(ran(sql)).rejects.toMatchObject({ name: 'PortFailure' });
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(['rows.csv', 'spill']);
  });

  test('is held by the memory limit', async () => {
    await expect(ran('SELECT list(range) FROM range(30000000)')).rejects.toMatchObject({
      name: 'PortFailure',
      message: expect.stringMatching(/Out of Memory/i),
    });
  });
});

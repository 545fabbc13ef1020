import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Attempt } from '../fakes/memory-training.ts';
import { gatherReport } from '../../clients/report/gather.ts';
import { present } from '../present.ts';
import { trainedModel } from '../fakes/memory-training.ts';
import { daysFrom, inDuckdb, writeDays } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'poisoned';
const AS_OF = '2001-01-10T06:00:00Z';
const DAYS = daysFrom('2001-01-01', 10, 200);
const good = trainedModel({ 'model.txt': 'good' });

/** A champion serves; then its next data, or its next trainer, is bad. Each test is one run. */
describe('bad input', () => {
  let world: World;
  const fileOf = (day: string, dataset = 'observations') =>
    join(world.folder, 'data', dataset, `day=${day}`, 'p.parquet');
  /** Writes a day again as this selection from itself. */
  const rewrite = async (day: string, selection: string) =>
    inDuckdb(async (run) => {
      const file = fileOf(day);
      await run(`create table day as select * from read_parquet('${file}')`);
      await run(`copy (${selection}) to '${file}' (format parquet)`);
    });
  const play = async (kind: 'manual' | 'check' | 'bootstrap' = 'manual') => world.newRun(MODEL, AS_OF, kind);
  const trainings = () => world.training.started.filter((job) => job.spec.mode === 'train').length;

  beforeAll(async () => {
    world = await createWorld();
    await writeDays(world.folder, DAYS);
    const checks = { minRows: 100, columns: [{ name: 'x', atMost: 50 }], results: [] };
    await world.apply(applied(MODEL, world.folder, { dataset: { train: '5d', atLeast: '3d', holdout: '2d', checks } }));
    const run = await play('bootstrap');
    await world.decide(run, 'bootstrap');
    await world.result(run);
  }, 60_000);
  afterAll(() => world.close());
  /** What must be so after every one of these runs. */
  const left = async () => ({
    champion: (await world.registry.aliases(MODEL))['champion'],
    jobs: world.training.names(),
  });
  const untouched = { champion: '1', jobs: [] };

  interface Poison {
    readonly what: string;
    readonly day: string;
    readonly poison: (day: string) => Promise<unknown>;
    readonly reason: RegExp;
  }
  const poisons: readonly Poison[] = [
    {
      what: 'a missing day of the training data',
      day: '2001-01-05',
      poison: async (day) => rm(fileOf(day)),
      reason: /^DataMissing: .*2001-01-05/,
    },
    {
      what: 'a missing day of the holdout',
      day: '2001-01-08',
      poison: async (day) => rm(fileOf(day)),
      reason: /^DataMissing: .*2001-01-08/,
    },
    {
      what: 'a file of no bytes',
      day: '2001-01-05',
      poison: async (day) => truncate(fileOf(day), 0),
      reason: /^DataUnreadable: .*day=2001-01-05\/p\.parquet/,
    },
    {
      what: 'a file that is no Parquet',
      day: '2001-01-05',
      poison: async (day) => writeFile(fileOf(day), '<html>please sign in</html>'),
      reason: /^DataUnreadable: .*day=2001-01-05\/p\.parquet/,
    },
    {
      what: 'a column that is gone',
      day: '2001-01-05',
      poison: async (day) => rewrite(day, 'select id, seen, g from day'),
      reason: /^DataSchema: (?=.*day=2001-01-05\/p\.parquet).*\bx\b/,
    },
    {
      what: 'a column without a value',
      day: '2001-01-05',
      poison: async (day) => rewrite(day, 'select id, seen, null::double as x, g from day'),
      reason: /^DataInvalid: (?=.*2001-01-05).*\bx\b/,
    },
    {
      what: 'values that are no numbers',
      day: '2001-01-05',
      poison: async (day) => rewrite(day, `select id, seen, 'nan'::double as x, g from day`),
      reason: /^DataInvalid: (?=.*2001-01-05).*\bx\b/,
    },
    {
      what: 'an id that comes twice',
      day: '2001-01-05',
      poison: async (day) => rewrite(day, 'select * from day union all (select * from day limit 1)'),
      reason: /^DataInvalid: (?=.*2001-01-05).*\bid\b/,
    },
    {
      what: 'a value outside its declared range',
      day: '2001-01-05',
      poison: async (day) => rewrite(day, 'select * replace (case when x > 0.9 then 451 else x end as x) from day'),
      reason: /^DataInvalid: "x" is 451 in .*day=2001-01-05\/p\.parquet; expected at most 50/,
    },
  ];

  test.each(poisons)(
    'DA3: $what blocks the run, names file and column, and trains nothing',
    async ({ day, poison, reason }) => {
      const before = trainings();
      await poison(day);
      const result = await world.result(await play());
      await writeDays(
        world.folder,
        DAYS.filter((plan) => plan.day === day),
      );
      expect(result).toMatchObject({ outcome: 'blocked', stage: 'dataset', reason: expect.stringMatching(reason) });
      expect(trainings()).toBe(before);
      expect(await left()).toEqual(untouched);
    },
  );

  test('a missing day in a drift window is inconclusive: nobody knows whether the world moved, and nothing is trained', async () => {
    const before = trainings();
    await rm(fileOf('2001-01-09'));
    const result = await world.result(await play('check'));
    await writeDays(
      world.folder,
      DAYS.filter((plan) => plan.day === '2001-01-09'),
    );
    expect(result).toMatchObject({
      outcome: 'inconclusive',
      stage: 'drift',
      reason: expect.stringContaining('2001-01-09'),
    });
    expect(trainings()).toBe(before);
    expect(await left()).toEqual(untouched);
  });

  interface Failure {
    readonly what: string;
    readonly attempt: Attempt;
    readonly outcome: string;
    readonly type: string;
  }
  const written = async (output: string) => ('write' in good ? good.write?.(output) : undefined);
  const failures: readonly Failure[] = [
    { what: 'exits 65', attempt: { does: 'ends', exitCode: 65 }, outcome: 'blocked', type: 'TrainerData' },
    { what: 'exits 64', attempt: { does: 'ends', exitCode: 64 }, outcome: 'failed', type: 'TrainerUsage' },
    { what: 'exits 69', attempt: { does: 'ends', exitCode: 69 }, outcome: 'failed', type: 'TrainerDependency' },
    { what: 'exits 75', attempt: { does: 'ends', exitCode: 75 }, outcome: 'failed', type: 'TrainerTemporary' },
    { what: 'exits 77', attempt: { does: 'ends', exitCode: 77 }, outcome: 'failed', type: 'TrainerPermission' },
    { what: 'exits 78', attempt: { does: 'ends', exitCode: 78 }, outcome: 'failed', type: 'TrainerConfiguration' },
    { what: 'exits 1', attempt: { does: 'ends', exitCode: 1 }, outcome: 'failed', type: 'TrainerError' },
    { what: 'is killed', attempt: { does: 'is-killed' }, outcome: 'failed', type: 'TrainerKilled' },
    { what: 'leaves no result', attempt: { does: 'ends', exitCode: 0 }, outcome: 'failed', type: 'TrainerNoResult' },
    {
      what: 'leaves a result and exits 65',
      attempt: { does: 'ends', exitCode: 65, write: written },
      outcome: 'failed',
      type: 'TrainerContradiction',
    },
    {
      what: 'changes a file after it named its digest',
      attempt: {
        does: 'ends',
        exitCode: 0,
        write: async (output) => {
          await written(output);
          await writeFile(join(output, 'model', 'model.txt'), 'changed');
        },
      },
      outcome: 'failed',
      type: 'TrainerDigest',
    },
  ];

  test.each(failures)('a trainer that $what ends the run $outcome with $type after one job', async (row) => {
    const before = trainings();
    world.script.training = () => row.attempt;
    const result = await world.result(await play());
    world.script.training = undefined;
    expect(result).toMatchObject({
      outcome: row.outcome,
      stage: 'training',
      reason: expect.stringMatching(new RegExp(`^${row.type}: `)),
    });
    expect(trainings()).toBe(before + 1);
    expect(await left()).toEqual(untouched);
  });

  test('a trainer that fails has the last word in the reason, and the end of its log in the report', async () => {
    const log = `${Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n')}\nValueError: boom\n\n`;
    world.script.training = () => ({ does: 'ends', exitCode: 3, log });
    const result = await world.result(await play());
    world.script.training = undefined;
    expect(result.reason).toMatch(/^TrainerError: .* attempts?; its log ends with: ValueError: boom · next: /);
    const { end } = present(await gatherReport(world, result.run));
    expect(end?.logTail?.split('\n')).toEqual([
      ...Array.from({ length: 19 }, (_, line) => `line ${line + 11}`),
      'ValueError: boom',
    ]);
  });
});

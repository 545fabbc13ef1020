import { copyFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { getJson } from '../../activities/context.ts';
import type { DataFinding } from '../../scorecards/data-checks/finding.ts';
import { present } from '../present.ts';
import { createCheckedWorld, withChecks } from './checked-world.ts';

type Checks = Parameters<typeof withChecks>[0];
type Column = NonNullable<Checks['columns']>[number];

let world: Awaited<ReturnType<typeof createCheckedWorld>>;
beforeEach(async () => {
  world = await createCheckedWorld();
});
afterEach(() => world.dispose());

const ALL = 'select * from day';

const column = (check: Column): Checks => ({ columns: [check] });

interface Case {
  readonly what: string;
  readonly checks: Checks;
  readonly day?: string;
  /** Selection from `day` that the day's file becomes. */
  readonly poison?: string;
  /** The same of the day before. */
  readonly before?: string;
  readonly code?: string;
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  {
    what: 'values below their range',
    checks: column({ name: 'x', atLeast: -2 }),
    poison: "select * replace (case when id = '2001-01-05-7' then -9.5 else x end as x) from day",
    says: /^"x" is -9\.5 in .*day=2001-01-05\/p\.parquet; expected at least -2\./,
  },
  {
    what: 'values above their range',
    checks: column({ name: 'x', atMost: 2 }),
    poison: 'select * replace (x + 3 as x) from day',
    says: /^"x" is [\d.]+ in .*day=2001-01-05\/p\.parquet; expected at most 2\./,
  },
  {
    what: 'too many nulls in a column that is no feature',
    checks: column({ name: 'g', nulls: '1%' }),
    poison: "select * replace (case when g = 'a' then null else g end as g) from day",
    says: /^"g" is NULL in .* at most 1 % may be; most are in .*day=2001-01-05\/p\.parquet\./,
  },
  {
    what: 'a value outside its set',
    checks: column({ name: 'g', oneOf: ['a', 'b'] }),
    poison: "select * replace (case when g = 'a' then 'z''z' else g end as g) from day",
    says: /^"g" has 67 values outside its set in .*day=2001-01-05\/p\.parquet, such as "z'z"; expected one of a, b\./,
  },
  {
    what: 'values that occur again',
    checks: column({ name: 'x', duplicates: '1%' }),
    poison: 'select * replace (0.5::double as x) from day',
    says: /^"x" repeats a value in .*such as "0\.5" 200 times, last in .*day=2001-01-05/,
  },
  {
    what: 'a column to be checked that is not there',
    checks: column({ name: 'nowhere', nulls: '1%' }),
    code: 'data-schema',
    says: /^The column "nowhere" is to be checked and is not in .*p\.parquet\./,
  },
  {
    what: 'a column whose type changes between two days',
    checks: {},
    poison: "select *, 'seven' as extra from day",
    before: 'select *, 7 as extra from day',
    says: /^The column "extra" is VARCHAR instead of INTEGER since .*day=2001-01-05/,
    code: 'data-schema',
  },
  {
    what: 'a column that is gone, where the policy forbids it',
    checks: { schema: { removed: 'fail' } },
    before: 'select *, 7 as extra from day',
    says: /^The column "extra" was removed since .*day=2001-01-05/,
    code: 'data-schema',
  },
  {
    what: 'half a day, where the policy asks for whole ones',
    checks: { volume: { atLeast: 0.8, severity: 'fail' } },
    poison: 'select * from day limit 90',
    day: '2001-01-09',
    says: /^2001-01-09 has 90 rows, 0\.45 times the 200 usual on this weekday; expected 0\.8 to 2 times/,
  },
];

describe('checks of a dataset', () => {
  test('DA3: data without a fault pass every check, and all findings are evidence', async () => {
    const checked = await world.check(
      withChecks({
        columns: [
          { name: 'x', atLeast: -3, atMost: 3, nulls: '0%' },
          { name: 'g', oneOf: ['a', 'b'] },
          { name: 'id', duplicates: '0%' },
        ],
      }),
    );
    expect(checked).toMatchObject({ verdict: 'pass', reasons: [] });
    const { findings } = await getJson<{ findings: readonly DataFinding[] }>(world.evidence, checked.report);
    expect(findings.map(({ check, judged }) => `${check} ${judged}`)).toEqual([
      'schema pass',
      'nulls pass',
      'range pass',
      'range pass',
      'set pass',
      'duplicates pass',
      'volume pass',
      'volume pass',
      'arrival pass',
    ]);
  });

  test.each(CASES)(
    'DA3: $what end the run, and nothing is trained',
    async ({ before = ALL, checks, code = 'data-invalid', day = '2001-01-05', poison = ALL, says }) => {
      await world.rewrite('2001-01-04', before);
      await world.rewrite(day, poison);
      const checking = world.check(withChecks(checks));
      await expect(checking).rejects.toMatchObject({
        name: 'PortFailure',
        code,
        message: expect.stringMatching(says),
      });
    },
  );

  test('DA3: events later than the file that tells of them end the run', async () => {
    await utimes(world.fileOf('2001-01-05'), new Date('2001-01-05T12:00:00Z'), new Date('2001-01-05T12:00:00Z'));
    await expect(world.check(withChecks({}))).rejects.toMatchObject({
      code: 'data-invalid',
      details: { file: world.fileOf('2001-01-05'), column: 'seen', check: 'arrival' },
      message: expect.stringContaining('an event of the future'),
    });
  });

  test('DA3: the findings of a run that a check ends are evidence all the same', async () => {
    await world.rewrite('2001-01-05', 'select * replace (x + 3 as x) from day');
    await expect(world.check(withChecks(column({ name: 'x', atMost: 2 })))).rejects.toThrow(/"x"/);
    const noted = present(await world.evidence.recall('runs/retrain/checked/1/checks-1'));
    expect(await getJson(world.evidence, noted)).toMatchObject({ verdict: 'fail' });
  });

  test('DA3: findings are counted by kind and verdict, of a run that a check ends, too', async () => {
    const shown = async () => (await world.telemetry.registry.metrics()).split('\n');
    await world.check(withChecks({}));
    const calm = await shown();
    expect(calm).toContain('understudy_data_checks_total{source="snapshot",verdict="pass"} 1');
    expect(calm).toContain('understudy_data_findings_total{kind="quality",verdict="fail"} 0');
    await world.rewrite('2001-01-05', 'select * replace (x + 9 as x) from day');
    await expect(world.check(withChecks(column({ name: 'x', atMost: 2 })))).rejects.toMatchObject({
      code: 'data-invalid',
    });
    const poisoned = await shown();
    expect(poisoned).toContain('understudy_data_checks_total{source="snapshot",verdict="fail"} 1');
    expect(poisoned).toContain('understudy_data_findings_total{kind="quality",verdict="fail"} 1');
    expect(
      poisoned.some((line) =>
        line.startsWith('understudy_data_failed_timestamp_seconds{model="checked",kind="quality"}'),
      ),
    ).toBe(true);
  });

  test('a broken check of severity warn is reported and does not end the run', async () => {
    await world.rewrite('2001-01-05', 'select * replace (x + 3 as x) from day');
    const checked = await world.check(withChecks(column({ name: 'x', atMost: 2, severity: 'warn' })));
    expect(checked.verdict).toBe('warn');
    expect(checked.reasons[0]).toMatch(/^"x" is /);
  });

  test('a repeated value within the limit is a warning', async () => {
    const checked = await world.check(withChecks(column({ name: 'x', duplicates: '90%' })));
    expect(checked.verdict).toBe('warn');
  });

  test('a wider type and a new column are warnings, half a day of rows too', async () => {
    await world.rewrite('2001-01-08', 'select *, 7::tinyint as extra from day limit 90');
    await world.rewrite('2001-01-09', 'select *, 7::bigint as extra from day');
    const checked = await world.check(withChecks({}));
    expect(checked.reasons).toEqual([
      expect.stringMatching(/"extra" was added since/),
      expect.stringMatching(/"extra" is BIGINT instead of TINYINT since .* \(wider, nothing is lost\)/),
      expect.stringMatching(/^2001-01-08 has 90 rows/),
    ]);
  });
});

describe('results of other tools', () => {
  const written = (name: string) => new URL(`../fixtures/check-results/${name}.json`, import.meta.url);
  const place = async (name: string, as: string) => copyFile(written(name), join(world.folder, as));
  const results = (tool: 'great-expectations' | 'evidently', path: string): Checks => ({ results: [{ tool, path }] });

  test.each([
    ['great-expectations', 'great-expectations-good', 'great-expectations-bad', /could not be judged|does not hold/],
    ['evidently', 'evidently-good', 'evidently-bad', /Share of Drifted Columns/],
  ] as const)(
    'DA3: an imported failure of %s ends the run, an imported success does not',
    async (tool, good, bad, says) => {
      await place(good, 'result.json');
      expect(await world.check(withChecks(results(tool, '*.json')))).toMatchObject({ verdict: 'pass' });
      await place(bad, 'result.json');
      const failing = world.check(withChecks(results(tool, 'result.json')));
      await expect(failing).rejects.toMatchObject({ code: 'data-invalid', message: expect.stringMatching(says) });
    },
  );

  test('DA3: a result that is not there ends the run', async () => {
    await expect(world.check(withChecks(results('evidently', 'nowhere/*.json')))).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringMatching(/nowhere.* matches no file/),
    });
  });

  test('DA3: a result that is too old ends the run, one just young enough does not', async () => {
    await place('evidently-good', 'result.json');
    const touch = async (at: string) => utimes(join(world.folder, 'result.json'), new Date(at), new Date(at));
    await touch('2001-01-09T06:00:00Z');
    expect(await world.check(withChecks(results('evidently', 'result.json')))).toMatchObject({ verdict: 'pass' });
    await touch('2001-01-09T05:59:59Z');
    await expect(world.check(withChecks(results('evidently', 'result.json')))).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringMatching(/must not be older than 1d/),
    });
  });

  test('of several results the newest counts', async () => {
    await place('evidently-bad', 'a.json');
    await utimes(join(world.folder, 'a.json'), 1, 1);
    await place('evidently-good', 'b.json');
    expect(await world.check(withChecks(results('evidently', '*.json')))).toMatchObject({ verdict: 'pass' });
  });

  test('DA3: half a result ends the run and names the file', async () => {
    await writeFile(join(world.folder, 'result.json'), '{"success": tr');
    await expect(world.check(withChecks(results('great-expectations', 'result.json')))).rejects.toMatchObject({
      code: 'data-unreadable',
      details: { file: join(world.folder, 'result.json') },
    });
  });
});

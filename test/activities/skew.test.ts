import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getJson } from '../../activities/context.ts';
import type { DataFinding } from '../../scorecards/data-checks/finding.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import { present } from '../present.ts';
import { createCheckedWorld } from './checked-world.ts';

type Skew = NonNullable<NonNullable<PolicyInput['spec']['shadow']>['skew']>;

let world: Awaited<ReturnType<typeof createCheckedWorld>>;
beforeAll(async () => {
  world = await createCheckedWorld();
});
afterAll(() => world.dispose());

/** Two features; the drift windows are two days, so the newest two days are what requests can be about. */
const policy = (skew: Skew = {}, more: Partial<PolicyInput['spec']> = {}): Partial<PolicyInput['spec']> => ({
  data: {
    observations: { path: 'data/observations/day=*/*.parquet', time: 'seen', id: 'id' },
    labels: { path: 'data/labels/day=*/*.parquet', id: 'id', label: 'y', availableAt: 'known_at' },
    features: [
      { name: 'x', type: 'continuous' },
      { name: 'g', type: 'categorical' },
    ],
  },
  shadow: { skew },
  ...more,
});

const NEWEST = "from o where seen >= timestamp '2001-01-08'";
/** What was served: the newest observations, with x as this expression. */
const serving = (x: string, g = 'g') => `select id, {x: ${x}, g: ${g}} as doc ${NEWEST}`;
const findings = async ({ report }: Awaited<ReturnType<typeof world.skew>>) =>
  getJson<readonly DataFinding[]>(world.evidence, report);

describe('training/serving skew', () => {
  test('FE1: what is served as it was trained on passes', async () => {
    const found = await world.skew(serving('x'), policy({ distribution: {}, rows: {} }));
    expect(found).toMatchObject({ verdict: 'pass', reasons: [], waived: [], requests: 400 });
    expect(new Set((await findings(found)).map(({ check }) => check))).toEqual(
      new Set(['serving-log', 'served-values', 'served-distribution', 'served-rows']),
    );
  });

  test('FE1: a feature served in other units blocks, by default', async () => {
    const found = await world.skew(serving('x * 60'), policy());
    expect(found.verdict).toBe('fail');
    expect(found.reasons[0]).toMatch(
      /^"x" is out of the range that training had in 9\d\.?\d* % of 400 served values; at most 5 %/,
    );
  });

  test('FE1: what was found of served data is counted as findings of kind skew', async () => {
    const failed = async () =>
      Number(
        /^understudy_data_findings_total{kind="skew",verdict="fail"} (\d+)$/m.exec(
          await world.telemetry.registry.metrics(),
        )?.[1],
      );
    const before = await failed();
    await world.skew(serving('x'), policy());
    expect(await failed()).toBe(before);
    await world.skew(serving('x * 60'), policy());
    expect(await failed()).toBe(before + 1);
  });

  test('FE1: another encoding of a category blocks', async () => {
    const found = await world.skew(serving('x', 'upper(g)'), policy());
    expect(found.reasons[0]).toMatch(/^"g" is a category that training never had in 100 % of 400 served values/);
  });

  test('FE1: a feature that arrives as null, or as no number, blocks', async () => {
    expect((await world.skew(serving('null::double'), policy())).reasons[0]).toMatch(
      /^"x" is missing or no value of its type in 100 %/,
    );
    expect((await world.skew(serving("'warm'"), policy())).reasons[0]).toMatch(
      /^"x" is missing or no value of its type in 100 %/,
    );
  });

  test('an hour of traffic that is like no whole day does not block by default, and does when distributions are asked for', async () => {
    const night = `${serving('x')} and x < -0.5`;
    expect(await world.skew(night, policy())).toMatchObject({ verdict: 'pass' });
    const found = await world.skew(night, policy({ distribution: { ks: 0.3 } }, { drift: { minimum: 50 } }));
    expect(found.verdict).toBe('fail');
    expect(found.reasons[0]).toMatch(/^Served against trained: x: KS D 0\.\d+/);
  });

  test('FE1: a log without inputs is told, and is no evidence once somebody asked for it', async () => {
    const empty = `select id, {nothing: 1} as doc ${NEWEST}`;
    expect(await world.skew(empty, policy())).toMatchObject({
      verdict: 'pass',
      reasons: [expect.stringMatching(/do not name "x".*Not judged/), expect.stringMatching(/do not name "g"/)],
    });
    expect(await world.skew(empty, policy({ distribution: {} }))).toMatchObject({ verdict: 'inconclusive' });
  });

  test('FE2: a stale value in 1 % of rows, invisible in the distribution, is found with share, tolerance and ids', async () => {
    const stale = serving("case when hash(id) % 100 < 1 or id = '2001-01-08-7' then x * 0.9 else x end");
    const found = await world.skew(stale, policy({ distribution: {}, rows: {} }));
    expect(found.verdict).toBe('fail');
    expect(found.reasons).toHaveLength(1);
    expect(found.reasons[0]).toMatch(
      /^"x" differs between serving and training in \d+ of 400 rows \(.* %, at most 0\.1 %, tolerance 0\.000001\), such as 2001-01-0[89]-\d+/,
    );
  });

  test('FE2: a difference within the tolerance is none, and one row of 400 is a warning', async () => {
    const rounded = serving('round(x, 2)');
    expect((await world.skew(rounded, policy({ rows: { tolerance: 0.01 } }))).verdict).toBe('pass');
    expect((await world.skew(rounded, policy({ rows: {} }))).verdict).toBe('fail');
    const one = serving("case when id = '2001-01-08-7' then x + 0.1 else x end");
    expect(await world.skew(one, policy({ rows: {} }))).toMatchObject({
      verdict: 'pass',
      reasons: [expect.stringContaining('1 of 400 rows')],
    });
  });

  test('FE2: requests are joined by the input that the policy names, and too few of them are no evidence', async () => {
    const named = `select 'q-' || id as id, {x: x + 1, g: g, flight: id} as doc ${NEWEST}`;
    expect((await world.skew(named, policy({ outside: '100%', rows: { id: 'flight' } }))).reasons[0]).toMatch(
      /400 of 400 rows/,
    );
    const found = await world.skew(named, policy({ outside: '100%', rows: {} }));
    expect(found).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['0 served requests have an observation of the same id, 100 are needed to compare rows.'],
    });
  });

  test('FE4: a served value just inside its freshness passes, just outside fails', async () => {
    const aged = (seconds: number) =>
      `select id, {x: x, g: g, made: (now() - to_seconds(3600 + ${seconds}))::timestamp} as doc ${NEWEST}`;
    const fresh = policy();
    const { data } = fresh;
    const features = [{ name: 'x', type: 'continuous' as const, freshWithin: '10m', at: 'made' }];
    const asked = { ...fresh, data: { ...present(data), features } };
    expect((await world.skew(aged(570), asked)).verdict).toBe('pass');
    const found = await world.skew(aged(605), asked);
    expect(found).toMatchObject({ verdict: 'fail', reasons: ['"x" is older than 10m in 400 of 400 served requests.'] });
    expect(await world.skew(serving('x'), asked)).toMatchObject({
      verdict: 'inconclusive',
      reasons: [
        expect.stringMatching(/How old "x" is cannot be told in 400 of 400 served requests: their inputs lack "made"/),
      ],
    });
  });

  test('FE1: a waiver lets one feature pass, and its name and reason stay in sight', async () => {
    const waivers = [{ feature: 'x', by: 'lead@example', reason: 'minutes on purpose', until: '2001-01-10' }];
    const found = await world.skew(serving('x * 60'), policy({ waivers }));
    expect(found).toMatchObject({ verdict: 'pass', reasons: [] });
    expect(found.waived).toEqual([
      expect.stringMatching(/^"x" is out of the range .* Waived by lead@example until 2001-01-10: minutes on purpose$/),
    ]);
    expect((await findings(found)).find(({ waived }) => waived)).toMatchObject({
      column: 'x',
      waived: { by: 'lead@example', until: '2001-01-10' },
    });
    const other = await world.skew(serving('x * 60', 'upper(g)'), policy({ waivers }));
    expect(other).toMatchObject({ verdict: 'fail', waived: [expect.anything()] });
  });

  test('FE1: a waiver whose last day is over lets nothing pass, and the finding says so', async () => {
    const waiver = { feature: 'x', by: 'lead@example', reason: 'minutes on purpose' };
    const waivers = [
      { ...waiver, until: '2001-01-08' },
      { ...waiver, by: 'ana@example', until: '2001-01-09' },
    ];
    const found = await world.skew(serving('x * 60'), policy({ waivers }));
    expect(found).toMatchObject({ verdict: 'fail', waived: [] });
    expect(found.reasons[0]).toMatch(/^"x" is out of the range .* The waiver by ana@example ended on 2001-01-09\.$/);
    const renewed = [...waivers, { ...waiver, until: '2001-02-01' }];
    expect((await world.skew(serving('x * 60'), policy({ waivers: renewed }))).verdict).toBe('pass');
  });

  test('a policy that overrode the block tells of skew and goes on', async () => {
    const found = await world.skew(serving('x * 60'), policy({}, { drift: { respond: { skew: 'observe' } } }));
    expect(found).toMatchObject({ verdict: 'pass', reasons: [expect.stringContaining('out of the range')] });
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPrometheusQuery } from '../../activities/adapters/prometheus/metrics-query.ts';
import { measureLive } from '../../activities/live-service.ts';
import type { MetricsQuery } from '../../activities/ports/metrics-query.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { CriterionMeasurement } from '../../scorecards/candidate/measurement.ts';
import { fillIn } from '../../scorecards/service/variables.ts';
import { createMemoryMetrics } from '../fakes/memory-metrics.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { served } from '../lifecycle/policies.ts';
import { present } from '../present.ts';
import { startPrometheus } from '../prometheus.ts';
import type { PrometheusServer } from '../prometheus.ts';
import { scorecardOf } from '../scorecards/candidate/scorecards.ts';
import { createScorecardWorld } from './scorecard-world.ts';

/** Values of labels that would end a text, or match more than themselves. */
const HOSTILE = ['a"b', "it's", 'back\\slash', 'a.c', 'tick`tock', 'x"} or vector(1) #', '(', '$1'];

/** Thirteen hours of a route that errs once in a thousand answers, and sixty times in the thousand of the last hour. */
function history(nowSeconds: number): string {
  const steps = Array.from({ length: 13 * 12 + 1 }, (_, index) => index);
  const samples = steps.map((step) => {
    const errors = Math.max(0, step - 144) * 5 + Math.min(step, 144) / 12;
    return [nowSeconds - (156 - step) * 300, (step * 1000) / 12, errors] as const;
  });
  const series = (code: string, of: (all: number, errors: number) => number) =>
    samples.map(
      ([at, all, errors]) =>
        `traefik_router_requests_total{router="churn@file",service="churn",code="${code}"} ${of(all, errors)} ${at}`,
    );
  const lines = [...series('200', (all, errors) => all - errors), ...series('503', (_all, errors) => errors)];
  return `# TYPE traefik_router_requests_total unknown\n${lines.join('\n')}\n`;
}

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
const EXPOSITION = `
orders_per_minute{model="churn",version="7"} 52
orders_per_minute{model="churn",version="6"} 9
orders_per_minute{model="churn-2",version="7"} 1
${HOSTILE.map((value, index) => `hostile{value="${escaped(value)}"} ${index}`).join('\n')}
hostile{value="abc"} 99
`;
const RULES = `
groups:
  - name: incidents
    rules:
      - { alert: Down, expr: vector(1), labels: { model: burning, severity: page } }
      - { alert: Slow, expr: vector(1), labels: { model: burning } }
      - { alert: Retrain, expr: vector(1), labels: { model: churn, severity: ticket } }
      - { alert: Quiet, expr: vector(0) > 1, labels: { model: churn, severity: page } }
`;

let server: PrometheusServer;
let metrics: MetricsQuery;
beforeAll(async () => {
  server = await startPrometheus({
    exposition: EXPOSITION,
    rules: RULES,
    history: history(Math.floor(Date.now() / 1000)),
  });
  metrics = createPrometheusQuery({ url: server.url });
}, 60_000);
afterAll(() => server.stop());

/** What is measured for one criterion of a model that is served, by version 7. */
async function measured(
  criterion: object,
  { model = 'churn', bootstrap = false, given = {} as object, slo = {} as object } = {},
) {
  const registry = { ...createMemoryRegistry(), aliases: async () => ({ champion: '7' }) };
  const applied = {
    ...served(model, '/', slo),
    scorecard: scorecardOf({ name: 'c', group: 'robustness', ...criterion }),
  };
  return measureLive({ metrics, registry, ...given }, applied, { bootstrap, model });
}
const first = (all: readonly CriterionMeasurement[]) => present(all[0]);

describe('what a real Prometheus says of the live service', () => {
  test('EV7: a criterion is fed by PromQL, of this model and the version behind the pointer alone', async () => {
    const query = 'sum(orders_per_minute{model="$model",version="$version"})';
    const one = first(await measured({ metric: 'promql', query, atLeast: 40 }));
    expect(one).toMatchObject({ n: 1, challenger: { value: 52, low: 52, high: 52 } });
  });

  test.each([
    ['sum(no_such_series{model="$model"})', 'no series'],
    ['orders_per_minute{model="$model"}', '2 series'],
    ['0 * sum(orders_per_minute) / 0', 'NaN'],
    ['sum(orders_per_minute', 'parse error'],
  ])('EV7: what has no number is missing, and says why: %s', async (query, why) => {
    const one = first(await measured({ metric: 'promql', query, atLeast: 0 }));
    expect(one.challenger).toBeUndefined();
    expect(one.why).toContain(why);
  });

  test('N9: the error budget of twelve hours and what one bad hour did to it', async () => {
    const slo = { slo: { window: '12h', availability: '99%' } };
    const budget = first(await measured({ metric: 'errorBudget', atLeast: 0.25 }, { slo }));
    // Eleven hours of one in a thousand and one of sixty: 71 bad of 12,000, where 120 are allowed.
    expect(budget.challenger?.value).toBeCloseTo(1 - 71 / 120, 1);
    expect(budget.n).toBeGreaterThan(11_000);
    expect(budget.point).toMatch(/^\d\d bad of 1\d,\d{3} answers within 12h, asked at /);
  });

  test('N9: the burn rate of the last hour is 12, of the last six 2.2', async () => {
    const burn = async (more: object) => first(await measured({ metric: 'burnRate', atMost: 1.5, ...more }));
    expect((await burn({})).challenger?.value).toBeCloseTo(60 / 1000 / 0.005, 0);
    expect((await burn({ window: '6h' })).challenger?.value).toBeCloseTo(65 / 6000 / 0.005, 0);
  });

  test('N9: a route that nobody has asked has no budget that could be left', async () => {
    const one = first(await measured({ metric: 'errorBudget', atLeast: 0 }, { model: 'idle' }));
    expect(one).toMatchObject({ n: 0, why: expect.stringContaining('no series') });
  });

  test.each([
    ['burning', 2],
    ['churn', 0],
    ['calm', 0],
  ])('EV1: firing alerts of %s that are no tickets: %d', async (model, count) => {
    const one = first(await measured({ metric: 'openIncidents', atMost: 0 }, { model }));
    expect(one.challenger?.value).toBe(count);
  });

  test.each(HOSTILE.map((value, index) => [value, index] as const))(
    'SE1: a label value is that value and nothing else: %s',
    async (model, index) => {
      const queries = ['hostile{value="$model"}', "hostile{value='$model'}", 'hostile{value=`$model`}'];
      const patterns = ['hostile{value=~"$model"}', "hostile{value=~'$model'}", 'hostile{value=~`$model`}'];
      const answers = await Promise.all(
        [...queries, ...patterns].map(async (query) =>
          metrics.ask({ query: fillIn(query, { model }), at: new Date().toISOString(), timeoutMs: 5000 }),
        ),
      );
      expect(answers).toEqual(answers.map(() => ({ kind: 'number', value: index })));
    },
  );
});

describe('who is asked', () => {
  const criterion = { metric: 'promql', query: 'up', atLeast: 1 };

  test('nobody before the first champion, nor without such a criterion', async () => {
    const memory = createMemoryMetrics();
    expect(await measured(criterion, { bootstrap: true, given: { metrics: memory } })).toEqual([]);
    expect(await measured({ metric: 'bytes', atMost: 1 }, { given: { metrics: memory } })).toEqual([]);
    expect(memory.asked).toEqual([]);
  });

  test('EV7: without a Prometheus the criterion is missing, and says what to set', async () => {
    const one = first(await measured(criterion, { given: { metrics: undefined } }));
    expect(one.why).toBe('this worker knows no Prometheus: set prometheus.url in its understudy.config.yaml');
  });

  test('a Prometheus that is away is a failure that the activity is tried again for, no verdict', async () => {
    const memory = createMemoryMetrics();
    memory.darken();
    const failure = expect.objectContaining({ name: PortFailure.name, code: 'unavailable' });
    await expect(measured(criterion, { given: { metrics: memory } })).rejects.toEqual(failure);
  });

  test('all questions of a scorecard are about one instant', async () => {
    const memory = createMemoryMetrics();
    await measured({ metric: 'burnRate', atMost: 1 }, { given: { metrics: memory } });
    expect(memory.asked).toHaveLength(2);
    expect(new Set(memory.asked.map(({ at }) => at)).size).toBe(1);
  });
});

test('EV7, N9: the verdict on a candidate rests on the live service as well', async () => {
  const world = await createScorecardWorld({ metrics });
  const criteria = [
    { name: 'orders', group: 'business', metric: 'promql', query: 'sum(orders_per_minute{version="7"})', atLeast: 60 },
    { name: 'incidents', group: 'robustness', metric: 'openIncidents', atMost: 0 },
  ];
  const { findings, verdict } = await world.judge(criteria, { served: true });
  const before = await world.judge([...criteria, { name: 'size', group: 'size', metric: 'bytes', atMost: 1 }]);
  await world.dispose();
  expect(verdict).toBe('fail');
  expect(findings.map(({ criterion, judged }) => [criterion, judged])).toEqual([
    ['orders', 'fail'],
    ['incidents', 'pass'],
  ]);
  expect(before).toMatchObject({
    verdict: 'pass',
    notApplicable: ['orders: nothing serves yet', 'incidents: nothing serves yet'],
  });
});

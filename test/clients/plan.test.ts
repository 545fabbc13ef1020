import { describe, expect, test } from '@jest/globals';
import type { Ports } from '../../activities/context.ts';
import { trafficFor } from '../../clients/plan-traffic.ts';
import { createMemoryMetrics } from '../fakes/memory-metrics.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';
import { present } from '../present.ts';
import { readWith } from '../scorecards/diagnostics/policy-texts.ts';
import { runCli } from './run-cli.ts';

const POLICY = 'examples/flights/policy.yaml';

describe('understudy plan', () => {
  test('prints a row for each phase, offline when the rate is given', async () => {
    const { code, stdout, stderr } = await runCli(['plan', '-f', POLICY, '--rate', '200', '--bad', '0.1%']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('200 requests/s (given), 0.10 % of answers bad (given)');
    expect(stdout).toMatch(/^shadow 100 %\t.*^step-5\t6,000\t.*^step-50\t.*^soak\t/ms);
    expect(stdout).toContain('every phase can decide');
  });

  test('ends with 3 where a step cannot decide, and proposes one that can', async () => {
    const { code, stdout } = await runCli(['plan', '-f', POLICY, '--rate', '0.5/s', '-o', 'json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      acceptable: false,
      traffic: { requestsPerSecond: 0.5, from: { requests: 'given', badRate: 'assumed' } },
      undecided: [{ phase: 'step-5', severity: 'error', smallestPercent: 9 }],
    });
  });

  test.each([
    [['--rate', 'much'], '--rate much is not a rate such as 200/s'],
    [['--rate', '5', '--bad', '200%'], '--bad 200% is not a share such as 0.1%'],
    [['--rate', '5', '--rate-query', 'up'], '--rate and --rate-query were both given'],
  ])('refuses %j', async (options, problem) => {
    const { code, stderr } = await runCli(['plan', '-f', POLICY, ...options]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(problem)]);
  });

  test('has nothing to plan for a batch policy', async () => {
    const { code, stdout } = await runCli(['plan', '-f', 'test/fixtures/policies/batch-valid.yaml', '--rate', '5']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('a batch policy shares no traffic')]);
  });

  test('N5: refuses a first step above 10 % without a recorded override', async () => {
    const bold = 'test/fixtures/policies/us0203-first-step-over-10.yaml';
    const { code, stderr } = await runCli(['plan', '-f', bold, '--rate', '200']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('US0203')]);
  });
});

describe('the traffic that a plan is measured against', () => {
  const policy = present(readWith('serving: { command: [python, serve.py] }', 'traffic: { route: churn }').policy);
  const route = present(policy.spec.traffic).route;

  /** A gateway whose clock jumps ten seconds with every scrape. */
  async function counted(requestsPerSecond: number) {
    let now = 1_800_000_000_000;
    const router = createMemoryRouter({ now: () => now });
    const traffic = createMemoryTraffic({ router, now: () => (now += 10_000) });
    const champion = { version: '1', url: 'http://127.0.0.1:9001' };
    await router.apply({ name: route, model: 'm', champion, writtenBy: 'r', reason: 'test', requestTimeoutMs: 1000 });
    await traffic.setTraffic(route, { requestsPerSecond, champion: { errors: 0.02 } });
    const gateway = () => ({ router, evidence: traffic });
    return { traffic, ports: async () => ({ gateway }) as unknown as Ports };
  }

  test('is counted at the gateway when nobody names it', async () => {
    const { ports } = await counted(40);
    expect(await trafficFor(ports, policy, { forMs: 1 })).toMatchObject({ requestsPerSecond: 40, badRate: 0.02 });
  });

  test('has an assumed share of bad answers where nothing was answered', async () => {
    const { ports } = await counted(0);
    const { badRate, from, requestsPerSecond } = await trafficFor(ports, policy, { forMs: 1 });
    expect([requestsPerSecond, badRate, from.badRate]).toEqual([0, 0.001, 'assumed']);
  });

  test('is asked of the settings’ Prometheus where a query is given', async () => {
    const metrics = createMemoryMetrics({ answers: { 'sum(rate(a[1d]))': 12.5 } });
    const ports = async () => ({ metrics }) as unknown as Ports;
    const asked = await trafficFor(ports, policy, { query: 'sum(rate(a[1d]))', bad: 0.01, forMs: 1 });
    expect(asked).toMatchObject({ requestsPerSecond: 12.5, badRate: 0.01 });
    await expect(trafficFor(ports, policy, { query: 'nothing', forMs: 1 })).rejects.toMatchObject({ exitCode: 2 });
    const none = async () => ({}) as unknown as Ports;
    await expect(trafficFor(none, policy, { query: 'q', forMs: 1 })).rejects.toMatchObject({ exitCode: 78 });
  });

  test('that cannot be counted is an error that names --rate', async () => {
    const { ports, traffic } = await counted(40);
    traffic.darken();
    await expect(trafficFor(ports, policy, { forMs: 1 })).rejects.toMatchObject({ exitCode: 69, next: 'give --rate' });
  });
});

import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../scorecards/diagnostics/read.ts';
import { PRESETS, SMALLEST } from './diagnostics/policy-texts.ts';

const ONLINE = ['serving: { command: [python, serve.py] }', 'traffic: { route: churn }'];

/** What lint says of the ceilings of a policy with these criteria of latency; the preset's own is p99 at most 1s. */
function ceilings(spec: readonly string[], ...criteria: readonly string[]) {
  const scorecard = `  scorecard:\n    extends: classification\n    criteria: [${criteria.join(', ')}]\n`;
  const lines = spec.map((line) => `  ${line}\n`).join('');
  const text = SMALLEST.replace('  scorecard: { extends: classification }\n', scorecard) + lines;
  const { diagnostics } = readPolicy(text, 'policy.yaml', { presets: PRESETS });
  return diagnostics.filter(({ code }) => code === 'US0269').map(({ message, severity }) => `${severity}: ${message}`);
}

const latency = (metric: string, bound: string, name = metric) =>
  `{ name: ${name}, group: latency, metric: ${metric}, ${bound} }`;
const both = (p50: string, p95: string) => [latency('p50', `atMost: ${p50}`), latency('p95', `atMost: ${p95}`)];
const override = (field: string) => `overrides: [{ field: ${field}, reason: agreed, by: lead }]`;
const asks = (severity: string, whose: string, what: string) =>
  `${severity}: ${whose} asks for a ${what}, and no criterion bounds it so tightly`;

describe('N8: the latency ceilings of a tier are criteria of the scorecard', () => {
  test.each([
    ['standard', '400ms', '1200ms', []],
    ['enhanced', '180ms', '450ms', []],
    ['mission-critical', '80ms', '200ms', []],
    ['standard', '401ms', '1201ms', [asks('warning', 'tier standard', 'p50 of at most 400ms')]],
    ['enhanced', '181ms', '450ms', [asks('error', 'tier enhanced', 'p50 of at most 180ms')]],
    ['enhanced', '180ms', '451ms', [asks('error', 'tier enhanced', 'p95 of at most 450ms')]],
    ['mission-critical', '81ms', '200ms', [asks('error', 'tier mission-critical', 'p50 of at most 80ms')]],
    ['mission-critical', '80ms', '201ms', [asks('error', 'tier mission-critical', 'p95 of at most 200ms')]],
  ])('N8: %s with p50 at most %s and p95 at most %s', (tier, p50, p95, found) => {
    // The preset's p99 of at most 1s keeps the p95 of standard.
    expect(ceilings([`tier: ${tier}`, ...ONLINE], ...both(p50, p95))).toEqual(found);
  });

  test('N8: without such criteria both are asked for', () => {
    expect(ceilings(['tier: enhanced', ...ONLINE])).toEqual([
      asks('error', 'tier enhanced', 'p50 of at most 180ms'),
      asks('error', 'tier enhanced', 'p95 of at most 450ms'),
    ]);
  });

  test('N8: a bound of a higher percentile keeps both, one against the champion keeps none', () => {
    const tail = '{ name: tail latency, atMost: 180ms }';
    expect(ceilings(['tier: enhanced', ...ONLINE], tail)).toEqual([]);
    const relative = latency('p50', 'versusChampion: { noWorseBy: 1ms }');
    expect(ceilings(['tier: enhanced', ...ONLINE], relative)).toHaveLength(2);
  });

  test('N8: a policy that is stricter than its tier is held to its own ceiling, also under standard', () => {
    const slo = 'slo: { p50: 100ms }';
    const own = asks('error', 'spec.slo.p50 of the policy', 'p50 of at most 100ms');
    expect(ceilings([slo, ...ONLINE], ...both('101ms', '400ms'))).toEqual([own]);
    expect(ceilings([slo, ...ONLINE], ...both('100ms', '400ms'))).toEqual([]);
  });

  test('N8: a looser ceiling counts only with an override that says why', () => {
    const spec = ['tier: enhanced', 'slo: { p50: 300ms }', ...ONLINE];
    const criteria = both('300ms', '450ms');
    expect(ceilings(spec, ...criteria)).toEqual([asks('error', 'tier enhanced', 'p50 of at most 180ms')]);
    expect(ceilings([...spec, override('spec.slo.p95')], ...criteria)).toHaveLength(1);
    expect(ceilings([...spec, override('spec.slo.p50')], ...criteria)).toEqual([]);
    expect(ceilings([...spec, override('spec.slo.p50')], ...both('301ms', '450ms'))).toHaveLength(1);
  });

  test('a batch policy has none: its latency is that of a run of predict', () => {
    expect(ceilings(['tier: mission-critical'])).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../scorecards/diagnostics/read.ts';
import { PRESET_NAMES } from '../../scorecards/scorecard-preset.ts';
import { PRESETS, SMALLEST } from './diagnostics/policy-texts.ts';

const ONLINE = ['serving: { command: [python, serve.py] }', 'traffic: { route: churn }'];

/** A policy with these lines in its `spec`, and what it says of its scorecard. */
const read = (spec: readonly string[], scorecard: string) =>
  readPolicy(policyText(spec, scorecard), 'policy.yaml', { presets: PRESETS });

function policyText(spec: readonly string[], scorecard: string): string {
  const lines = spec.map((line) => `  ${line}\n`).join('');
  return SMALLEST.replace('scorecard: { extends: classification }', `scorecard: ${scorecard}`) + lines;
}

const extending = (preset: string, ...criteria: readonly string[]) =>
  `{ extends: ${preset}, criteria: [${criteria.join(', ')}] }`;

const foundIn = ({ diagnostics }: ReturnType<typeof read>) =>
  diagnostics.filter(({ code }) => code === 'US0269').map(({ message, severity }) => `${severity}: ${message}`);

/** What lint says of the ceilings of a policy with these criteria of latency; the preset's own is p99 at most 1s. */
const ceilings = (spec: readonly string[], ...criteria: readonly string[]) =>
  foundIn(read(spec, extending('classification', ...criteria)));

const latency = (metric: string, bound: string, name = metric) =>
  `{ name: ${name}, group: latency, metric: ${metric}, ${bound} }`;
/** What it says with a scorecard in a file of its own, without a preset, whose only bound of latency is this one. */
function alone(spec: readonly string[], criterion: string) {
  const head = 'apiVersion: understudy/v1\nkind: Scorecard\nmetadata: { name: mine }\nspec:\n';
  const scorecard = { file: 'scorecard.yaml', text: `${head}  criteria: [${criterion}]\n` };
  return foundIn(readPolicy(policyText(spec, './scorecard.yaml'), 'policy.yaml', { presets: PRESETS, scorecard }));
}
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

  test('N8: in a scorecard without a preset both are asked for', () => {
    expect(alone(['tier: enhanced', ...ONLINE], latency('p99', 'atMost: 1s'))).toEqual([
      asks('error', 'tier enhanced', 'p50 of at most 180ms'),
      asks('error', 'tier enhanced', 'p95 of at most 450ms'),
    ]);
  });

  test('N8: a bound of a higher percentile keeps both, one against the champion keeps none', () => {
    const tail = '{ name: tail latency, atMost: 180ms }';
    expect(ceilings(['tier: enhanced', ...ONLINE], tail)).toEqual([]);
    const relative = latency('p50', 'versusChampion: { noWorseBy: 1ms }');
    expect(alone(['tier: enhanced', ...ONLINE], relative)).toHaveLength(2);
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

const CALM = ['triggers: { check: "0 6 * * *" }', ...ONLINE];
const CEILINGS = {
  standard: ['p50 of tier standard: 400'],
  enhanced: ['p50 of tier enhanced: 180', 'p95 of tier enhanced: 450'],
  'mission-critical': ['p50 of tier mission-critical: 80', 'p95 of tier mission-critical: 200'],
};
const CASES = PRESET_NAMES.flatMap((preset) => Object.entries(CEILINGS).map((one) => [preset, ...one] as const));
/** Each preset has its latency criterion, called alike. */
const latencies = ({ scorecard }: ReturnType<typeof read>) =>
  scorecard?.spec.criteria.filter(({ group }) => group === 'latency').map((one) => `${one.name}: ${one.atMost}`);

describe('N8: a policy that serves adds the ceilings of its tier to the preset it extends', () => {
  test.each(CASES)('N8: %s under tier %s', (preset, tier, added) => {
    const policy = read([`tier: ${tier}`, ...CALM], extending(preset));
    expect(foundIn(policy)).toEqual([]);
    expect(latencies(policy)).toEqual(['tail latency: 1000', ...added]);
  });

  test('under the load of the preset, which is enough requests for each criterion’s own minimum', () => {
    const policy = read(['tier: enhanced', ...CALM], extending('ranking'));
    const offered = policy.scorecard?.spec.criteria
      .filter(({ group }) => group === 'latency')
      .map(({ load, minimum }) => ({ load, minimum }));
    expect(offered).toEqual(Array.from({ length: 3 }, () => ({ load: { rate: 50, for: 15_000 }, minimum: 500 })));
  });

  test('N8: the stricter ceilings of spec.slo take the place of the tier’s, and so do overridden ones', () => {
    const stricter = read(['slo: { p50: 100ms, p95: 150ms }', ...CALM], extending('ranking'));
    expect(latencies(stricter)).toEqual(['tail latency: 1000', 'p50 of spec.slo: 100', 'p95 of spec.slo: 150']);
    const looser = ['tier: enhanced', 'slo: { p50: 300ms }', override('spec.slo.p50'), ...CALM];
    expect(latencies(read(looser, extending('ranking')))).toContain('p50 of spec.slo: 300');
  });

  test('N8: a bound of one’s own that keeps the ceiling is enough', () => {
    const own = read(['tier: enhanced', ...CALM], extending('ranking', '{ name: tail latency, atMost: 150ms }'));
    expect(latencies(own)).toEqual(['tail latency: 150']);
  });

  test('a batch policy adds none', () => {
    expect(latencies(read(['tier: enhanced'], extending('ranking')))).toEqual(['tail latency: 1000']);
  });
});

import { describe, expect, test } from '@jest/globals';
import { forecastRollout } from '../../../scorecards/canary/rollout-forecast.ts';
import { present } from '../../present.ts';
import { readWith } from '../diagnostics/policy-texts.ts';

const BUSY = { requestsPerSecond: 200, badRate: 0.001 };
/** A shadow's thousand pairs come in time, 5 % of it are too few in four hours. */
const QUIET = { requestsPerSecond: 0.5, badRate: 0.001 };

const forecast = (traffic: typeof BUSY, ...lines: readonly string[]) =>
  forecastRollout(policyOf(['risk: consequential', ...lines]), traffic);
const ONLINE = ['serving: { command: [python, serve.py] }', 'traffic: { route: churn }'];
const policyOf = (lines: readonly string[]) => present(readWith(...ONLINE, ...lines).policy);
const accepting = (field: string) => `overrides: [{ field: ${field}, reason: few users at night, by: ana }]`;

test('every phase of a release is told: what it sees, when it is clear, whom it may hurt', () => {
  const { acceptable, phases, undecided } = forecast(BUSY);
  expect(phases.map(({ phase }) => phase)).toEqual(['shadow', 'step-5', 'step-25', 'step-50', 'soak']);
  expect([acceptable, undecided]).toEqual([true, []]);
  // 5 % of 200 requests a second for ten minutes.
  expect(phases[1]).toMatchObject({ requests: 6000, canDecide: true, atLeastMs: 600_000 });
  expect(present(phases[1]).worst.badAnswers).toBeGreaterThan(0);
});

test('a shadow is over when it has its pairs, not by evidence of safety', () => {
  const [shadow] = forecast({ ...BUSY, requestsPerSecond: 10 }).phases;
  expect(shadow).toMatchObject({ phase: 'shadow', requests: 1000, requestsToClear: 1000, clearMs: 100_000 });
  const few = forecast({ ...QUIET, requestsPerSecond: 0.1 });
  expect(few.undecided[0]).toMatchObject({
    phase: 'shadow',
    help: expect.stringContaining('write shadow.within: 167m'),
  });
  const part = forecast(QUIET, 'shadow: { percent: 20 }').undecided[0];
  expect(part).toMatchObject({ phase: 'shadow', smallestPercent: 28 });
});

test('a shadow that is left out is no phase', () => {
  const { phases } = forecastRollout(policyOf(['risk: routine', 'shadow: { skip: true }']), BUSY);
  expect(present(phases[0]).phase).toBe('step-5');
});

describe('a step that cannot decide at this traffic', () => {
  test('is an error that proposes the smallest step that can, and that step can', () => {
    const { acceptable, undecided } = forecast(QUIET);
    expect(acceptable).toBe(false);
    const [step] = undecided;
    expect(step).toMatchObject({ phase: 'step-5', severity: 'error', smallestPercent: 9 });
    expect(present(step).message).toMatch(
      /^5 % of 0\.5 requests\/s needs 7 h until "clear" \(\d+ requests\), at most 4 h/,
    );
    expect(present(step).help).toContain('write rollout.steps: [9, 25, 50]');
    expect(forecast(QUIET, 'rollout: { steps: [9, 25, 50] }').undecided).toEqual([]);
    expect(forecast(QUIET, 'rollout: { steps: [8, 25, 50] }').undecided).toHaveLength(1);
  });

  test('N5: says that a first step above 10 % needs an override', () => {
    const [step] = forecast({ ...QUIET, requestsPerSecond: 0.25 }, 'shadow: { within: 24h }').undecided;
    expect(present(step).smallestPercent).toBeGreaterThan(10);
    expect(present(step).help).toContain('(with an override of spec.rollout.steps)');
  });

  test.each(['spec.rollout.stepAtMost', 'spec.rollout.steps'])('is settled by one override of %s', (field) => {
    const { acceptable, undecided } = forecast(QUIET, accepting(field));
    expect(acceptable).toBe(true);
    expect(undecided).toMatchObject([{ severity: 'accepted', help: 'ana accepts it: few users at night' }]);
  });

  test('is a warning for a routine model', () => {
    const { acceptable, undecided } = forecastRollout(policyOf(['risk: routine']), QUIET);
    expect([acceptable, undecided[0]?.severity]).toEqual([true, 'warning']);
  });

  test('that no share mends is told so', () => {
    const [step] = forecast({ ...QUIET, requestsPerSecond: 0.02 }, 'shadow: { within: 24h }').undecided;
    expect(step).not.toHaveProperty('smallestPercent');
    expect(present(step).help).toContain('no share can decide in that time');
  });
});

test('nothing can be decided without requests, nor where half of the answers are bad anyway', () => {
  const none = forecast({ requestsPerSecond: 0, badRate: 0 });
  expect(none.undecided.map(({ phase }) => phase)).toEqual(['shadow', 'step-5', 'step-25', 'step-50', 'soak']);
  expect(none.undecided[0]?.message).toBe('without requests there is no evidence: nothing can be decided');
  expect(none.undecided[0]?.help).toBe('nothing of the policy mends that: bring traffic');
});

test('an override of what only the traffic can tell is no override of nothing', () => {
  const { diagnostics } = readWith(accepting('spec.rollout.stepAtMost'));
  expect(diagnostics.filter(({ code }) => code === 'US0221')).toEqual([]);
});

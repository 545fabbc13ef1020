import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { resolvePolicy } from '../../../scorecards/policy/resolve.ts';
import { TIER_PRESETS } from '../../../scorecards/policy/tiers.ts';
import { errorsWith, readWith, SMALLEST } from '../diagnostics/policy-texts.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

function specWith(...lines: readonly string[]) {
  const { policy } = readWith(...lines);
  expect(policy).toBeDefined();
  return resolvePolicy({ policy: policy as NonNullable<typeof policy> }).policy.spec;
}

describe('the defaults that the requirements fix', () => {
  const spec = specWith();

  test('N1: PSI warns from 0.1 and drifts from 0.2', () => {
    expect(spec.drift.psi).toEqual({ warn: 0.1, drift: 0.2 });
  });

  test('N1: one feature may have its own PSI bound', () => {
    const text = SMALLEST.replace(
      '  training:',
      '    features: [{ name: age, type: continuous, psi: { drift: 0.3 } }]\n  training:',
    );
    expect(readPolicy(text, 'policy.yaml').policy?.spec.data.features?.[0]?.psi).toEqual({ drift: 0.3 });
  });

  test('N2: the window is seven days', () => {
    expect(spec.drift.window).toBe(7 * DAY);
  });

  test('N3: a bucket is 24 h, and a window of 9 d is accepted as well as one of 7 d', () => {
    expect(spec.drift.bucket).toBe(24 * HOUR);
    expect(errorsWith('drift: { window: 9d }')).toEqual([]);
    expect(errorsWith('drift: { window: 7d }')).toEqual([]);
    expect(errorsWith('drift: { window: 7d, bucket: 48h }')).toEqual(['US0205']);
  });

  test('N4: a feature is continuous or categorical', () => {
    expect(['continuous', 'categorical', 'ordinal'].map(featureErrors)).toEqual([[], [], ['US0101']]);
  });

  test('N5: the canary begins at 5 % and rises over 25 to 50', () => {
    expect(spec.rollout.steps).toEqual([5, 25, 50]);
  });

  test('N6: the soak is 24 h', () => {
    expect(spec.rollout.soak).toBe(24 * HOUR);
  });

  test('N8: each tier expands to its latency, availability and rollback budget', () => {
    expect(TIER_PRESETS.standard).toMatchObject({ p50: 400, p95: 1200, availability: 0.995 });
    expect(TIER_PRESETS.enhanced).toMatchObject({ p50: 180, p95: 450, availability: 0.999 });
    expect(TIER_PRESETS['mission-critical']).toMatchObject({ p50: 80, p95: 200, availability: 0.9995 });
    const budgets = Object.values(TIER_PRESETS).map(({ rollbackWithinMs }) => rollbackWithinMs);
    expect(budgets).toEqual([30 * MINUTE, 5 * MINUTE, MINUTE]);
  });

  test('N8: the default tier is standard and fills in what the policy leaves out', () => {
    expect(spec.slo).toEqual({ p50: 400, p95: 1200, availability: 0.995, window: 30 * DAY });
  });

  test('N10: a drift finding needs 500 rows a side', () => {
    expect(spec.drift.minimum).toBe(500);
  });

  test('N11: the interactive example values are a valid policy', () => {
    const lines = [
      'tier: enhanced',
      'triggers: { check: "0 6 * * *" }',
      'slo: { availability: 99.9%, p50: 100ms, p95: 200ms }',
    ];
    expect(errorsWith(...lines)).toEqual([]);
    expect(specWith(...lines).slo).toMatchObject({ availability: 0.999, p50: 100, p95: 200 });
  });

  test('N14: a day between runs that train, three a week', () => {
    expect(spec.triggers).toMatchObject({ cooldown: 24 * HOUR, maxRunsPerWeek: 3, decideWithin: 24 * HOUR });
  });

  test('what is left to judgement stays what it is until somebody changes it on purpose', () => {
    expect(spec.drift).toMatchObject({
      share: 0.3,
      persistence: { windows: 2, of: 3 },
      ks: { warn: 0.1, drift: 0.15 },
    });
    expect(spec.dataset).toMatchObject({ train: 42 * DAY, atLeast: 21 * DAY, holdout: 7 * DAY });
    expect(spec.approval).toMatchObject({ quorum: 1, within: 72 * HOUR, validFor: 7 * DAY, byPolicy: false });
    expect(spec.rollout).toMatchObject({ look: 5000, lease: 30_000, soakLease: 30_000, stepAtLeast: 10 * MINUTE });
    expect(spec.shadow).toEqual({
      percent: 100,
      atLeast: 1000,
      within: 2 * HOUR,
      disagreement: 0.3,
      skip: false,
      skew: { outside: 0.05, waivers: [] },
    });
  });
});

function featureErrors(type: string): string[] {
  const text = SMALLEST.replace('  training:', `    features: [{ name: age, type: ${type} }]\n  training:`);
  const { diagnostics } = readPolicy(text, 'policy.yaml');
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

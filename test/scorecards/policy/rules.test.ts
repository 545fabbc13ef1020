import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { isCron, isDaily } from '../../../scorecards/policy/cron.ts';
import { worstCaseExposureMs } from '../../../scorecards/policy/tiers.ts';
import { errorsWith, readWith, SMALLEST, warningsWith } from '../diagnostics/policy-texts.ts';

const ONLINE = ['serving: { command: [python, serve.py] }', 'traffic: { route: churn }'];
const CHECK = 'triggers: { check: "0 6 * * *" }';
const override = (field: string): string => `overrides: [{ field: ${field}, reason: agreed, by: lead }]`;

test('the smallest policy is valid and only asks three questions', () => {
  expect(errorsWith()).toEqual([]);
  expect(warningsWith()).toEqual(['US0214', 'US0222', 'US0237']);
});

describe('the rollout', () => {
  test('N5: a first step of 10 passes, one above 10 is refused', () => {
    expect(errorsWith('rollout: { steps: [10, 50] }')).toEqual([]);
    expect(errorsWith('rollout: { steps: [10.5, 50] }')).toEqual(['US0203']);
  });

  test('N5: an override with reason and name lets a first step above 10 pass', () => {
    expect(errorsWith('rollout: { steps: [20, 50] }', override('spec.rollout.steps'))).toEqual([]);
  });

  test('N5: an override of another field does not', () => {
    expect(errorsWith('rollout: { steps: [20, 50] }', override('spec.slo.p50'))).toEqual(['US0203']);
  });

  test('N5: an override without a reason is no override', () => {
    const lines = ['rollout: { steps: [20, 50] }', 'overrides: [{ field: spec.rollout.steps, reason: "", by: lead }]'];
    expect(errorsWith(...lines)).toContain('US0107');
  });

  test('steps must rise and stay below 100', () => {
    expect(errorsWith('rollout: { steps: [5, 5] }')).toEqual(['US0201']);
    expect(errorsWith('rollout: { steps: [5, 100] }')).toEqual(['US0202']);
    expect(errorsWith('rollout: { steps: [5, 99] }')).toEqual([]);
  });
});

describe('N7: the worst case of a rollback', () => {
  test('is lease, guard tick and propagation', () => {
    expect(worstCaseExposureMs(30_000)).toBe(40_000);
  });

  test('may be exactly the budget of the tier', () => {
    const tier = 'tier: mission-critical';
    const tooSlow = (...lines: readonly string[]) =>
      errorsWith(CHECK, ...ONLINE, ...lines).filter((code) => code === 'US0211');
    expect(tooSlow(tier, 'rollout: { lease: 50s, soakLease: 50s }')).toEqual([]);
    expect(tooSlow(tier, 'rollout: { lease: 51s, soakLease: 51s }')).toEqual(['US0211', 'US0211']);
    expect(tooSlow('tier: enhanced', 'rollout: { lease: 51s }')).toEqual([]);
  });

  test('says the sum and the lease that fits', () => {
    const read = readWith('tier: mission-critical', CHECK, ...ONLINE, 'rollout: { lease: 85s }');
    const found = read.diagnostics.find(({ code }) => code === 'US0211');
    expect(found?.message).toBe(
      'worst case 95 s exceeds the 60 s of tier mission-critical: lease 85 s + guard 5 s + propagation 5 s',
    );
    expect(found?.help).toBe('set rollout.lease to 50s');
  });
});

describe('N8: tier presets', () => {
  test('may be tightened, not loosened', () => {
    expect(errorsWith('slo: { p95: 1200ms, availability: 99.5% }')).toEqual([]);
    expect(errorsWith('slo: { p95: 1201ms }')).toEqual(['US0212']);
    expect(errorsWith('slo: { p50: 401ms }')).toEqual(['US0212']);
    expect(errorsWith('slo: { availability: 99.4% }')).toEqual(['US0212']);
  });

  test('may be loosened by an override', () => {
    expect(errorsWith('slo: { p95: 2s }', override('spec.slo.p95'))).toEqual([]);
  });

  test('ask for a daily check: a warning for standard, an error from enhanced on', () => {
    expect(warningsWith()).toContain('US0222');
    expect(errorsWith('tier: enhanced')).toEqual(['US0222']);
    expect(errorsWith('tier: enhanced', CHECK)).toEqual([]);
    expect(errorsWith('triggers: { check: "0 6 * * mon" }')).toEqual(['US0222']);
    expect(errorsWith('triggers: { check: "0 6 * * mon" }', override('spec.triggers.check'))).toEqual([]);
  });
});

describe('SH3: the shadow', () => {
  const signed = (risk: string): string[] => [`risk: ${risk}`, 'shadow: { skip: true }'];

  test('SH3: cannot be skipped for a consequential or high risk', () => {
    expect(errorsWith(...signed('consequential'))).toContain('US0210');
    expect(errorsWith(...signed('high'))).toContain('US0210');
  });

  test('SH3: may be skipped for a routine model, and lint asks for the reason', () => {
    expect(errorsWith(...signed('routine'))).toEqual([]);
    expect(warningsWith(...signed('routine'))).toContain('US0219');
    expect(warningsWith(...signed('routine'), override('spec.shadow.skip'))).not.toContain('US0219');
  });
});

describe('governance', () => {
  test('GV8: an owner is always required', () => {
    const text = SMALLEST.replace(', owner: oncall@growth.example', '');
    expect(readPolicy(text, 'policy.yaml').diagnostics).toMatchObject([
      { code: 'US0103', severity: 'error', line: 3, message: 'missing field "owner" in metadata' },
    ]);
  });

  test('GV8: who is called, rolls back and informs is a warning below risk high and an error there', () => {
    expect(warningsWith('risk: routine')).toContain('US0214');
    expect(errorsWith('risk: routine')).not.toContain('US0214');
    expect(errorsWith('risk: high')).toContain('US0214');
  });

  test.each(['hiring', 'credit', 'pricing', 'safety'])('GV9: domain %s implies risk high', (domain) => {
    expect(errorsWith(`domain: ${domain}`)).toEqual(['US0213']);
    expect(errorsWith(`domain: ${domain}`, override('spec.risk'))).toEqual([]);
    expect(errorsWith(`domain: ${domain}`, 'risk: high')).not.toContain('US0213');
  });

  test('GV4: records kept for less than 183 days are warned about', () => {
    expect(warningsWith('retention: { logs: 182d }')).toContain('US0223');
    expect(warningsWith('retention: { logs: 183d }')).not.toContain('US0223');
  });

  test('AP6: risk high demands further approver groups', () => {
    expect(errorsWith('risk: high')).toContain('US0218');
    expect(errorsWith('risk: high', 'approval: { highRisk: [group:legal] }')).not.toContain('US0218');
  });

  test('AP2: a quorum that the named people cannot reach is refused; a group may', () => {
    expect(errorsWith('approval: { from: [ann], quorum: 2 }')).toEqual(['US0218']);
    expect(errorsWith('approval: { from: [ann, ann], quorum: 2 }')).toEqual(['US0218']);
    expect(errorsWith('approval: { from: [group:ml], quorum: 2 }')).toEqual([]);
  });

  test('EV2: an unsigned scorecard is refused from consequential on', () => {
    expect(errorsWith('risk: consequential')).toEqual(['US0238']);
    expect(errorsWith('risk: routine')).toEqual([]);
  });
});

describe('bounds that may and may not be equal', () => {
  test('a warning must lie below the drift bound', () => {
    expect(errorsWith('drift: { psi: { warn: 0.2 } }')).toEqual(['US0204']);
    expect(errorsWith('drift: { psi: { warn: 0.19 } }')).toEqual([]);
  });

  test('all windows may have to drift, not more than all', () => {
    expect(errorsWith('drift: { persistence: { windows: 3, of: 3 } }')).toEqual([]);
    expect(errorsWith('drift: { persistence: { windows: 4, of: 3 } }')).toEqual(['US0206']);
  });

  test('the least data may be all that training takes, the holdout must be less than it', () => {
    expect(errorsWith('dataset: { train: 21d, atLeast: 21d, holdout: 20d }')).toEqual([]);
    expect(errorsWith('dataset: { train: 20d, atLeast: 21d }')).toEqual(['US0207']);
    expect(errorsWith('dataset: { holdout: 21d }')).toEqual(['US0207']);
  });

  test('AP4: a reminder at the deadline comes too late', () => {
    expect(errorsWith('approval: { remindAfter: 72h }')).toEqual(['US0218']);
    expect(errorsWith('approval: { remindAfter: 71h, escalateAfter: 71h }')).toEqual([]);
  });
});

describe('online and batch', () => {
  test('serving and traffic come together or not at all', () => {
    expect(errorsWith(...ONLINE)).toEqual([]);
    expect(errorsWith('serving: { command: [a] }')).toEqual(['US0215']);
    expect(errorsWith('traffic: { route: churn }')).toEqual(['US0215']);
  });

  test.each([
    [`serving: { backend: kubernetes, image: server@sha256:${'a'.repeat(64)} }`, 'traffic: { route: churn }'],
    ['serving: { command: [a] }', 'traffic: { gateway: httproute, route: churn }'],
  ])('%s with %s is refused: that gateway does not reach that server', (serving, traffic) => {
    expect(errorsWith(serving, traffic)).toEqual(['US0217']);
  });

  test('KServe needs no image of its own: its service names the runtime', () => {
    const serving = 'serving: { backend: kserve, storageUri: "s3://models/{version}" }';
    expect(errorsWith(serving, 'traffic: { gateway: kserve, route: churn }', 'shadow: { skip: true }')).toEqual([]);
  });
});

test('a server on a cluster is an image pinned by its digest', () => {
  const without = readWith(
    'serving: { backend: kubernetes, image: server:latest }',
    'traffic: { gateway: httproute, route: churn }',
  );
  expect(without.diagnostics.filter(({ code }) => code === 'US0217').map(({ message }) => message)).toEqual([
    'backend kubernetes needs an image pinned by its digest',
  ]);
});

describe('whose route it is', () => {
  const served = 'serving: { command: [python, serve.py] }';
  const found = (traffic: string, ...more: string[]) =>
    readWith(served, `traffic: { route: churn, ${traffic} }`, ...more).diagnostics.filter(
      ({ code }) => code === 'US0228',
    );
  const skipped = 'shadow: { skip: true }';

  test('an adopted route is an HTTPRoute whose requests are not mirrored', () => {
    expect(found('gateway: httproute, ownership: adopted, rule: predict', skipped)).toEqual([]);
    expect(found('gateway: httproute, ownership: adopted').map(({ help }) => help)).toEqual([
      expect.stringContaining('skip: true'),
    ]);
    expect(found('ownership: adopted', skipped).map(({ message }) => message)).toEqual([
      'gateway traefik-file has no routes to adopt',
    ]);
  });

  test('a rule is named of an adopted route only', () => {
    expect(found('gateway: httproute, rule: predict')).toHaveLength(1);
  });
});

test.each([
  ['0 6 * * *', true, true],
  ['*/15 * * * *', true, true],
  ['0 6 * * mon-fri', true, false],
  ['0 6 1 * *', true, false],
  ['0 6 * *', false, false],
  ['60 6 * * *', false, true],
  ['0 24 * * *', false, true],
  ['a b c d e', false, false],
])('the cron expression "%s" is valid: %s, daily: %s', (text, valid, daily) => {
  expect(isCron(text)).toBe(valid);
  expect(isDaily(text)).toBe(daily);
});

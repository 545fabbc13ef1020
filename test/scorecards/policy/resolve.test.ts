import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { printResolved } from '../../../scorecards/policy/print.ts';
import { resolvePolicy } from '../../../scorecards/policy/resolve.ts';
import type { Resolution } from '../../../scorecards/policy/resolve.ts';
import { policySchema } from '../../../scorecards/policy/schema.ts';
import { readWith, SMALLEST } from '../diagnostics/policy-texts.ts';

function resolve(...lines: readonly string[]): Resolution {
  const { policy, source } = readWith(...lines);
  expect(policy).toBeDefined();
  return resolvePolicy({ policy: policySchema.parse(parse(source.text)), source });
}

test('every leaf says where it comes from', () => {
  const { origins } = resolve('tier: enhanced', 'triggers: { check: "0 6 * * *" }');
  expect(origins.get('metadata.owner')).toBe('policy.yaml:3');
  expect(origins.get('spec.tier')).toBe('policy.yaml:10');
  expect(origins.get('spec.triggers.check')).toBe('policy.yaml:11');
  expect(origins.get('spec.triggers.cooldown')).toBe('default');
  expect(origins.get('spec.slo.p95')).toBe('tier enhanced');
  expect(origins.get('spec.approval.from')).toBe('metadata.owner');
  expect([...origins.values()].every((origin) => origin !== '')).toBe(true);
});

test('N8: what the policy sets itself wins over the preset', () => {
  const { policy, tier } = resolve('slo: { p95: 300ms }');
  expect(policy.spec.slo).toMatchObject({ p50: 400, p95: 300 });
  expect(tier.rollbackWithinMs).toBe(1_800_000);
});

test('the default approver is the owner', () => {
  expect(resolve().policy.spec.approval.from).toEqual(['oncall@growth.example']);
});

test('the printed form is read back to the same values', () => {
  const { policy, origins } = resolve('rollout: { soak: 36h }', 'slo: { p95: 300ms }');
  const text = printResolved({ policy, origins });
  const again = readPolicy(text, 'again.yaml').policy;
  expect(again).toEqual(policy);
  expect(text).toContain('soak: 36h # policy.yaml:10\n');
  expect(text).toContain('steps: [5, 25, 50] # default\n');
  expect(text).toContain('memory: 4Gi # default\n');
  expect(text).toContain('nulls: 5% # default\n');
});

test('comments, order and spelling of durations do not change the canonical form', () => {
  const one = resolve('rollout: { soak: 24h, look: 5s }');
  const reordered = `# a comment\n${SMALLEST}  rollout: { look: 5000ms, soak: 1d }\n`;
  const other = resolvePolicy({ policy: policySchema.parse(parse(reordered)) });
  expect(canonicalJson(other.policy)).toBe(canonicalJson(one.policy));
  const changed = resolve('rollout: { soak: 25h, look: 5s }');
  expect(canonicalJson(changed.policy)).not.toBe(canonicalJson(one.policy));
});

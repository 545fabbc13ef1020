import { policyShape } from './catalogue.ts';
import type { Problem } from '../diagnostics/diagnostic.ts';
import { shapeAt } from '../diagnostics/shape.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { isDaily, isCron } from './cron.ts';
import { isOverridden, overrideHelp, pathOf, problem, writtenAt } from './rule.ts';
import type { Written } from './rule.ts';
import { LARGEST_FIRST_STEP } from './rules-release.ts';
import { TIER_PRESETS, worstCaseExposureMs } from './tiers.ts';
import { formatDuration } from './units.ts';

const SENSITIVE_DOMAINS: readonly string[] = ['hiring', 'credit', 'pricing', 'safety'];
const HALF_A_YEAR_MS = 183 * 86_400_000;

/** N8: values of `spec.slo` weaker than the tier's preset, and checks rarer than it asks for. */
export function tierRules({ policy }: Written): Problem[] {
  const { tier, slo } = policy.spec;
  const preset = TIER_PRESETS[tier];
  const problems: Problem[] = [];
  const loosened = (name: string, message: string, cure: string): void => {
    const field = `spec.slo.${name}`;
    if (isOverridden(policy, field)) return;
    problems.push(problem('US0212', field, message, { help: overrideHelp(cure, field) }));
  };
  for (const name of ['p50', 'p95'] as const) {
    const value = slo[name];
    if (value === undefined || value <= preset[name]) continue;
    const bound = formatDuration(preset[name]);
    loosened(
      name,
      `${name} ${formatDuration(value)} is slower than the ${bound} of tier ${tier}`,
      `write ${bound} or less`,
    );
  }
  if (slo.availability !== undefined && slo.availability < preset.availability) {
    const bound = percent(preset.availability);
    loosened(
      'availability',
      `${percent(slo.availability)} is below the ${bound} of tier ${tier}`,
      `write ${bound} or more`,
    );
  }
  return [...problems, ...cadenceRules(policy)];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(10))}%`;
}

function cadenceRules(policy: Written['policy']): Problem[] {
  const { tier, triggers } = policy.spec;
  const field = 'spec.triggers.check';
  if (triggers.check !== undefined && !isCron(triggers.check)) {
    const message = `"${triggers.check}" is not a cron expression of five fields`;
    return [problem('US0224', field, message, { help: 'write "0 6 * * *" for every day at six, UTC' })];
  }
  if (isOverridden(policy, field)) return [];
  if (triggers.check === undefined) {
    const severity = tier === 'standard' ? 'warning' : 'error';
    const message = `tier ${tier} asks for a daily check, and nothing looks for drift on its own`;
    return [problem('US0222', field, message, { severity, at: 'key', help: 'add triggers: { check: "0 6 * * *" }' })];
  }
  if (isDaily(triggers.check)) return [];
  const help = overrideHelp('write "0 6 * * *"', field);
  return [problem('US0222', field, `the check runs less than daily, tier ${tier} asks for daily`, { help })];
}

/** GV9 and GV8: what the domain implies, and who is named for an emergency. */
export function riskRules({ policy }: Written): Problem[] {
  const { domain, risk } = policy.spec;
  const problems: Problem[] = [];
  if (SENSITIVE_DOMAINS.includes(domain) && risk !== 'high' && !isOverridden(policy, 'spec.risk')) {
    const help = overrideHelp('write risk: high', 'spec.risk');
    problems.push(problem('US0213', 'spec.domain', `domain ${domain} needs risk: high, not ${risk}`, { help }));
  }
  const missing = (['escalation', 'rollbackBy', 'informs'] as const).filter(
    (name) => (policy.metadata[name] ?? []).length === 0,
  );
  if (missing.length > 0) {
    const message = `nobody is named in ${missing.join(', ')}`;
    const help = `add ${missing.map((name) => `${name}: [${policy.metadata.owner}]`).join(', ')}`;
    const severity = risk === 'high' ? 'error' : 'warning';
    problems.push(problem('US0214', 'metadata', message, { severity, at: 'key', help }));
  }
  return problems;
}

/** AP4, AP6: an approval that can be given, in time, by the people the risk asks for. */
export function approvalRules({ policy }: Written): Problem[] {
  const { approval, risk } = policy.spec;
  const problems: Problem[] = [];
  const from = approval.from ?? [policy.metadata.owner];
  const hasGroup = from.some((one) => one.startsWith('group:'));
  if (!hasGroup && approval.quorum > new Set(from).size) {
    const message = `quorum ${approval.quorum} cannot be reached by ${new Set(from).size} named person(s)`;
    const help = 'lower the quorum, or name more people or a group in approval.from';
    problems.push(problem('US0218', 'spec.approval.quorum', message, { help }));
  }
  for (const name of ['remindAfter', 'escalateAfter'] as const) {
    const after = approval[name];
    if (after === undefined || after < approval.within) continue;
    const message = `${name} ${formatDuration(after)} is not before the deadline of ${formatDuration(approval.within)}`;
    problems.push(problem('US0218', `spec.approval.${name}`, message, { help: 'set it below approval.within' }));
  }
  if (risk === 'high' && (approval.highRisk ?? []).length === 0) {
    const message = 'risk high needs approver groups in approval.highRisk';
    const help = 'add highRisk: [group:legal, group:ethics]';
    problems.push(problem('US0218', 'spec.approval.highRisk', message, { at: 'key', help }));
  }
  if (risk === 'high' && approval.byPolicy) {
    const message = 'risk high is approved by people, run by run';
    problems.push(problem('US0218', 'spec.approval.byPolicy', message, { help: 'remove byPolicy' }));
  }
  return problems;
}

/** Overrides that name no field are errors; those that excuse nothing are warnings. */
export function overrideRules({ policy, document }: Written): Problem[] {
  return policy.spec.overrides.flatMap(({ field }, index) => {
    const place = `spec.overrides[${index}].field`;
    if (shapeAt(policyShape(), pathOf(field)) === undefined) {
      const help = didYouMean(field, OVERRIDABLE) ?? `fields that can be overridden: ${OVERRIDABLE.join(', ')}`;
      return [problem('US0221', place, `there is no field "${field}"`, { help })];
    }
    if (excuses(policy, document, field)) return [];
    const message = `the override of ${field} loosens nothing`;
    return [problem('US0221', place, message, { severity: 'warning', help: 'remove it' })];
  });
}

const OVERRIDABLE: readonly string[] = [
  'spec.rollout.steps',
  'spec.rollout.stepAtMost',
  'spec.rollout.lease',
  'spec.rollout.soakLease',
  'spec.shadow.skip',
  'spec.shadow.within',
  'spec.slo.p50',
  'spec.slo.p95',
  'spec.slo.availability',
  'spec.risk',
  'spec.triggers.check',
  'spec.drift.respond.skew',
];

function excuses(policy: Written['policy'], document: unknown, field: string): boolean {
  const { spec } = policy;
  const preset = TIER_PRESETS[spec.tier];
  const needed: Readonly<Record<string, boolean>> = {
    'spec.rollout.steps': (spec.rollout.steps[0] ?? 0) > LARGEST_FIRST_STEP,
    // Whether a time is too short to decide in depends on the traffic, which only `understudy plan` knows.
    'spec.rollout.stepAtMost': true,
    'spec.shadow.within': true,
    'spec.rollout.lease': worstCaseExposureMs(spec.rollout.lease) > preset.rollbackWithinMs,
    'spec.rollout.soakLease': worstCaseExposureMs(spec.rollout.soakLease) > preset.rollbackWithinMs,
    'spec.shadow.skip': spec.shadow.skip,
    'spec.slo.p50': (spec.slo.p50 ?? 0) > preset.p50,
    'spec.slo.p95': (spec.slo.p95 ?? 0) > preset.p95,
    'spec.slo.availability': (spec.slo.availability ?? 1) < preset.availability,
    'spec.risk': SENSITIVE_DOMAINS.includes(spec.domain) && spec.risk !== 'high',
    'spec.triggers.check': spec.triggers.check === undefined || !isDaily(spec.triggers.check),
    'spec.drift.respond.skew': spec.drift.respond.skew !== 'block',
  };
  // A field of the language that no rule guards: harmless when written, pointless when not.
  return needed[field] ?? writtenAt(document, field) !== undefined;
}

/** GV4: records that are thrown away before anyone asks for them. */
export function retentionRules({ policy }: Written): Problem[] {
  return (['evidence', 'logs'] as const).flatMap((name) => {
    const kept = policy.spec.retention?.[name];
    if (kept === undefined || kept >= HALF_A_YEAR_MS) return [];
    const message = `${name} are kept for ${formatDuration(kept)}, less than six months`;
    return [problem('US0223', `spec.retention.${name}`, message, { severity: 'warning', help: 'write 183d or more' })];
  });
}

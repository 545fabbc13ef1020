import type { Problem } from '../diagnostics/diagnostic.ts';
import { problem, writtenAt } from './rule.ts';
import type { Written } from './rule.ts';

/** What differs from version to version. */
const DISTINCT = ['{version}', '{digest}', '{mlflowRun}'];
const PLACEHOLDERS = ['{model}', ...DISTINCT];
/** What the InferenceService says already, for every version alike. */
const ITS_OWN = ['command', 'image', 'replicas', 'resources'] as const;

/** What KServe can and cannot do for a policy. */
export function kserveRules(written: Written): Problem[] {
  return [...servingProblems(written), ...trafficProblems(written)];
}

function servingProblems({ policy, document }: Written): Problem[] {
  const { serving } = policy.spec;
  if (serving === undefined) return [];
  const { backend, storageUri } = serving;
  const field = 'spec.serving.storageUri';
  if (backend !== 'kserve') {
    if (storageUri === undefined) return [];
    const help = 'leave it out, or write backend: kserve';
    return [
      problem('US0229', field, `storageUri is KServe's: backend ${backend} does not read it`, { at: 'key', help }),
    ];
  }
  const idle = ITS_OWN.filter((name) => writtenAt(document, `spec.serving.${name}`) !== undefined).map((name) => {
    const more = { at: 'key', severity: 'warning', help: 'leave it out' } as const;
    return problem('US0229', `spec.serving.${name}`, `${name}: the InferenceService says it, for all versions`, more);
  });
  return [...uriProblems(storageUri), ...idle];
}

function uriProblems(uri: string | undefined): Problem[] {
  const field = 'spec.serving.storageUri';
  const help = 'write such as storageUri: s3://models/{model}/{digest}';
  if (uri === undefined) {
    return [problem('US0229', 'spec.serving', 'KServe must be told where a version is', { at: 'key', help })];
  }
  const unknown = (uri.match(/\{[^}]*\}/g) ?? []).find((one) => !PLACEHOLDERS.includes(one));
  if (unknown !== undefined) {
    const known = PLACEHOLDERS.join(', ');
    return [problem('US0229', field, `${unknown} is filled in by nobody`, { help: `use ${known}` })];
  }
  if (DISTINCT.some((one) => uri.includes(one))) return [];
  return [problem('US0229', field, `without one of ${DISTINCT.join(', ')} all versions are the same model`, { help })];
}

function trafficProblems({ policy }: Written): Problem[] {
  const { shadow, traffic, rollout } = policy.spec;
  if (traffic === undefined) return [];
  if (traffic.gateway !== 'kserve') {
    if (traffic.mode === undefined) return [];
    const help = 'leave it out, or write gateway: kserve';
    return [problem('US0229', 'spec.traffic.mode', `mode is KServe's: gateway ${traffic.gateway} has none`, { help })];
  }
  const problems: Problem[] = [];
  if (traffic.mode === 'knative') {
    const message = 'Knative mode has no counters per arm, so no step could be judged';
    const help = 'run the InferenceService in Standard mode and write mode: standard';
    problems.push(problem('US0229', 'spec.traffic.mode', message, { help }));
  }
  if (!shadow.skip) {
    const help = 'write spec.shadow: { skip: true }, or put the servers behind gateway: httproute';
    problems.push(problem('US0229', 'spec.traffic.gateway', 'KServe cannot copy requests to a shadow', { help }));
  }
  const fine = rollout.steps.filter((step) => !Number.isInteger(step));
  const steps = fine.map((step) => {
    const at = `spec.rollout.steps[${rollout.steps.indexOf(step)}]`;
    return problem('US0229', at, `KServe takes whole percents, not ${step}`, {
      help: `write ${Math.max(1, Math.round(step))}`,
    });
  });
  return [...problems, ...steps];
}

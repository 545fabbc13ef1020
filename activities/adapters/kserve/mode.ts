import { PortFailure } from '../../ports/port-failure.ts';
import { MODE_KEY } from './objects.ts';
import type { InferenceService } from './objects.ts';

/** The two canary APIs: `spec.canary` of Standard mode, `spec.predictor.canaryTrafficPercent` of Knative mode. */
export type KserveMode = 'standard' | 'knative';

/** Both names that each mode has had. */
const MODES: Readonly<Record<string, KserveMode>> = {
  Standard: 'standard',
  RawDeployment: 'standard',
  Knative: 'knative',
  Serverless: 'knative',
};
const FIELD = { standard: 'spec.canary', knative: 'spec.predictor.canaryTrafficPercent' } as const;

/** The mode that KServe runs it in, as it reports or, before that, as the annotation asks. */
export function modeOf({ metadata, status }: InferenceService): KserveMode | undefined {
  return MODES[status?.deploymentMode ?? metadata.annotations?.[MODE_KEY] ?? ''];
}

/**
 * Throws `unsupported` unless KServe runs this InferenceService in the mode that the policy asks for. Each mode obeys one
 * of the two canary fields; the other is refused by a webhook or, worse, ignored without a word (kserve/kserve#5335), and
 * then a canary of 5 percent is a full rollout.
 */
export function requireMode(live: InferenceService, wanted: KserveMode): void {
  const { name, namespace, annotations } = live.metadata;
  const [annotated, reported] = [annotations?.[MODE_KEY], live.status?.deploymentMode];
  const said = [
    annotated === undefined ? `no annotation ${MODE_KEY}` : `the annotation ${MODE_KEY}: ${annotated}`,
    reported === undefined ? 'no status.deploymentMode' : `status.deploymentMode: ${reported}`,
  ].join(' and ');
  const found = new Set([annotated, reported].flatMap((word) => (word === undefined ? [] : [MODES[word]])));
  if (found.size === 1 && found.has(wanted)) return;
  throw new PortFailure(
    'unsupported',
    `the InferenceService ${namespace}/${name} has ${said}; expected ${EXPECTED[wanted]} because the policy says ` +
      `traffic.mode: ${wanted}, which splits traffic by ${FIELD[wanted]} and would have no effect otherwise: ` +
      cure([...found], wanted),
    { details: { service: name, wanted, annotated, reported } },
  );
}

const EXPECTED = { standard: 'Standard (RawDeployment)', knative: 'Knative (Serverless)' } as const;

function cure(found: readonly (KserveMode | undefined)[], wanted: KserveMode): string {
  const annotate = `annotate it with ${MODE_KEY}: ${wanted === 'standard' ? 'Standard' : 'Knative'}`;
  if (found.length === 0) return `${annotate}, or wait until KServe has reported its mode`;
  const [only, ...more] = found;
  if (only === undefined || more.length > 0) return `${annotate} and let KServe create it anew`;
  return `write traffic.mode: ${only}, or create the InferenceService anew in the other mode (KServe refuses to change it)`;
}

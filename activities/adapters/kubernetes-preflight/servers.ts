import type { Policy } from '../../../scorecards/policy/schema.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { PreflightFinding } from '../../ports/preflight.ts';
import type { ServerPlacement } from '../../ports/serving.ts';
import { checkPlacement } from '../kubernetes-serving/manifest-check.ts';
import { servesModels } from '../kubernetes-serving/platform.ts';
import type { PlatformTemplate } from '../kubernetes-training/manifest-platform.ts';
import { lineWithDigest } from './pinned-image.ts';

const NAME = 'servers';

/** Whether the platform lets the servers of a policy run at all; nothing for a policy that serves elsewhere. No request. */
export function lookAtServers(platform: PlatformTemplate, policy?: Policy): PreflightFinding[] {
  const { serving } = policy?.spec ?? {};
  if (policy === undefined || serving?.backend !== 'kubernetes') return [];
  const model = policy.metadata.name;
  if (!servesModels(platform)) {
    const text = `${model} asks for spec.serving.backend kubernetes, and the platform template serves nothing`;
    const next = 'add to the platform template:\nserving: { namespace: NAMESPACE-OF-THE-SERVERS }';
    return [{ name: NAME, state: 'problem', text, next }];
  }
  const { readyWithin: readyWithinMs, http } = serving;
  const request = { model, version: 'of this policy', artifact: '', command: [], folder: '', readyWithinMs, http };
  try {
    checkPlacement({ ...request, placement: placementOf(serving) }, platform);
    return [{ name: NAME, state: 'ok', text: `the platform lets ${model} be served in ${platform.serving.namespace}` }];
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    const next =
      lineWithDigest(platform, 'spec.serving', serving.image) ??
      'correct spec.serving of the policy, or the section serving of the platform template';
    return [{ name: NAME, state: 'problem', text: error.message, next }];
  }
}

function placementOf({ image, replicas, resources }: NonNullable<Policy['spec']['serving']>): ServerPlacement {
  const { cpu, gpu, memory } = resources ?? {};
  return {
    backend: 'kubernetes',
    image: image ?? 'no image',
    ...(replicas === undefined ? {} : { replicas }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(gpu === undefined ? {} : { gpu }),
  };
}

import { PortFailure } from '../../ports/port-failure.ts';
import type { ServerPlacement, ServerRequest } from '../../ports/serving.ts';
import { DIGEST_PINNED } from '../kubernetes-training/manifest-platform.ts';
import { byteQuantity } from '../kubernetes-training/manifest-quantities.ts';
import type { ServingPlatform } from './platform.ts';

type Problem = readonly [field: string, message: string];

/**
 * Refuses, all at once, what the API server would refuse one by one or what the platform does not allow. Throws
 * `bad-request` for a server that asks for no cluster at all, and `job-invalid` with the fields of the policy otherwise.
 */
export function checkPlacement(request: ServerRequest, platform: ServingPlatform): ServerPlacement {
  const { placement, model, version } = request;
  if (placement === undefined) {
    const message = `the server of ${model} v${version} says nothing of where it may run; expected a placement`;
    throw new PortFailure('bad-request', message, { details: { field: 'placement' } });
  }
  const problems = [...imageProblems(placement, platform), ...sizeProblems(placement, platform)];
  if (problems.length === 0) return placement;
  const said = problems.map(([field, message]) => `${field}: ${message}`).join('; ');
  throw new PortFailure('job-invalid', `the server of ${model} v${version} cannot be started: ${said}`, {
    details: { fields: problems.map(([field]) => field).join(', ') },
  });
}

function imageProblems({ image }: ServerPlacement, { requireDigests }: ServingPlatform): Problem[] {
  if (!requireDigests || DIGEST_PINNED.test(image)) return [];
  return [['serving.image', `${image} is not pinned; expected name@sha256:…, for a tag can move`]];
}

function sizeProblems(placement: ServerPlacement, { serving }: ServingPlatform): Problem[] {
  const { ceilings } = serving;
  const say = (field: 'cpu' | 'memory' | 'gpu' | 'replicas', amount: number): string =>
    field === 'memory' ? byteQuantity(amount) : String(amount);
  return (['cpu', 'memory', 'gpu', 'replicas'] as const).flatMap((field): Problem[] => {
    const [asked, most] = [placement[field], ceilings[field]];
    const name = field === 'replicas' ? 'serving.replicas' : `serving.resources.${field}`;
    if (asked === undefined || most === undefined || asked <= most) return [];
    return [[name, `${say(field, asked)} is above the platform's ceiling of ${say(field, most)}`]];
  });
}

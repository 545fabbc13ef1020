import { PortFailure } from '../../ports/port-failure.ts';
import { LONGEST_NAME, predictorName, workloadName } from './objects.ts';
import type { InferenceService } from './objects.ts';

/** The predictor of a version. Throws `bad-request` where KServe could not name its Deployment. */
export function nameOf(live: InferenceService, version: string): string {
  return predictorOf(live.metadata.name, version);
}

export function predictorOf(service: string, version: string): string {
  const name = predictorName(version);
  if (name === undefined) {
    throw new PortFailure(
      'bad-request',
      `version "${version}" cannot be part of a name in a cluster: expected lower-case letters, digits and dashes`,
      { details: { service, version } },
    );
  }
  const whole = workloadName(service, name);
  if (whole.length <= LONGEST_NAME) return name;
  throw new PortFailure(
    'bad-request',
    `KServe would name the Deployment ${whole}, which has ${whole.length} characters; a cluster takes ${LONGEST_NAME}: ` +
      'give the InferenceService a shorter name',
    { details: { service, version } },
  );
}

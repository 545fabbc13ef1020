import { inferenceServiceSchema } from '../../../../activities/adapters/kserve/objects.ts';
import type { InferenceService } from '../../../../activities/adapters/kserve/objects.ts';

/** An InferenceService as the API server answers it. */
export function service(more: {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly predictor?: object;
  readonly canary?: readonly object[];
  readonly status?: object;
}): InferenceService {
  const { annotations = {}, predictor = {}, canary, status } = more;
  const model = { modelFormat: { name: 'sklearn' }, storageUri: 's3://7' };
  return inferenceServiceSchema.parse({
    metadata: { name: 'churn', namespace: 'models', resourceVersion: '1', annotations },
    spec: { predictor: { name: 'v7', model, ...predictor }, ...(canary === undefined ? {} : { canary }) },
    ...(status === undefined ? {} : { status }),
  });
}

export const canary = (name: string, trafficPercent: number, more: object = {}) => ({
  trafficPercent,
  predictor: { name, model: { modelFormat: { name: 'sklearn' }, storageUri: `s3://${name.slice(1)}` }, ...more },
});

import { z } from 'zod';

export const KSERVE_GROUP = 'serving.kserve.io';
/** Which canary API KServe's controller obeys for an InferenceService. */
export const MODE_KEY = 'serving.kserve.io/deploymentMode';
export const TAG_ROUTING_KEY = 'serving.kserve.io/enable-tag-routing';

const percent = z.int().min(0).max(100);
/** Only what is read has a shape; everything else of a user's model stays as it is and is written back. */
const model = z.looseObject({ storageUri: z.string().exactOptional() });
const predictor = z.looseObject({
  name: z.string().exactOptional(),
  minReplicas: z.int().exactOptional(),
  maxReplicas: z.int().exactOptional(),
  /** Seconds. */
  timeout: z.int().exactOptional(),
  canaryTrafficPercent: percent.exactOptional(),
  model: model.exactOptional(),
});
const canary = z.looseObject({
  trafficPercent: percent.default(0),
  predictor: z.looseObject({ name: z.string(), model: model.exactOptional() }),
});
const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
});
const modelStatus = z.object({
  lastFailureInfo: z
    .object({ reason: z.string().exactOptional(), message: z.string().exactOptional() })
    .exactOptional(),
});
const share = z.object({
  revisionName: z.string().exactOptional(),
  latestRevision: z.boolean().exactOptional(),
  percent: percent.exactOptional(),
  tag: z.string().exactOptional(),
  url: z.string().exactOptional(),
});

/**
 * The parts of an InferenceService that are read. `status.observedGeneration` is not among them: KServe copies it from a
 * child object, so it says nothing about the InferenceService (kserve/kserve#6081).
 */
export const inferenceServiceSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().default(''),
    resourceVersion: z.string().default(''),
    annotations: z.record(z.string(), z.string()).exactOptional(),
    labels: z.record(z.string(), z.string()).exactOptional(),
  }),
  spec: z.object({ predictor, canary: z.array(canary).exactOptional() }),
  status: z
    .object({
      deploymentMode: z.string().exactOptional(),
      url: z.string().exactOptional(),
      conditions: z.array(condition).exactOptional(),
      modelStatus: modelStatus.exactOptional(),
      components: z
        .record(
          z.string(),
          z.object({
            latestReadyRevision: z.string().exactOptional(),
            latestCreatedRevision: z.string().exactOptional(),
            latestRolledoutRevision: z.string().exactOptional(),
            traffic: z.array(share).exactOptional(),
          }),
        )
        .exactOptional(),
      canaryStatuses: z
        .array(
          z.object({
            name: z.string(),
            ready: z.boolean().exactOptional(),
            trafficPercent: percent.exactOptional(),
            modelStatus: modelStatus.exactOptional(),
          }),
        )
        .exactOptional(),
    })
    .exactOptional(),
});
export type InferenceService = z.output<typeof inferenceServiceSchema>;
export type Predictor = z.output<typeof predictor>;
export type Canary = z.output<typeof canary>;

/** Versions become names of Deployments and Services: `<service>-v<version>-predictor`. */
const VERSION = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
export const LONGEST_NAME = 63;

/** The name of a version's predictor; `undefined` when a version cannot be part of a name in a cluster. */
export function predictorName(version: string): string | undefined {
  return VERSION.test(version) ? `v${version}` : undefined;
}

/** Deployment and Service that KServe makes of a predictor in Standard mode. */
export function workloadName(service: string, predictor: string | undefined): string {
  return predictor === undefined || predictor === '' ? `${service}-predictor` : `${service}-${predictor}-predictor`;
}

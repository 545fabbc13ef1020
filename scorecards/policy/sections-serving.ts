import { z } from 'zod';
import { bytes, count, duration, name, objectName } from './units.ts';

export const serving = z.strictObject({
  backend: z.enum(['process', 'kubernetes', 'kserve']).default('process'),
  /** Absent on a cluster: that of the image. */
  command: z.array(z.string().min(1)).min(1).optional(),
  image: z.string().optional(),
  /** Pods; absent: as many as the champion has, else one. */
  replicas: count.optional(),
  /** Of each pod; what is absent is as the champion has it, else a core and 1 GiB. */
  resources: z
    .strictObject({
      cpu: z.number().positive().optional(),
      memory: bytes.optional(),
      gpu: z.number().int().min(0).optional(),
    })
    .prefault({}),
  /** Where KServe fetches a version's model from; `{model}`, `{version}`, `{digest}` and `{mlflowRun}` are filled in. */
  storageUri: z.string().optional(),
  readyWithin: duration.default(120_000),
  /** Any HTTP server. Absent: Open Inference Protocol v2. `{model}` and `{version}` are filled in. */
  http: z
    .strictObject({
      ready: z.string().default('/v2/health/ready'),
      infer: z.string().default('/v2/models/{model}/infer'),
      body: z.enum(['open-inference-v2', 'rows']).default('open-inference-v2'),
      versionHeader: z.string().optional(),
    })
    .prefault({}),
});

export const traffic = z.strictObject({
  gateway: z.enum(['traefik-file', 'httproute', 'kserve']).default('traefik-file'),
  route: name,
  /** Whose object the route is: one of our own, or a user's whose two weights we set. */
  ownership: z.enum(['dedicated', 'adopted']).default('dedicated'),
  /** The rule of an adopted route; absent: the only one that lists both servers. */
  rule: objectName.optional(),
  /** Which of KServe's canary APIs; absent: standard. */
  mode: z.enum(['standard', 'knative']).optional(),
  requestTimeout: duration.default(10_000),
  shield: z.boolean().default(false),
  fallback: z.string().optional(),
});

import { parse } from 'yaml';
import { z } from 'zod';
import { bytes, duration } from '../../../scorecards/policy/units.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { LABEL_KEY, LABEL_VALUE } from './labels.ts';

export const DIGEST_PINNED = /^[^\s@]+@sha256:[0-9a-f]{64}$/;
/** Names that the product itself sets or reads; nobody else may. */
export const RESERVED_ENV = /^(UNDERSTUDY|EXCHANGE)_/;
const RESERVED_LABEL = /^(understudy\.dev|batch\.kubernetes\.io)\//;

const dnsLabel = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'expected a name of lower-case letters, digits and dashes');
const objectName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'expected the name of an object');
const labelKey = z.string().regex(LABEL_KEY, 'expected a label key such as example.com/pool');
const labels = z
  .record(labelKey, z.string().regex(LABEL_VALUE, 'expected a label value of at most 63 letters, digits, - _ .'))
  .default({});
const ownKeys = (keys: Readonly<Record<string, string>>) => !Object.keys(keys).some((key) => RESERVED_LABEL.test(key));
const RESERVED = 'keys of understudy.dev/ and batch.kubernetes.io/ are set by the product: leave them out';
const imageName = z.string().min(1).regex(/^\S+$/, 'expected the name of an image');

const toleration = z.strictObject({
  key: labelKey.exactOptional(),
  operator: z.enum(['Exists', 'Equal']).default('Exists'),
  value: z.string().exactOptional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).exactOptional(),
  tolerationSeconds: z.number().int().min(0).exactOptional(),
});

/** How three clouds and Karpenter mark nodes that can be taken away. */
const SPOT_TAINTS: z.input<typeof toleration>[] = [
  { key: 'cloud.google.com/gke-spot', operator: 'Equal', value: 'true', effect: 'NoSchedule' },
  { key: 'kubernetes.azure.com/scalesetpriority', operator: 'Equal', value: 'spot', effect: 'NoSchedule' },
  { key: 'karpenter.sh/capacity-type', operator: 'Equal', value: 'spot', effect: 'NoSchedule' },
];

const fields = z.strictObject({
  apiVersion: z.literal('understudy/v1').default('understudy/v1'),
  kind: z.literal('TrainingPlatform').default('TrainingPlatform'),
  /** Where Jobs are created; nothing else should live there. */
  namespace: dnsLabel,
  serviceAccountName: objectName.default('trainer'),
  priorityClassName: objectName.optional(),
  /** A LocalQueue of Kueue for every Job, whatever a team asks for. */
  queue: objectName.optional(),
  imagePullSecrets: z.array(objectName).default([]),
  labels: labels.refine(ownKeys, RESERVED),
  annotations: z.record(labelKey, z.string()).default({}).refine(ownKeys, RESERVED),
  nodeSelector: labels,
  tolerations: z.array(toleration).default([]),
  /** Added for a training that may run on nodes that can be taken away. */
  spot: z
    .strictObject({
      nodeSelector: labels,
      tolerations: z.array(toleration).default(() => SPOT_TAINTS.map((one) => toleration.parse(one))),
    })
    .prefault({}),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable'), z.string())
    .default({})
    .refine(
      (env) => !Object.keys(env).some((key) => RESERVED_ENV.test(key)),
      'UNDERSTUDY_* and EXCHANGE_* are set by the product: leave them out',
    ),
  /** The most that one job may ask for; an absent one is no limit. `gpu` counts over all nodes of a job. */
  ceilings: z
    .strictObject({
      cpu: z.number().positive().optional(),
      memory: bytes.optional(),
      sharedMemory: bytes.optional(),
      gpu: z.number().int().min(0).optional(),
      nodes: z.number().int().positive().optional(),
      deadline: duration.optional(),
    })
    .prefault({}),
  /**
   * Sizes of memory that a training which ran out of it may be given instead, once and one step up, within the ceiling;
   * none: it has failed.
   */
  memorySteps: z.array(bytes).default([]),
  /** Disk of a pod beyond its data: artifact, checkpoints, temporary files. */
  scratch: bytes.default(10 * 1024 ** 3),
  /** Brings data into a pod and carries results out of it. */
  courier: z.strictObject({
    image: imageName,
    exchange: z.url({ protocol: /^https?$/, error: 'expected the http(s) URL at which pods reach the exchange' }),
    cpu: z.number().positive().default(0.1),
    memory: bytes.default(256 * 1024 ** 2),
  }),
  /** Everything in a pod runs as this user and group. */
  user: z.number().int().min(1, 'expected a user other than root').default(65_532),
  /** From SIGTERM to SIGKILL: checkpoint of the trainer and upload by the courier together. */
  graceSeconds: z.number().int().min(1).default(120),
  /** A safety net: the orchestrator deletes a Job once its outcome is recorded. */
  ttlSeconds: z
    .number()
    .int()
    .min(86_400, 'expected at least 86400 (a day), or an outcome may be lost')
    .default(86_400),
  requireDigests: z.boolean().default(true),
  /** An autoscaler adds nodes for what waits: that no node offers a device today says nothing of tomorrow. */
  nodesOnDemand: z.boolean().default(false),
  /** Where and how model servers run; absent: this installation serves none on the cluster. */
  serving: z
    .strictObject({
      /** Another one than that of the Jobs: who may create a pod there may do other things. */
      namespace: dnsLabel,
      serviceAccountName: objectName.default('default'),
      priorityClassName: objectName.optional(),
      imagePullSecrets: z.array(objectName).default([]),
      nodeSelector: labels,
      tolerations: z.array(toleration).default([]),
      /** Disk of a pod for the artifact, and as much again for a serving log that cannot be carried out. */
      scratch: bytes.default(1024 ** 3),
      /** A server goes on answering for so long after a gateway was told that it leaves. */
      drainSeconds: z.number().int().min(0).default(5),
      /** From SIGTERM to SIGKILL, the last of the log included. */
      graceSeconds: z.number().int().min(1).default(30),
      /** The most that one server may ask for; an absent one is no limit. */
      ceilings: z
        .strictObject({
          cpu: z.number().positive().optional(),
          memory: bytes.optional(),
          gpu: z.number().int().min(0).optional(),
          replicas: z.number().int().positive().optional(),
        })
        .prefault({}),
    })
    .optional(),
});

/** What the platform team decides for every training Job of an installation. Sizes are bytes, durations milliseconds. */
export const platformSchema = fields.superRefine(({ requireDigests, courier }, context) => {
  if (!requireDigests || DIGEST_PINNED.test(courier.image)) return;
  const message = `"${courier.image}" is not pinned; expected name@sha256:… with 64 hexadecimal digits, for a tag can move`;
  context.addIssue({ code: 'custom', path: COURIER_IMAGE, message, params: { image: courier.image } });
});
export type PlatformTemplate = z.output<typeof platformSchema>;
const COURIER_IMAGE = ['courier', 'image'];

/** Reads the template from YAML or JSON. Throws `bad-request` with every field that is wrong, and what to write. */
export function readPlatform(text: string, file: string): PlatformTemplate {
  const parsed = platformSchema.safeParse(parseYaml(text, file));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new PortFailure('bad-request', `${file} is no training platform: ${wrong.join('; ')}`, {
    details: { file },
    next: cureOf(parsed.error, file),
  });
}

/** A tag is found out about only once all other fields are right. */
function cureOf({ issues }: z.ZodError, file: string): string {
  const unpinned = issues.map((issue) => (issue.code === 'custom' ? issue.params?.['image'] : undefined));
  const image = unpinned.find((one) => typeof one === 'string');
  if (image === undefined) return `correct the fields named above in ${file}`;
  return (
    `write the digest that docker buildx imagetools inspect ${image} prints as courier.image of ${file}, or allow tags ` +
    `there by requireDigests: false:\ncourier:\n  image: ${byDigest(image)}`
  );
}

/** The same image, with a place for its digest. */
export function byDigest(image: string): string {
  return `${image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')}@sha256:<digest>`;
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new PortFailure('bad-request', `${file} is not YAML; expected a document of kind TrainingPlatform`, {
      cause,
      details: { file },
    });
  }
}

import { z } from 'zod';
import { duration } from './policy/units.ts';

const DAY_MS = 86_400_000;

/** 0 stands for any free port. */
const port = z.number().int().min(0).max(65_535);

const price = z.number().nonnegative();

const prices = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code such as EUR'),
  /** Per accelerator and hour, by model (`NVIDIA-A100-SXM4-80GB`) or by extended resource (`nvidia.com/gpu`). */
  gpuHour: z.record(z.string(), price).default({}),
  /** Per requested core and hour. */
  cpuCoreHour: price.default(0),
  /** Per requested GiB (2^30 bytes) of memory and hour. */
  gibHour: price.default(0),
});

/** A name of Kubernetes: of a namespace, a Gateway, a listener. */
const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'expected a name of lower-case letters, digits, dashes and dots');
const httpUrl = z.url({ protocol: /^https?$/, error: 'expected a URL such as http://10.0.0.2:9100/metrics' });

/** The Gateway of a cluster, for policies with `gateway: httproute`. */
const clusterGateway = z.strictObject({
  /** Where the HTTPRoutes and the Services behind them are. */
  namespace: label,
  /** The Gateway that the routes hang on. */
  name: label,
  /** Its namespace; absent: that of the routes. */
  gatewayNamespace: label.optional(),
  /** One listener of it; absent: all. */
  listener: label.optional(),
  /** Base URL that clients use. */
  address: httpUrl,
  /** Host names of dedicated routes; empty: whatever the listener takes. */
  hostnames: z.array(z.string().min(1)).default([]),
  /**
   * The counters of Traefik, one address per replica. A name that stands for several addresses, as a headless Service does,
   * is asked at each of them; the answers are added up.
   */
  metrics: z.array(httpUrl).min(1),
  /**
   * When the gateway ends any answer by itself, for one whose class does not declare `HTTPRouteRequestTimeout`. Traefik:
   * `--serversTransport.forwardingTimeouts.responseHeaderTimeout`. Absent: nothing ends a hanging answer, so nobody counts it.
   */
  requestTimeout: duration.optional(),
  /**
   * What the GatewayClass says of itself, copied by hand: `spec.controllerName` and `status.supportedFeatures`. It belongs to
   * no namespace, so a worker with Roles alone cannot read it. Absent: it is read, and if that is forbidden no mirror is made.
   */
  class: z.strictObject({ controller: z.string().min(1), features: z.array(z.string().min(1)).default([]) }).optional(),
});

/**
 * The shape of `understudy.config.yaml`: what belongs to whoever runs the worker, not to a team's policy. Temporal's own
 * connection settings are not here: they come from the environment or the profile file that the `temporal` CLI reads.
 */
export const settingsSchema = z.strictObject({
  apiVersion: z.literal('understudy/v1').default('understudy/v1'),
  kind: z.literal('OperatorSettings').default('OperatorSettings'),
  /** Directory for servers, jobs, evidence and the embedded stack; relative to the settings file. */
  state: z.string().default('.understudy'),
  temporal: z.strictObject({ address: z.string().optional(), namespace: z.string().default('default') }).prefault({}),
  mlflow: z.strictObject({ uri: z.string().optional(), experiment: z.string().default('understudy') }).prefault({}),
  evidence: z.strictObject({ uri: z.string().optional() }).prefault({}),
  /**
   * Where `s3://` is. Who asks is found as by every program of Amazon: environment, `~/.aws`, web identity or instance; never here.
   */
  s3: z
    .strictObject({
      /** Absent: Amazon's, of the region. */
      endpoint: httpUrl.optional(),
      region: z.string().min(1).default('us-east-1'),
      /** The bucket in the path instead of in the host name. Absent: so wherever there is an endpoint. */
      pathStyle: z.boolean().optional(),
      /** Copies of data that no run asked for in this time are removed; longer than any run reads. */
      keep: duration.default(30 * DAY_MS).refine((ms) => ms >= DAY_MS, 'expected at least 1d'),
    })
    .prefault({}),
  gateway: z
    .strictObject({ routes: z.string().optional(), address: z.string().optional(), metrics: z.string().optional() })
    .prefault({}),
  worker: z
    .strictObject({
      /** Address that the worker listens on; in a pod `0.0.0.0`, or nobody can ask it. */
      bind: z.string().min(1).default('127.0.0.1'),
      metricsPort: port.default(9464),
      webhookPort: port.default(9465),
      webhookTokenFile: z.string().optional(),
      /** Where pods of the cluster get their files and hand in results; open only when `kubernetes` is set. */
      exchangePort: port.default(9466),
      /** Criteria of `metric: command` run here, with this worker's files and network, though trainers run in pods. */
      testCommands: z.boolean().default(false),
    })
    .prefault({}),
  /** Address and ports of the embedded stack. */
  stack: z
    .strictObject({
      /** Where MLflow and the gateway listen. Pods of a cluster need an address of this machine that they can route to. */
      bind: z.ipv4().default('127.0.0.1'),
      temporal: port.default(7233),
      temporalUi: port.default(8233),
      mlflow: port.default(5000),
      gateway: port.default(8080),
      gatewayMetrics: port.default(8082),
    })
    .prefault({}),
  /** Where trainings of policies with `backend: kubernetes` run. Without it this worker refuses them. */
  kubernetes: z
    .strictObject({
      /** Absent: KUBECONFIG, then `~/.kube/config`, then the pod's own account. */
      kubeconfig: z.string().optional(),
      context: z.string().optional(),
      /** File of kind TrainingPlatform, the platform team's template; relative to the settings file. */
      platform: z.string().min(1),
      /** How often a training Job is looked at, up to half as long again; its results are noticed earlier. */
      pollEvery: duration.default(10_000),
      /** Absent: policies with `gateway: httproute` are refused. */
      gateway: clusterGateway.optional(),
      /** KServe serves here, behind `gateway`. Absent: policies with `backend: kserve` are refused, and nobody asks for it. */
      kserve: z
        .strictObject({
          /** Where the InferenceServices are; absent: that of the routes. */
          namespace: label.optional(),
        })
        .optional(),
    })
    .refine(({ gateway, kserve }) => kserve === undefined || gateway !== undefined, {
      path: ['kserve'],
      error: 'kserve needs gateway: the Gateway that KServe hangs its routes on',
    })
    .optional(),
  /** Members of `group:NAME`. */
  groups: z.record(z.string(), z.array(z.string())).default({}),
  approval: z.strictObject({ trust: z.enum(['namespace', 'signed']).default('namespace') }).prefault({}),
  /** URL templates with `{run}`, `{model}`, `{mlflowRun}`, rendered into run sheets. */
  links: z.record(z.string(), z.string()).default({}),
  load: z.strictObject({ maxRate: z.number().positive().default(500), maxFor: duration.default(60_000) }).prefault({}),
  /** What an hour of machine costs. Without it a budget in money cannot be checked, and records name no cost. */
  prices: prices.optional(),
  /** Where scorecards ask for metrics of the live service. Absent: criteria that need it are `missing`. */
  prometheus: z
    .strictObject({
      /** With its path prefix, if it has one. */
      url: httpUrl,
      /** A bearer token, read at every request; relative to the settings file. */
      tokenFile: z.string().min(1).optional(),
    })
    .optional(),
  notify: z.strictObject({ webhook: z.string().optional() }).prefault({}),
});
export type Settings = z.output<typeof settingsSchema>;

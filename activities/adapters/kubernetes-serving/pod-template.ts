import type { V1Container, V1PodSpec, V1Probe, V1Toleration, V1Volume } from '@kubernetes/client-node';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import type { ServerSpec } from '../../../scorecards/contracts/server.ts';
import type { ServerPlacement, ServerRequest } from '../../ports/serving.ts';
import { httpPath } from '../inference-protocol.ts';
import { POD_PATHS } from '../kubernetes-training/manifest-paths.ts';
import { byteQuantity, mebibytes } from '../kubernetes-training/manifest-quantities.ts';
import {
  CONTAINERS,
  RESTRICTED,
  courierContainer,
  environment,
  nobody,
  userMounts,
} from '../kubernetes-training/pod-template-containers.ts';
import type { Errand } from '../kubernetes-training/pod-template-containers.ts';
import type { Inherited } from './derive.ts';
import { exchangeName, SERVED, SERVER_CONTAINER, SERVER_PORT } from './names.ts';
import type { ServingPlatform } from './platform.ts';

export interface ServerPod {
  readonly name: string;
  readonly request: ServerRequest;
  readonly placement: ServerPlacement;
  readonly platform: ServingPlatform;
  readonly inherited: Inherited;
  /** Digest of the spec file that the exchange serves. */
  readonly serverSpecSha256: string;
  readonly artifactBytes: number;
  /** Absent while the manifest is hashed. */
  readonly token?: string;
}

/** The spec as the server reads it in its pod. */
export function serverSpec({ model, version }: ServerRequest): ServerSpec {
  const { artifact, log } = POD_PATHS;
  return { schemaVersion: 1, mode: 'serve', model, version, artifact, host: '0.0.0.0', port: SERVER_PORT, log };
}

/** A pod of a model server: its artifact is fetched and proven before it starts, its log is carried out beside it. */
export function serverPod(pod: ServerPod): V1PodSpec {
  const { platform, inherited } = pod;
  const { serving, user } = platform;
  const priorityClassName = serving.priorityClassName ?? inherited.place.priorityClassName;
  const nodeSelector = { ...inherited.place.nodeSelector, ...serving.nodeSelector };
  const tolerations = together(serving.tolerations, inherited.place.tolerations ?? []);
  return {
    ...inherited.place,
    topologySpreadConstraints: [apart(pod.name)],
    serviceAccountName: serving.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: serving.drainSeconds + serving.graceSeconds,
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    ...(serving.imagePullSecrets.length === 0
      ? {}
      : { imagePullSecrets: serving.imagePullSecrets.map((name) => ({ name })) }),
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
    securityContext: nobody(user),
    initContainers: [
      { ...courierContainer(platform, errand(pod, 'fetch')), name: CONTAINERS.fetch },
      { ...courierContainer(platform, errand(pod, 'log')), name: CONTAINERS.courier, restartPolicy: 'Always' },
    ],
    containers: [serverContainer(pod)],
    volumes: volumes(pod),
  };
}

function together(platform: readonly V1Toleration[], champion: readonly V1Toleration[]): V1Toleration[] {
  const said = new Set(platform.map((one) => canonicalJson(one)));
  return [...platform, ...champion.filter((one) => !said.has(canonicalJson(one)))];
}

/** Not all on one node, when that can be avoided. */
function apart(name: string) {
  return {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { [SERVED.server]: name } },
  };
}

function errand({ request, platform, serverSpecSha256, token }: ServerPod, action: Errand['action']): Errand {
  return {
    action,
    job: exchangeName(request.model, request.version),
    specSha256: serverSpecSha256,
    ...(token === undefined ? {} : { token }),
    env: action === 'log' ? { EXCHANGE_LOG_BYTES: String(Math.floor(platform.serving.scratch / 2)) } : {},
  };
}

function serverContainer({ request, placement, platform, inherited }: ServerPod): V1Container {
  const { command } = request;
  const { drainSeconds } = platform.serving;
  const own = environment({
    HOME: '/tmp',
    ...platform.env,
    UNDERSTUDY_SPEC: POD_PATHS.spec,
  });
  const named = new Set(own.map(({ name }) => name));
  return {
    name: SERVER_CONTAINER,
    image: placement.image,
    imagePullPolicy: 'IfNotPresent',
    ...(command.length === 0 ? {} : { command: [...command] }),
    env: [...own, ...inherited.env.filter(({ name }) => !named.has(name))],
    ports: [{ name: 'http', containerPort: SERVER_PORT, protocol: 'TCP' }],
    readinessProbe: probe(request),
    // Gateways learn of a leaving pod a moment after the pod does.
    ...(drainSeconds === 0 ? {} : { lifecycle: { preStop: { sleep: { seconds: drainSeconds } } } }),
    resources: inherited.resources,
    securityContext: RESTRICTED,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: userMounts(),
  };
}

/** The very path that makes a server ready for us. No liveness probe: a busy server is not helped by a restart. */
function probe({ http, model, version }: ServerRequest): V1Probe {
  return {
    httpGet: { path: httpPath(http.ready, { model, version }), port: 'http', scheme: 'HTTP' },
    periodSeconds: 1,
    timeoutSeconds: 2,
    failureThreshold: 3,
  };
}

function volumes({ artifactBytes, platform }: ServerPod): V1Volume[] {
  const disk = (name: string, size: number): V1Volume => ({ name, emptyDir: { sizeLimit: byteQuantity(size) } });
  const { scratch } = platform.serving;
  return [disk('work', scratch), disk('data', mebibytes(artifactBytes + 64 * 1024 ** 2)), disk('tmp', scratch)];
}

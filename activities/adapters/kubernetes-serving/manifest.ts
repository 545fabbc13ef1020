import type { V1Deployment, V1OwnerReference, V1Service } from '@kubernetes/client-node';
import { artifactDigest, digestOf } from '../../artifact.ts';
import type { ArtifactFile } from '../../artifact.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ServerPlacement, ServerRequest } from '../../ports/serving.ts';
import type { Anchor } from '../kubernetes/anchor.ts';
import { LABELS, identityLabel, labelValue } from '../kubernetes-training/labels.ts';
import { inherit } from './derive.ts';
import { checkPlacement } from './manifest-check.ts';
import { SERVED, SERVER_PORT, serverName } from './names.ts';
import type { ServingPlatform } from './platform.ts';
import { serverPod, serverSpec } from './pod-template.ts';
import type { ServerPod } from './pod-template.ts';

/** What is known of a server only when it is created; none of it is part of its digest. */
export interface Submission {
  readonly anchor?: Anchor;
  readonly token?: string;
}

export interface ServerSource {
  readonly request: ServerRequest;
  readonly platform: ServingPlatform;
  readonly files: readonly ArtifactFile[];
  /** The champion's Deployment as it is now. */
  readonly champion?: V1Deployment;
}

export interface BuiltServer {
  readonly name: string;
  readonly deployment: V1Deployment;
  readonly service: V1Service;
  /** Fewest pods. */
  readonly replicas: number;
  /** Digest of what makes it this server and no other. */
  readonly identitySha256: string;
}

/**
 * Deployment and Service of one version. The same request, platform and champion give the same manifest, byte for byte.
 * Throws `bad-request` without a placement and `job-invalid` with the wrong fields.
 */
export function buildServer(source: ServerSource, submission: Submission = {}): BuiltServer {
  const { request, platform, files, champion } = source;
  const placement = checkPlacement(request, platform);
  const name = serverName(request.model, request.version);
  const inherited = inherit(placement, champion);
  const pod: ServerPod = {
    name,
    request,
    placement,
    platform,
    inherited,
    serverSpecSha256: digestOf(serverSpec(request)),
    artifactBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
  const identitySha256 = identityOf(request, placement, files);
  const bare = deploymentOf(pod, identitySha256, {});
  const specSha256 = digestOf(bare);
  const full = deploymentOf(pod, identitySha256, submission);
  const { metadata } = full;
  const annotations = { ...metadata.annotations, [SERVED.spec]: specSha256 };
  return {
    name,
    deployment: { ...full, metadata: { ...metadata, annotations } },
    service: serviceOf(metadata),
    replicas: inherited.replicas,
    identitySha256,
  };
}

function identityOf(request: ServerRequest, placement: ServerPlacement, files: readonly ArtifactFile[]): string {
  const { model, version, command } = request;
  return digestOf({ model, version, command, image: placement.image, artifact: artifactDigest(files) });
}

function deploymentOf(pod: ServerPod, identitySha256: string, { anchor, token }: Submission) {
  const { name, request, platform, inherited } = pod;
  const labels = labelsOf(pod);
  const annotations = {
    ...platform.annotations,
    [SERVED.model]: request.model,
    [SERVED.version]: request.version,
    [SERVED.identity]: identitySha256,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: platform.serving.namespace,
      labels,
      annotations,
      ...(anchor === undefined ? {} : { ownerReferences: [ownedBy(anchor)] }),
    },
    spec: {
      replicas: inherited.replicas,
      revisionHistoryLimit: 1,
      // Never below the size that the traffic needs, whoever changes the template.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: { [SERVED.server]: name } },
      template: {
        metadata: { labels, annotations: { ...annotations } },
        spec: serverPod({ ...pod, ...(token === undefined ? {} : { token }) }),
      },
    },
  } satisfies V1Deployment;
}

function labelsOf({ name, request, placement, platform }: ServerPod): Record<string, string> {
  const { run, team, costCentre } = placement;
  return {
    'app.kubernetes.io/name': 'understudy-server',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/component': 'server',
    'app.kubernetes.io/part-of': 'understudy',
    ...platform.labels,
    [LABELS.managedBy]: 'understudy',
    [LABELS.model]: labelValue(request.model),
    [SERVED.version]: identityLabel(request.version),
    [SERVED.server]: name,
    ...(run === undefined ? {} : { [LABELS.run]: identityLabel(run) }),
    ...(team === undefined ? {} : { [LABELS.team]: labelValue(team) }),
    ...(costCentre === undefined ? {} : { [LABELS.costCentre]: labelValue(costCentre) }),
  };
}

function ownedBy({ name, uid }: Anchor): V1OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion: true };
}

interface Named {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly ownerReferences?: V1OwnerReference[];
}

/** A gateway sends to its endpoints; the port's name is the one that endpoints must have. */
function serviceOf({ name, namespace, labels, annotations, ownerReferences }: Named): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels, annotations, ...(ownerReferences === undefined ? {} : { ownerReferences }) },
    spec: {
      type: 'ClusterIP',
      selector: { [SERVED.server]: name },
      ports: [{ name: 'http', port: SERVER_PORT, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

/** The address of the Service, as gateways and other pods name it. */
export function serviceUrl(name: string, namespace: string): string {
  return `http://${name}.${namespace}.svc:${SERVER_PORT}`;
}

/** Throws `job-conflict` when what stands under the name is not this server. */
export function refuseOther(found: V1Deployment, { name, identitySha256 }: BuiltServer): void {
  const { labels, annotations } = found.metadata ?? {};
  const theirs = annotations?.[SERVED.identity];
  if (labels?.[LABELS.managedBy] === 'understudy' && theirs === identitySha256) return;
  throw new PortFailure(
    'job-conflict',
    `a Deployment named ${name} is there and serves something else: its identity is ${theirs ?? 'not ours'}, expected ` +
      `${identitySha256} (image, command and artifact)`,
    { details: { deployment: name } },
  );
}

import type { V1Job, V1OwnerReference, V1Service } from '@kubernetes/client-node';
import { digestOf } from '../../artifact.ts';
import type { Placement, TrainingJob } from '../../ports/training-backend.ts';
import { jobTemplate } from './job-template.ts';
import { ANNOTATIONS, LABELS, identityLabel, labelValue } from './labels.ts';
import { checkedPlacement } from './manifest-check.ts';
import { podSpec } from './manifest-paths.ts';
import type { PlatformTemplate } from './manifest-platform.ts';
import { podTemplate } from './pod-template.ts';
import { MASTER_PORT } from './pod-template-containers.ts';

/** What is known of a job only when it is submitted; none of it is part of its digest. */
export interface Submission {
  /** The run's ConfigMap: everything that it owns is collected with it, however late it was created. */
  readonly anchor?: { readonly name: string; readonly uid: string };
  /** Opens the exchange for this one job. */
  readonly token?: string;
}

export interface BuiltJob {
  readonly job: V1Job;
  /** Digest of the manifest without token, owner and the trainer's environment; also in the Job's annotations. */
  readonly specSha256: string;
  /** For several nodes: the headless Service through which they find each other; create it before the Job. */
  readonly service?: V1Service;
}

/**
 * The manifest of one training Job. The same job and platform give the same manifest, byte for byte, so that a Job of
 * the same name can be known as ours. Throws `bad-request` without a placement and `job-invalid` with the wrong fields.
 */
export function buildJob(job: TrainingJob, platform: PlatformTemplate, submission: Submission = {}): BuiltJob {
  const placement = checkedPlacement(job, platform);
  const bare = manifest({ job: { ...job, environment: {} }, placement, platform });
  const specSha256 = digestOf(bare);
  const full = manifest({ job, placement, platform, submission });
  const annotations = { ...full.metadata.annotations, [ANNOTATIONS.spec]: specSha256 };
  const built = { job: { ...full, metadata: { ...full.metadata, annotations } }, specSha256 };
  return placement.nodes === 1 ? built : { ...built, service: headlessService(full.metadata) };
}

interface Source {
  readonly job: TrainingJob;
  readonly placement: Placement;
  readonly platform: PlatformTemplate;
  readonly submission?: Submission;
}

function manifest({ job, placement, platform, submission = {} }: Source) {
  const { anchor, token } = submission;
  const trainerSpecSha256 = digestOf(podSpec(job));
  const labels = jobLabels(job, placement, platform);
  const { lineage } = placement;
  const annotations = {
    [ANNOTATIONS.run]: placement.run,
    [ANNOTATIONS.trainerSpec]: trainerSpecSha256,
    [ANNOTATIONS.queueDeadline]: String(placement.queueDeadlineMs),
    ...(lineage === undefined
      ? {}
      : { [ANNOTATIONS.scorecard]: lineage.scorecard, [ANNOTATIONS.snapshot]: lineage.snapshot }),
    ...platform.annotations,
  };
  const pod = podTemplate({ job, placement, platform, trainerSpecSha256, ...(token === undefined ? {} : { token }) });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: job.name,
      namespace: platform.namespace,
      labels: { ...labels, ...queueLabels(job, placement, platform) },
      annotations,
      ...(anchor === undefined ? {} : { ownerReferences: [ownedBy(anchor)] }),
    },
    spec: {
      ...jobTemplate(job, placement, platform),
      template: { metadata: { labels, annotations: { ...annotations } }, spec: pod },
    },
  } satisfies V1Job;
}

function jobLabels(job: TrainingJob, placement: Placement, platform: PlatformTemplate): Record<string, string> {
  const { model, run, team, costCentre, lineage } = placement;
  return {
    'app.kubernetes.io/name': 'understudy-trainer',
    'app.kubernetes.io/instance': job.name,
    'app.kubernetes.io/component': 'trainer',
    'app.kubernetes.io/part-of': 'understudy',
    ...platform.labels,
    // By this one the janitor finds what is ours.
    [LABELS.managedBy]: 'understudy',
    [LABELS.model]: labelValue(model),
    [LABELS.run]: identityLabel(run),
    ...(lineage === undefined ? {} : { [LABELS.generation]: String(lineage.generation) }),
    ...(team === undefined ? {} : { [LABELS.team]: labelValue(team) }),
    ...(costCentre === undefined ? {} : { [LABELS.costCentre]: labelValue(costCentre) }),
  };
}

/**
 * What Kueue reads on a Job. Its bound of execution is the one of `activeDeadlineSeconds`, which counts anew after every
 * suspension; the platform may have set another, beside a `kueue.x-k8s.io/priority-class`.
 */
function queueLabels(job: TrainingJob, placement: Placement, platform: PlatformTemplate): Record<string, string> {
  const queue = platform.queue ?? placement.queue;
  if (queue === undefined) return {};
  const seconds = platform.labels[LABELS.maxExecution] ?? String(Math.ceil(job.deadlineMs / 1000));
  return { [LABELS.queue]: queue, [LABELS.maxExecution]: seconds };
}

function ownedBy(anchor: { readonly name: string; readonly uid: string }): V1OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name: anchor.name, uid: anchor.uid, blockOwnerDeletion: true };
}

interface Named {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly ownerReferences?: V1OwnerReference[];
}

/** Pods are named before they are ready: the first to start must be found by the others while it waits for them. */
function headlessService({ name, namespace, labels, ownerReferences }: Named): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels, ...(ownerReferences === undefined ? {} : { ownerReferences }) },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: { 'batch.kubernetes.io/job-name': name },
      ports: [{ name: 'rendezvous', port: MASTER_PORT, protocol: 'TCP' }],
    },
  };
}

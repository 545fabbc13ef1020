import { createHash } from 'node:crypto';

/** Labels of Jobs and pods by which runs are found, billed and cleaned up. */
export const LABELS = {
  model: 'understudy.dev/model',
  run: 'understudy.dev/run',
  /** Which of its run's trainings it is. */
  generation: 'understudy.dev/generation',
  team: 'understudy.dev/team',
  costCentre: 'understudy.dev/cost-centre',
  managedBy: 'app.kubernetes.io/managed-by',
  queue: 'kueue.x-k8s.io/queue-name',
  maxExecution: 'kueue.x-k8s.io/max-exec-time-seconds',
} as const;

/** Annotations of a Job: what does not fit into a label. */
export const ANNOTATIONS = {
  /** The run's id, exactly. */
  run: 'understudy.dev/run',
  /** Digest of the manifest as we built it: the one thing by which a Job of the same name is known as ours. */
  spec: 'understudy.dev/spec-sha256',
  /** Digest of the trainer's spec file. */
  trainerSpec: 'understudy.dev/trainer-spec-sha256',
  /** Digests of what the run is judged by and trains on. */
  scorecard: 'understudy.dev/scorecard-sha256',
  snapshot: 'understudy.dev/snapshot-sha256',
  queueDeadline: 'understudy.dev/queue-deadline-ms',
} as const;

/** A label's key: an optional DNS prefix and a name of at most 63 characters. */
export const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
export const LABEL_VALUE = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;

const LONGEST = 63;

/**
 * A text for people as a label's value: what a label cannot hold becomes a dash, what is too long is cut. Empty when
 * nothing of it can be kept.
 */
export function labelValue(text: string): string {
  return trimmed(text.normalize('NFKD').replaceAll(/[^\w.-]+/g, '-')).replace(/^(.{63}).*$/, (_, cut: string) =>
    trimmed(cut),
  );
}

/** The same for an identity: texts that differ stay different, by eight digits of their digest. */
export function identityLabel(text: string): string {
  if (text !== '' && LABEL_VALUE.test(text)) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const kept = trimmed(labelValue(text).slice(0, LONGEST - digest.length - 1));
  return kept === '' ? digest : `${kept}-${digest}`;
}

function trimmed(text: string): string {
  return text.replaceAll(/^[_.-]+|[_.-]+$/g, '');
}

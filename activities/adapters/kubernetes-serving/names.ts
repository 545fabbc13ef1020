import { digestOf } from '../../artifact.ts';

const LONGEST = 52;

/**
 * What Deployment and Service of one version are called: `churn-v7`. A Service's name begins with a letter, and what it
 * cannot hold is replaced; then eight digits of a digest keep apart what differs.
 */
export function serverName(model: string, version: string): string {
  const plain = `${model}-v${version}`;
  if (plain.length <= LONGEST && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(plain)) return plain;
  const kept = plain
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
  const digest = digestOf([model, version]).slice(0, 8);
  return `${kept.slice(0, LONGEST - digest.length - 3) || 'model'}-x${digest}`.replaceAll(/-+/g, '-');
}

/** Under which name a server's pods speak to the exchange; no Job is called so. */
export function exchangeName(model: string, version: string): string {
  return `serve-${digestOf([model, version]).slice(0, 24)}`;
}

/** Labels and annotations of what serves one version. */
export const SERVED = {
  /** Labels, as far as a label can hold it. */
  version: 'understudy.dev/version',
  /** Selects the pods: the server's name. */
  server: 'understudy.dev/server',
  /** Annotations: model and version exactly. */
  model: 'understudy.dev/model',
  /** Digest of what makes it this server: image, command, artifact. An object with another one is not ours to adopt. */
  identity: 'understudy.dev/identity-sha256',
  /** Digest of the whole manifest as we built it. */
  spec: 'understudy.dev/spec-sha256',
  /** Set once it was ready: from then on no failure of ours removes it. */
  wasReady: 'understudy.dev/was-ready',
} as const;

export const SERVER_PORT = 8080;
export const SERVER_CONTAINER = 'server';

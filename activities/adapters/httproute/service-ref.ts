import { PortFailure } from '../../ports/port-failure.ts';
import type { Backend } from '../../ports/traffic-router.ts';

/** The Service behind an arm; the gateway sends to its ready endpoints. */
export interface ServiceRef {
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
}

const LABEL = '[a-z]([-a-z0-9]{0,61}[a-z0-9])?';
const HOST = new RegExp(
  `^(?<name>${LABEL})\\.(?<namespace>[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)(\\.svc(\\.[-a-z0-9.]+)?)?$`,
);

/**
 * The Service that a backend's URL names: `http://<service>.<namespace>[:<port>]`, also with `.svc` and a cluster domain;
 * without a port it is 80. Throws `bad-request` for anything else: an HTTPRoute can only point at Services.
 */
export function serviceOf(backend: Backend, arm: string): ServiceRef {
  const url = URL.canParse(backend.url) ? new URL(backend.url) : undefined;
  const { name, namespace } = url === undefined ? {} : (HOST.exec(url.hostname)?.groups ?? {});
  const plain = url !== undefined && url.protocol === 'http:' && /^\/?$/.test(url.pathname) && url.search === '';
  if (plain && name !== undefined && namespace !== undefined) {
    return { name, namespace, port: url.port === '' ? 80 : Number(url.port) };
  }
  throw new PortFailure(
    'bad-request',
    `the ${arm}'s address ${backend.url} names no Service of the cluster; ` +
      'expected http://<service>.<namespace>:<port>, for example http://churn-v7.models:8080',
    { details: { arm, url: backend.url } },
  );
}

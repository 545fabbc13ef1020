import type { Asked } from './http-proxy.ts';

export type KubernetesVerb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete';

/** A request to an API server, in its own words. */
export interface KubernetesRequest {
  readonly verb: KubernetesVerb;
  readonly namespace: string;
  /** `jobs`, `pods/log`. */
  readonly resource: string;
  readonly name: string;
}

const VERBS: Readonly<Record<string, KubernetesVerb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Reads method, path and query; a path that names no resource, such as discovery, is undefined. */
export function kubernetesRequest({ method, path, query }: Asked): KubernetesRequest | undefined {
  const found =
    /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/(?<space>[^/]+))?(?:\/(?<resource>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<sub>.+))?)?)?$/u.exec(
      path,
    );
  const { space: namespace = '', resource, name = '', sub } = found?.groups ?? {};
  if (found === null) return undefined;
  // A namespace itself: the pattern takes its name for the place of what does not follow.
  if (resource === undefined)
    return namespace === ''
      ? undefined
      : { verb: verbOf(true), namespace: '', resource: 'namespaces', name: namespace };
  return { verb: verbOf(name !== ''), namespace, resource: sub === undefined ? resource : `${resource}/${sub}`, name };

  function verbOf(named: boolean): KubernetesVerb {
    const reading = query.get('watch') === 'true' || query.get('watch') === '1' ? 'watch' : named ? 'get' : 'list';
    return VERBS[method] ?? reading;
  }
}

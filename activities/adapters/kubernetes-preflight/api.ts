import { AuthenticationV1Api, AuthorizationV1Api, BatchV1Api, CoreV1Api } from '@kubernetes/client-node';
import type { KubeConfig, Middleware, V1Job, V1Node, V1ResourceQuota } from '@kubernetes/client-node';
import type { PortFailure } from '../../ports/port-failure.ts';
import { configurationOf } from '../kubernetes/configuration.ts';
import { failureOf } from '../kubernetes/errors.ts';
import type { ApiCall } from '../kubernetes/errors.ts';

/** One thing that one may do: what a rule of a Role grants, for one verb and one resource. */
export interface Right {
  /** Empty for the core group. */
  readonly group: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  readonly verb: string;
  /** Missing for what belongs to no namespace. */
  readonly namespace?: string;
  /** Only this object. */
  readonly name?: string;
}

/** The requests of a preflight, one attempt each. None of them changes anything. Everything throws PortFailure. */
export interface PreflightApi {
  /** Address of the API server, for messages. */
  readonly server: string;
  /** As whom the server knows us: `system:serviceaccount:understudy-system:understudy-worker`. */
  whoAmI(): Promise<string>;
  /** Whether we may; everybody may ask that about himself. */
  may(right: Right): Promise<boolean>;
  /** Lets the server judge the Job with all that admits it, and keeps nothing; answers its warnings. */
  tryJob(job: V1Job): Promise<readonly string[]>;
  nodes(): Promise<readonly V1Node[]>;
  quotas(namespace: string): Promise<readonly V1ResourceQuota[]>;
}

/** A person waits for this, and so does the beginning of a run. */
const TIMEOUT_MS = 5000;

/** Opens no connection yet. */
export function createPreflightApi(config: KubeConfig): PreflightApi {
  const server = config.getCurrentCluster()?.server ?? '';
  const to = (...middleware: Middleware[]) => configurationOf(config, { timeoutMs: TIMEOUT_MS }, ...middleware);
  const [authentication, authorization] = [new AuthenticationV1Api(to()), new AuthorizationV1Api(to())];
  const core = new CoreV1Api(to());
  return {
    server,
    whoAmI: async () => {
      const call = { verb: 'create', resource: 'selfsubjectreviews' } as const;
      const review = await asked(call, server, () => authentication.createSelfSubjectReview({ body: {} }));
      return review.status?.userInfo?.username ?? 'nobody';
    },
    may: async (right) => {
      const call = { verb: 'create', resource: 'selfsubjectaccessreviews' } as const;
      const body = { spec: { resourceAttributes: attributesOf(right) } };
      const review = await asked(call, server, () => authorization.createSelfSubjectAccessReview({ body }));
      return review.status?.allowed === true;
    },
    tryJob: async (body) => {
      const warnings: string[] = [];
      const batch = new BatchV1Api(to(keepingWarnings(warnings)));
      const { name = '', namespace = '' } = body.metadata ?? {};
      const call = { verb: 'create', resource: 'jobs', name, namespace } as const;
      const request = { namespace, body, dryRun: 'All', fieldValidation: 'Strict' };
      await asked(call, server, () => batch.createNamespacedJob(request));
      return warnings;
    },
    nodes: async () =>
      (await asked({ verb: 'list', resource: 'nodes' }, server, () => core.listNode({ resourceVersion: '0' }))).items,
    quotas: async (namespace) => {
      const call = { verb: 'list', resource: 'resourcequotas', namespace } as const;
      return (await asked(call, server, () => core.listNamespacedResourceQuota({ namespace }))).items;
    },
  };
}

function attributesOf({ group, resource, verb, namespace, name }: Right) {
  const [plural = resource, subresource] = resource.split('/');
  return {
    group,
    resource: plural,
    verb,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

async function asked<T>(call: ApiCall, server: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const failure: PortFailure = failureOf(error, call, server);
    throw failure;
  }
}

/** Pod Security warns by a header (RFC 7234: `299 - "text"`) where it does not refuse. */
function keepingWarnings(into: string[]): Middleware {
  return {
    pre: async (request) => await Promise.resolve(request),
    post: async (answer) => {
      const texts = (answer.headers['warning'] ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g);
      into.push(...[...texts].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1')));
      return await Promise.resolve(answer);
    },
  };
}

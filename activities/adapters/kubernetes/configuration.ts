import { ServerConfiguration, createConfiguration } from '@kubernetes/client-node';
import type { Configuration, KubeConfig, Middleware, ResponseContext } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';

interface Limits {
  /** For one request and its whole answer. */
  readonly timeoutMs: number;
  /** Asked at every request: its abort ends the request at once. */
  readonly signal?: () => AbortSignal | undefined;
}

/**
 * How the library speaks to a cluster: no request lasts for ever, and only what an API server can have said is an answer;
 * anything else throws `malformed-answer`. Opens no connection yet.
 *
 * @param more what else is done to each request and answer.
 */
export function configurationOf(config: KubeConfig, limits: Limits, ...more: readonly Middleware[]): Configuration {
  return createConfiguration({
    baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? '', {}),
    authMethods: { default: config },
    promiseMiddleware: [bounded(limits), ...more],
  });
}

/** The library itself waits for ever. The signal holds until the answer's last byte. */
function bounded({ timeoutMs, signal }: Limits): Middleware {
  return {
    pre: async (request) => {
      const cancelled = signal?.();
      const late = AbortSignal.timeout(timeoutMs);
      request.setSignal(cancelled ? AbortSignal.any([cancelled, late]) : late);
      return await Promise.resolve(request);
    },
    post: async (answer) => await Promise.resolve(refuseOtherAnswers(answer)),
  };
}

/** The library makes an empty object of a page that a proxy answers with status 200. */
function refuseOtherAnswers(answer: ResponseContext): ResponseContext {
  const type = answer.headers['content-type'] ?? '';
  if (answer.httpStatusCode >= 300 || /^(application\/json|text\/plain)\b/.test(type)) return answer;
  throw new PortFailure(
    'malformed-answer',
    `the API server answered ${answer.httpStatusCode} with content type "${type}"; expected application/json: a proxy?`,
  );
}

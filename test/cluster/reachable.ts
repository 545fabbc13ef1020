import { type KubeConfig, VersionApi } from '@kubernetes/client-node';

const CURE = 'run "npm run cluster:up" as root, or let KUBECONFIG name a cluster of yours';

/**
 * Why no suite can run against this cluster: one sentence with the cure, undefined when the API server answers.
 *
 * @param connect gives the configuration, or throws a sentence of its own.
 */
export async function whyUnreachable(connect: () => KubeConfig, withinMs = 5_000): Promise<string | undefined> {
  let server = 'the API server';
  let late: NodeJS.Timeout | undefined;
  try {
    const config = connect();
    server = config.getCurrentCluster()?.server ?? 'a cluster that the kubeconfig does not name';
    const timeout = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error(`no answer within ${withinMs / 1000} s`)), withinMs);
    });
    await Promise.race([config.makeApiClient(VersionApi).getCode(), timeout]);
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    if (code === 401) return `${server} does not accept these credentials (401); ${CURE}`;
    const said = message ?? String(error);
    return said.includes('cluster:up') ? said : `${server} cannot be reached: ${said}; ${CURE}`;
  } finally {
    clearTimeout(late);
  }
}

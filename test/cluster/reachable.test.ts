import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { whyUnreachable } from './reachable.ts';

let server = createServer();
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A configuration whose API server answers like this. */
async function clusterThat(answer: RequestListener): Promise<KubeConfig> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return configFor((server.address() as AddressInfo).port);
}

function configFor(port: number): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'here', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'me', token: 'expired' },
  );
  return config;
}

describe('before any suite runs', () => {
  test('a cluster that answers is well', async () => {
    const config = await clusterThat((_, response) => {
      response.setHeader('content-type', 'application/json').end('{"major":"1","minor":"34"}');
    });
    expect(await whyUnreachable(() => config)).toBeUndefined();
  });

  test('a cluster that is not there is one sentence with its address and the cure', async () => {
    const gone = await clusterThat(() => undefined);
    server.close();
    const reason = await whyUnreachable(() => gone);
    expect(reason).toMatch(/^http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*; run "npm run cluster:up"/);
  });

  test('a cluster that says nothing is given up', async () => {
    const silent = await clusterThat(() => undefined);
    expect(await whyUnreachable(() => silent, 200)).toContain('no answer within 0.2 s');
  });

  test('credentials of an earlier cluster are named as the reason', async () => {
    const strict = await clusterThat((_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"kind":"Status","code":401}');
    });
    expect(await whyUnreachable(() => strict)).toContain('does not accept these credentials (401); run');
  });

  test('a kubeconfig that is missing is told as it is', async () => {
    const reason = await whyUnreachable(() => {
      throw new Error('there is no kubeconfig at /nowhere; run "npm run cluster:up" as root, or set KUBECONFIG');
    });
    expect(reason).toBe('there is no kubeconfig at /nowhere; run "npm run cluster:up" as root, or set KUBECONFIG');
  });
});

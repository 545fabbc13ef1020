import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubernetesClient } from '../../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesConnection } from '../../../../activities/adapters/kubernetes/client.ts';
import { serverThat } from '../../../server-that.ts';

let folder: string;
let server: Awaited<ReturnType<typeof serverThat>> | undefined;
let asked: { method: string; url: string; body: string }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-kube-'));
  asked = [];
});
afterEach(async () => {
  server?.close();
  await rm(folder, { recursive: true });
});

/** A server that says what it is told to and remembers what it was asked. */
async function recordingServer(answers: RequestListener): Promise<string> {
  server = await serverThat((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({
        method: request.method ?? '',
        url: request.url ?? '',
        body: Buffer.concat(chunks).toString('utf8'),
      });
      answers(request, response);
    });
  });
  return server.uri;
}

async function kubeconfig(address: string, more = 'insecure-skip-tls-verify: true'): Promise<string> {
  const path = join(folder, 'kubeconfig');
  await writeFile(
    path,
    `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "${address}", ${more} } }]
users: [{ name: u, user: { token: t } }]
contexts: [{ name: here, context: { cluster: c, user: u } }]
current-context: here
`,
  );
  return path;
}

const open = async (address: string, more: Partial<KubernetesConnection> = {}) =>
  createKubernetesClient({ kubeconfig: await kubeconfig(address), namespace: 'train', ...more });

describe('the Kubernetes client', () => {
  test('creates strictly and deletes in the foreground what has this uid and nothing else', async () => {
    const client = await open(
      await recordingServer((_, response) => response.setHeader('content-type', 'application/json').end('{}')),
    );
    await client.createJob({ metadata: { name: 'j' } });
    await client.deleteJob('j', 'uid-1');
    expect(asked[0]).toMatchObject({
      method: 'POST',
      url: '/apis/batch/v1/namespaces/train/jobs?fieldValidation=Strict',
    });
    expect(JSON.parse(String(asked[1]?.body))).toEqual({
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'uid-1' },
    });
  });

  test('a server that does not answer in time is a timeout', async () => {
    const client = await open(await recordingServer(() => undefined), { timeoutMs: 50 });
    await expect(client.getJob('j')).rejects.toMatchObject({ code: 'timeout' });
  });

  test('a caller that has been cancelled waits for no answer', async () => {
    const stop = new AbortController();
    const address = await recordingServer(() => stop.abort());
    const client = await open(address, { signal: () => stop.signal });
    await expect(client.getJob('j')).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a server that is not there is unavailable, and the message names it', async () => {
    const address = await recordingServer(() => undefined);
    server?.close();
    const client = await open(address);
    await expect(client.getJob('j')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/get jobs j in namespace train.*http:.*ECONNREFUSED/),
    });
  });

  test('a page of a proxy is a malformed answer', async () => {
    const address = await recordingServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<html>'),
    );
    await expect((await open(address)).getJob('j')).rejects.toMatchObject({ code: 'malformed-answer' });
  });

  test('a cut connection is unavailable', async () => {
    const address = await recordingServer((request) => request.socket.destroy());
    await expect((await open(address)).getJob('j')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('where the cluster is', () => {
  test('a kubeconfig that is not there is refused', () => {
    expect(() => createKubernetesClient({ kubeconfig: '/nowhere/kubeconfig', namespace: 'train' })).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringContaining('/nowhere/kubeconfig') }),
    );
  });

  test('a context that is not there is refused, and those that are there are named', async () => {
    await expect(open('https://127.0.0.1:1', { context: 'production' })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('no context "production" with a cluster; it has: here'),
    });
  });

  test('a server without TLS is refused unless the kubeconfig says that this is meant', async () => {
    const file = await kubeconfig('http://127.0.0.1:1', 'tls-server-name: x');
    expect(() => createKubernetesClient({ kubeconfig: file, namespace: 'train' })).toThrow(/has no TLS/);
  });

  test('a file that is no kubeconfig is refused', async () => {
    const file = join(folder, 'kubeconfig');
    await writeFile(file, 'clusters: {{{');
    expect(() => createKubernetesClient({ kubeconfig: file, namespace: 'train' })).toThrow(/cannot be read/);
  });
});

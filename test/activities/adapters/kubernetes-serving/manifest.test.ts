import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { buildServer, refuseOther } from '../../../../activities/adapters/kubernetes-serving/manifest.ts';
import type { BuiltServer } from '../../../../activities/adapters/kubernetes-serving/manifest.ts';
import type { PortFailure } from '../../../../activities/ports/port-failure.ts';
import { present } from '../../../present.ts';
import { FILES, GOLDEN, SUBMISSION, built, goldenFile, platform, request, tunedChampion } from './servers.ts';

const podOf = (one: BuiltServer) => present(one.deployment.spec?.template.spec);
const serverOf = (one: BuiltServer) => present(podOf(one).containers[0]);
const failing = (build: () => unknown): PortFailure => {
  try {
    build();
  } catch (error) {
    return error as PortFailure;
  }
  throw new Error('it was built');
};

describe('the manifest of a server', () => {
  test.each(Object.entries(GOLDEN))('%s is the golden one, field by field', (name, build) => {
    expect(JSON.parse(JSON.stringify(build()))).toEqual(JSON.parse(readFileSync(goldenFile(name), 'utf8')));
  });

  test('its probe asks the path that makes a server ready for us', () => {
    const http = { ready: '/{model}/{version}/healthz', infer: '/predict', body: 'rows' } as const;
    const { deployment } = buildServer({ request: request({}, { http }), platform: platform(), files: FILES });
    expect(deployment.spec?.template.spec?.containers[0]?.readinessProbe?.httpGet).toMatchObject({
      path: '/flights-late/7/healthz',
      port: 'http',
    });
  });

  test('SE5: no token of the cluster is mounted, and that of the exchange never reaches the server', () => {
    expect(podOf(built()).automountServiceAccountToken).toBe(false);
    expect(JSON.stringify(podOf(built()).initContainers)).toContain(SUBMISSION.token);
    expect(JSON.stringify(podOf(built()).containers)).not.toContain(SUBMISSION.token);
  });

  test('nothing in a pod lies on its node', () => {
    expect(podOf(built()).volumes?.map(({ name, ...kind }) => [name, Object.keys(kind)])).toEqual([
      ['work', ['emptyDir']],
      ['data', ['emptyDir']],
      ['tmp', ['emptyDir']],
    ]);
  });

  test('without a command it is that of the image', () => {
    const { deployment } = buildServer({ request: request({}, { command: [] }), platform: platform(), files: FILES });
    expect(deployment.spec?.template.spec?.containers[0]).not.toHaveProperty('command');
  });

  test('the same request gives the same bytes, and token and owner are no part of its digest', () => {
    const source = { request: request(), platform: platform(), files: FILES };
    const digest = (one: BuiltServer) => one.deployment.metadata?.annotations?.['understudy.dev/spec-sha256'];
    expect(JSON.stringify(built())).toBe(JSON.stringify(built()));
    expect(digest(buildServer(source))).toBe(digest(buildServer(source, SUBMISSION)));
  });
});

describe('a challenger beside its champion', () => {
  const challenger = (placement = {}) => built({ champion: '6', ...placement }, { champion: tunedChampion() });

  test('takes over what somebody tuned at the champion, and nothing of the model', () => {
    const one = challenger();
    expect(one.replicas).toBe(3);
    expect(serverOf(one).resources?.limits).toEqual({ cpu: '2', memory: '3Gi' });
    expect(serverOf(one).env).toContainEqual({ name: 'OMP_NUM_THREADS', value: '1' });
    expect(podOf(one)).toMatchObject({ nodeSelector: { 'example.com/pool': 'fast' } });
    expect(JSON.stringify(one)).not.toContain('flights-late-v6');
  });

  test('what the policy asks for wins, but it never has fewer pods than the champion', () => {
    const one = challenger({ cpu: 1, replicas: 2 });
    expect(one.replicas).toBe(3);
    expect(serverOf(one).resources?.limits).toEqual({ cpu: '1', memory: '3Gi' });
    expect(challenger({ replicas: 4 }).replicas).toBe(4);
  });
});

describe('what is refused before anything is there', () => {
  const refused = (placement: object, serving: object = {}) =>
    failing(() => built(placement, { platform: platform(serving) }));

  test('an image that is not pinned, and more than the platform allows, all at once', () => {
    const ceilings = { cpu: 2, memory: '1Gi', gpu: 0, replicas: 2 };
    const asked = { image: 'server:latest', cpu: 4, memory: 2 * 1024 ** 3, gpu: 1, replicas: 3 };
    const failure = refused(asked, { ceilings });
    expect(failure.code).toBe('job-invalid');
    expect(failure.message.split(': ').slice(1).join(': ')).toBe(
      'serving.image: server:latest is not pinned; expected name@sha256:…, for a tag can move; ' +
        'serving.resources.cpu: 4 is above the platform’s ceiling of 2; '.replaceAll('’', "'") +
        "serving.resources.memory: 2Gi is above the platform's ceiling of 1Gi; " +
        "serving.resources.gpu: 1 is above the platform's ceiling of 0; " +
        "serving.replicas: 3 is above the platform's ceiling of 2",
    );
  });

  test('a server that says nothing of where it may run', () => {
    const { placement: _none, ...rest } = request();
    expect(failing(() => buildServer({ request: rest, platform: platform(), files: FILES })).code).toBe('bad-request');
  });
});

describe('what stands under the name already', () => {
  test('is ours when image, command and artifact are the same, whatever its size', () => {
    expect(() => refuseOther(built({ cpu: 4, replicas: 3 }).deployment, built())).not.toThrow();
  });

  test.each([
    ['another image', () => built({ image: `registry.example/server@sha256:${'c'.repeat(64)}` }).deployment],
    [
      'another artifact',
      () =>
        buildServer({
          request: request(),
          platform: platform(),
          files: [{ path: 'x', bytes: 1, sha256: 'd'.repeat(64) }],
        }).deployment,
    ],
    ['nobody of ours', () => ({ metadata: { name: 'flights-late-v7', labels: {} } })],
  ])('%s is a conflict', (_, found) => {
    expect(failing(() => refuseOther(found(), built())).code).toBe('job-conflict');
  });
});

import type { V1Deployment } from '@kubernetes/client-node';
import { buildServer } from '../../../../activities/adapters/kubernetes-serving/manifest.ts';
import type { BuiltServer } from '../../../../activities/adapters/kubernetes-serving/manifest.ts';
import { servesModels } from '../../../../activities/adapters/kubernetes-serving/platform.ts';
import type { ServingPlatform } from '../../../../activities/adapters/kubernetes-serving/platform.ts';
import { platformSchema } from '../../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import type { ServerPlacement, ServerRequest } from '../../../../activities/ports/serving.ts';
import { OPEN_INFERENCE_HTTP } from '../../../servers/model-server.ts';

const PINNED = `@sha256:${'a'.repeat(64)}`;
export const FILES = [{ path: 'artifact/model.txt', bytes: 100_000, sha256: 'b'.repeat(64) }];
export const SUBMISSION = {
  anchor: { name: 'understudy-anchor-0123456789ab', uid: '8b1f6a0e-0000-4000-8000-000000000001' },
  token: 'only-for-this-server',
};

/** A platform with `serving`, changed at its top or in that section. */
export function platform(serving: object = {}, more: object = {}): ServingPlatform {
  const parsed = platformSchema.parse({
    namespace: 'understudy-train',
    courier: { image: `registry.example/worker${PINNED}`, exchange: 'http://worker.understudy-system.svc:9466' },
    ...more,
    serving: { namespace: 'serving-flights', ...serving },
  });
  if (servesModels(parsed)) return parsed;
  throw new Error('the platform of these tests has a section serving');
}

export function request(placement: Partial<ServerPlacement> = {}, more: Partial<ServerRequest> = {}): ServerRequest {
  return {
    model: 'flights-late',
    version: '7',
    artifact: '/somewhere',
    command: ['python3', 'serve.py'],
    folder: '/policies/flights',
    readyWithinMs: 120_000,
    http: OPEN_INFERENCE_HTTP,
    placement: { backend: 'kubernetes', image: `registry.example/server${PINNED}`, ...placement },
    ...more,
  };
}

export function built(
  placement: Partial<ServerPlacement> = {},
  more: { readonly champion?: V1Deployment; readonly platform?: ServingPlatform; readonly version?: string } = {},
): BuiltServer {
  const { champion, version = '7' } = more;
  const source = { request: request(placement, { version }), platform: more.platform ?? platform(), files: FILES };
  return buildServer({ ...source, ...(champion === undefined ? {} : { champion }) }, SUBMISSION);
}

/** The champion as somebody left it: more pods, more memory, another pool, a variable more. */
export function tunedChampion(): V1Deployment {
  const { deployment } = built({}, { version: '6' });
  const champion = structuredClone(deployment);
  const pod = champion.spec?.template.spec;
  const server = pod?.containers[0];
  if (champion.spec === undefined || pod === undefined || server === undefined)
    throw new Error('no champion was built');
  champion.spec.replicas = 3;
  pod.nodeSelector = { 'example.com/pool': 'fast' };
  pod.tolerations = [{ key: 'example.com/fast', operator: 'Exists', effect: 'NoSchedule' }];
  server.resources = { requests: { cpu: '2', memory: '3Gi' }, limits: { cpu: '2', memory: '3Gi' } };
  const ours = { name: 'UNDERSTUDY_OF_AN_OLDER_RELEASE', value: '/x' };
  server.env = [...(server.env ?? []), { name: 'OMP_NUM_THREADS', value: '1' }, ours];
  return champion;
}

/**
 * What is built for each golden file. To write one again, print it, read the difference and save it formatted:
 * npx tsx -e 'import("./test/activities/adapters/kubernetes-serving/servers.ts").then(({ GOLDEN }) => console.log(JSON.stringify(GOLDEN.plain())))'
 */
export const GOLDEN = {
  plain: () => built({ run: 'retrain/flights-late/a', team: 'Operations', costCentre: 'CC 7 ü' }),
  'as-the-champion': () => built({ champion: '6' }, { champion: tunedChampion() }),
  'busy-platform': () =>
    built(
      { cpu: 0.5, memory: 2 * 1024 ** 3, gpu: 1, replicas: 2 },
      {
        platform: platform(
          {
            serviceAccountName: 'server',
            priorityClassName: 'serving',
            imagePullSecrets: ['registry'],
            nodeSelector: { 'kubernetes.io/arch': 'amd64' },
            tolerations: [{ key: 'example.com/dedicated', operator: 'Equal', value: 'serving', effect: 'NoSchedule' }],
            drainSeconds: 0,
          },
          { labels: { 'example.com/pool': 'models' }, env: { HTTPS_PROXY: 'http://proxy.example:3128' } },
        ),
      },
    ),
} as const;

export function goldenFile(name: string): URL {
  return new URL(`./golden/${name}.json`, import.meta.url);
}

import { beforeEach, describe, expect, test } from '@jest/globals';
import { severalServingBackends } from '../../../activities/adapters/several-serving.ts';
import type { ServerPlacement, ServerRequest } from '../../../activities/ports/serving.ts';
import { createMemoryServing } from '../../fakes/memory-serving.ts';
import type { MemoryServing } from '../../fakes/memory-serving.ts';
import { OPEN_INFERENCE_HTTP } from '../../servers/model-server.ts';

const ON_CLUSTER: ServerPlacement = { backend: 'kubernetes', image: `server@sha256:${'a'.repeat(64)}` };
const request = (version: string, placement?: ServerPlacement): ServerRequest => ({
  model: 'churn',
  version,
  artifact: '/somewhere',
  command: ['serve'],
  folder: '/policies',
  readyWithinMs: 1_000,
  http: OPEN_INFERENCE_HTTP,
  ...(placement ? { placement } : {}),
});

describe('servers behind one port', () => {
  let local: MemoryServing;
  let kubernetes: MemoryServing;
  beforeEach(() => {
    [local, kubernetes] = [createMemoryServing(), createMemoryServing()];
  });
  const both = () => severalServingBackends({ process: local, kubernetes });

  test('a server goes where its placement says, and one without is a process', async () => {
    await both().ensure(request('1'));
    await both().ensure(request('2', ON_CLUSTER));
    expect([local.living(), kubernetes.living()]).toEqual([['churn-v1'], ['churn-v2']]);
  });

  test('later calls find a server wherever it is', async () => {
    await both().ensure(request('10', ON_CLUSTER));
    await both().ensure(request('9'));
    expect((await both().list('churn')).map(({ version }) => version)).toEqual(['9', '10']);
    const found = await both().find('churn', '10');
    expect(found).toMatchObject({ name: 'churn-v10' });
    expect(await both().find('churn', '11')).toBeUndefined();
  });

  test('whoever has this very server is asked whether it is ready', async () => {
    const server = await both().ensure(request('1', ON_CLUSTER));
    expect(await both().ready(server, OPEN_INFERENCE_HTTP)).toBe(true);
    kubernetes.crash('churn', '1');
    expect(await both().ready(server, OPEN_INFERENCE_HTTP)).toBe(false);
  });

  test('a version that was served in both places is stopped in both', async () => {
    await both().ensure(request('1'));
    await both().ensure(request('1', ON_CLUSTER));
    await both().stop('churn', '1');
    expect([local.living(), kubernetes.living()]).toEqual([[], []]);
  });

  test('a worker without the backend that is asked for refuses and says what to add', async () => {
    const alone = severalServingBackends({ process: local });
    await expect(alone.ensure(request('1', ON_CLUSTER))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/section serving to the platform file/),
    });
    const kserve = { service: 'churn', mode: 'standard', storageUri: 's3://models/churn' } as const;
    await expect(alone.ensure({ ...request('1'), kserve })).rejects.toMatchObject({ code: 'unsupported' });
    expect(local.living()).toEqual([]);
  });
});

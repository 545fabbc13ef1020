import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import type { MlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import { runFor } from '../../../contracts/model-registry.ts';
import { fail, hold, reset } from '../../../faults/http-proxy.ts';
import type { HttpProxy } from '../../../faults/http-proxy.ts';
import { newKey, openFaultyMlflow } from './faulty-mlflow.ts';
import type { FaultyMlflow } from './faulty-mlflow.ts';

let mlflow: FaultyMlflow;
let proxy: HttpProxy;
let registry: MlflowRegistry;
beforeAll(async () => {
  mlflow = await openFaultyMlflow();
}, 120_000);
afterAll(async () => {
  await mlflow.close();
});
beforeEach(async () => {
  ({ proxy, registry } = await mlflow.throughProxy());
});
afterEach(async () => {
  await proxy.close();
});

async function versionsOf(model: string): Promise<{ version: string; tags: { key: string; value: string }[] }[]> {
  const { json } = await mlflow.rest.get('model-versions/search', { filter: `name = '${model}'` });
  return (
    (json as { model_versions?: { version: string; tags: { key: string; value: string }[] }[] }).model_versions ?? []
  );
}

describe.each(['before', 'after'] as const)('a connection that breaks %s the server did its work', (when) => {
  test('leaves one run when it is opened again', async () => {
    const request = runFor('m', newKey());
    proxy.inject({ method: 'POST', path: '/runs/create', fault: reset(when) });
    await expect(registry.openRun(request)).rejects.toMatchObject({ code: 'unavailable' });
    const { runId } = await registry.openRun(request);
    expect((await mlflow.runsWith(request.key)).map(({ info }) => info.run_id)).toEqual([runId]);
  });

  test('leaves one experiment', async () => {
    const fresh = createMlflowRegistry({ uri: proxy.uri, experiment: `fresh-${randomUUID()}` });
    proxy.inject({ method: 'POST', path: '/experiments/create', fault: reset(when) });
    await expect(fresh.openRun(runFor('m', newKey()))).rejects.toMatchObject({ code: 'unavailable' });
    const first = await fresh.openRun(runFor('m', newKey()));
    expect((await fresh.openRun(runFor('m', newKey()))).experimentId).toBe(first.experimentId);
  });

  test.each(['/registered-models/create', '/model-versions/create', '/mlflow/logged-models'])(
    'leaves one version when POST %s is tried again',
    async (path) => {
      const request = await mlflow.candidate();
      proxy.inject({ method: 'POST', path, fault: reset(when) });
      await expect(registry.register(request)).rejects.toMatchObject({ code: 'unavailable' });
      const version = await registry.register(request);
      expect((await versionsOf(request.model)).map((one) => one.version)).toEqual([version.version]);
      const body = { experiment_ids: [await experimentId()], filter: `source_run_id = '${request.runId}'` };
      const logged = (await mlflow.rest.send('POST', 'logged-models/search', body)).json as { models: unknown[] };
      expect(logged.models).toHaveLength(1);
    },
  );

  test('moves the alias once it is tried again', async () => {
    const { model } = await mlflow.straight.register(await mlflow.candidate());
    proxy.inject({ method: 'POST', path: '/registered-models/alias', fault: reset(when) });
    await expect(registry.setAlias(model, 'champion', '1')).rejects.toMatchObject({ code: 'unavailable' });
    await registry.setAlias(model, 'champion', '1');
    expect(await registry.aliases(model)).toEqual({ champion: '1' });
  });
});

async function experimentId(): Promise<string> {
  return (await mlflow.straight.openRun(runFor('m', 'experiment/id/0'))).experimentId;
}

/** A version and, of the same request, a second one that nobody has marked yet. */
async function registeredTwice() {
  const request = await mlflow.candidate();
  const gate = openLater();
  proxy.inject({ method: 'POST', path: '/model-versions/create', fault: hold(gate.opened) });
  await expect(registry.register(request)).rejects.toMatchObject({ code: 'unavailable' });
  const first = await registry.register(request);
  gate.open();
  await proxy.settled();
  return { request, first };
}

describe('a create that comes through late', () => {
  test('makes a second run; every later attempt keeps the first and marks the other', async () => {
    const request = runFor('m', newKey());
    const gate = openLater();
    proxy.inject({ method: 'POST', path: '/runs/create', fault: hold(gate.opened) });
    await expect(registry.openRun(request)).rejects.toMatchObject({ code: 'unavailable' });
    await registry.openRun(request);
    gate.open();
    await proxy.settled();
    const kept = (await registry.openRun(request)).runId;
    expect((await mlflow.straight.openRun(request)).runId).toBe(kept);
    const other = (await mlflow.runsWith(request.key)).filter(({ info }) => info.run_id !== kept);
    expect(other).toHaveLength(1);
    expect(other[0]?.data.tags).toContainEqual({ key: 'understudy.duplicate_of', value: kept });
  });

  test('makes a second version; every later attempt keeps the smaller number', async () => {
    const { request, first } = await registeredTwice();
    expect((await registry.register(request)).version).toBe(first.version);
    const marked = (await versionsOf(request.model)).find(({ version }) => version === '2');
    expect(marked?.tags).toContainEqual({ key: 'understudy.duplicate_of', value: '1' });
  });
});

describe('a row that another writer inserted in the same moment', () => {
  const lost = fail(
    400,
    JSON.stringify({
      error_code: 'BAD_REQUEST',
      message: '(sqlite3.IntegrityError) UNIQUE constraint failed: model_version_tags.name, model_version_tags.version',
    }),
  );

  test('is a conflict, which another attempt resolves', async () => {
    const { model } = await mlflow.straight.register(await mlflow.candidate());
    proxy.inject({ method: 'POST', path: '/model-versions/set-tag', fault: lost });
    const tags = { 'understudy.stage': 'canary' };
    await expect(registry.setVersionTags(model, '1', tags)).rejects.toMatchObject({ code: 'conflict' });
    await registry.setVersionTags(model, '1', tags);
    expect((await registry.version(model, '1'))?.tags).toMatchObject(tags);
  });

  test('does not fail a registration that was about to mark the same duplicate', async () => {
    const { request, first } = await registeredTwice();
    proxy.inject({ method: 'POST', path: '/model-versions/set-tag', fault: lost });
    expect((await registry.register(request)).version).toBe(first.version);
  });
});

function openLater(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readTrainerResult } from '../../activities/trainer-outcome.ts';
import { handedIn } from '../../activities/variants.ts';
import { trainerResultSchema } from '../../scorecards/contracts/trainer.ts';
import type { TrainedResult } from '../../scorecards/contracts/trainer.ts';

let output = '';
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), 'trainer-variants-'));
});
afterEach(async () => {
  await rm(output, { recursive: true });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function artifact(path: string, text: string, named = text) {
  await mkdir(join(output, path), { recursive: true });
  await writeFile(join(output, path, 'w'), text);
  return { path, files: [{ path: 'w', sha256: sha256(named) }] };
}

async function answered(...variants: readonly object[]) {
  const result = { mode: 'train', artifact: await artifact('model', 'all'), variants };
  await writeFile(join(output, 'result.json'), JSON.stringify(result));
  return readTrainerResult(output, { mode: 'train', seed: 1 });
}

test('TN8: each variant is proven as the artifact is', async () => {
  const small = { name: 'small', artifact: await artifact('small', 'few') };
  expect(await answered(small)).toMatchObject({ variants: [{ name: 'small', metrics: {} }] });
  const changed = { name: 'changed', artifact: await artifact('changed', 'few', 'others') };
  await expect(answered(small, changed)).rejects.toMatchObject({ code: 'trainer-digest' });
});

test.each([
  ['small', 'the variant small twice'],
  ['main', 'the variant main twice'],
])('TN8: a variant that is named %s again is a contradiction', async (name, words) => {
  const small = { name: 'small', artifact: await artifact('small', 'few') };
  await expect(answered(small, { ...small, name })).rejects.toMatchObject({
    code: 'trainer-contradiction',
    message: expect.stringContaining(words),
  });
});

test('TN8: no folder is the artifact of one variant and part of another', async () => {
  const outer = { name: 'outer', artifact: await artifact('outer', 'x') };
  const inner = { name: 'inner', artifact: await artifact('outer/inner', 'y') };
  await expect(answered(outer, inner)).rejects.toMatchObject({
    code: 'trainer-contradiction',
    message: expect.stringContaining('inner/w, which result.json does not name'),
  });
});

test('TN8: variants come in the order of the policy; without one the artifact goes alone', () => {
  const at = (path: string) => ({ path, files: [{ path: 'w', sha256: sha256(path) }] });
  const result = trainerResultSchema.parse({
    mode: 'train',
    artifact: at('model'),
    metrics: { auc: 0.7 },
    mlflowModelId: 'm-1',
    stepsDone: 5,
    variants: [{ name: 'small', artifact: at('small'), metrics: { auc: 0.69 } }],
  }) as TrainedResult;
  expect(handedIn(result, undefined).map((one) => one.result.artifact.path)).toEqual(['model']);
  const [small, main] = handedIn(result, ['small', 'main']);
  expect(small).toMatchObject({
    variant: 'small',
    result: { artifact: at('small'), metrics: { auc: 0.69 }, stepsDone: 5 },
  });
  expect(small?.result).not.toHaveProperty('mlflowModelId');
  expect(main).toMatchObject({ variant: 'main', result: { artifact: at('model'), mlflowModelId: 'm-1' } });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { createCliWorld } from './cli-world.ts';
import type { CliWorld } from './cli-world.ts';

const MODEL = 'queueing';
const WHY = 'queue gpu-a: 2 ahead, quota 8/8 nvidia.com/gpu used by team-x';

let world: CliWorld;
beforeAll(async () => {
  world = await createCliWorld({ training: { does: 'waits', why: WHY } });
  await world.writeData();
}, 120_000);
afterAll(async () => world.close());

test('issue 4, point 10: a run is described with what its job waits for', async () => {
  expect(await world.understudy(['apply', '-f', await world.writePolicy(MODEL)])).toMatchObject({ code: 0 });
  await world.understudy(['trigger', MODEL, '--kind', 'bootstrap', '--as-of', '2001-01-08T06:00:00Z']);
  const { stdout } = await eventually(
    async () => world.understudy(['describe', `retrain/${MODEL}/20010108T060000Z-bootstrap`]),
    (answer) => answer.stdout.includes('gpu-a'),
    60_000,
  );
  expect(stdout).toMatch(new RegExp(`^training +running: waits: ${WHY}$`, 'm'));
  await world.understudy(['abort', MODEL, '--yes', '--reason', 'seen']);
}, 90_000);

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RECORD_TAG } from '../../../activities/opening.ts';
import { replayDrift } from '../../../clients/drift/replay.ts';
import { createScoredWorld } from '../../activities/scored-world.ts';
import { unwatched } from '../../contracts/data-store/world.ts';
import { createMemoryRegistry } from '../../fakes/memory-registry.ts';

let world: Awaited<ReturnType<typeof createScoredWorld>>;
beforeAll(async () => {
  world = await createScoredWorld();
  for (let index = 10; index < 18; index += 1) await world.write(index, { flipped: index >= 14 });
});
afterAll(() => world.dispose());

test('MO6: a replay judges labels, too, as they were known to the check of each day', async () => {
  const { champion, policy, ports } = world;
  const tags = { [RECORD_TAG]: JSON.stringify(champion.record) };
  const registry = {
    ...createMemoryRegistry(),
    aliases: async () => ({ champion: champion.version }),
    version: async () => ({
      model: 'churn',
      version: champion.version,
      artifactDigest: champion.digest,
      source: '',
      runId: '',
      ready: true,
      tags,
      createdAt: '2001-01-11T00:00:00.000Z',
    }),
  };
  const replayed = await replayDrift(
    { ...ports, registry },
    { applied: policy, from: Date.parse('2001-01-13T06:00:00Z'), to: Date.parse('2001-01-18T06:00:00Z'), psi: [5] },
    unwatched,
  );
  // Flipped from the 15th on. A window of two labelled days ends a day before the check: the first that holds one is seen on the 17th.
  expect(replayed.days.map(({ asOf, fires, verdict }) => [asOf.slice(8, 10), verdict, fires])).toEqual([
    ['13', 'steady', false],
    ['14', 'steady', false],
    ['15', 'steady', false],
    ['16', 'steady', false],
    ['17', 'drift', true],
    ['18', 'drift', true],
  ]);
  expect(replayed.days.at(-1)?.alternatives[0]).toMatchObject({ fires: true });
});

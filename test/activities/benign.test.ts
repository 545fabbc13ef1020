import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { benignMarks, markBenign } from '../../activities/benign.ts';
import type { BenignMark } from '../../scorecards/drift/benign.ts';
import { createScoredWorld } from './scored-world.ts';

describe('TR7: a column that a person marked benign', () => {
  let world: Awaited<ReturnType<typeof createScoredWorld>>;
  beforeEach(async () => {
    world = await createScoredWorld({ drift: { window: '3d', persistence: { windows: 1, of: 1 }, minimum: 500 } });
    for (let index = 10; index < 15; index += 1) await world.write(index, { shift: 0.7 });
  }, 60_000);
  afterEach(() => world.dispose());

  const mark = (kind: BenignMark['kind'], column: string, until: string): BenignMark => ({
    schemaVersion: 1,
    model: 'churn',
    column,
    kind,
    by: 'ana@example',
    reason: 'a new fleet',
    until,
    at: '2001-01-14T09:00:00.000Z',
  });

  test('starts no run until the mark expires, and the mark stays as evidence', async () => {
    expect(await world.measure(13)).toMatchObject({ fires: true, response: 'retrain' });
    const until = '2001-01-14T00:00:00.000Z';
    const made = [mark('data', 'x', until), mark('concept', 'y', until), mark('prediction', 'score', until)];
    for (const one of made) await markBenign(world.ports, one);
    await markBenign(world.ports, mark('data', 'x', until));
    const held = await world.measure(13);
    expect(held.fires).toBe(false);
    expect(held.reason).toContain('Benign until 2001-01-14, says ana@example: a new fleet.');
    expect(await world.measure(14)).toMatchObject({ fires: true, response: 'retrain' });
    expect((await benignMarks(world.ports, 'churn')).map(({ column }) => column).toSorted()).toEqual([
      'score',
      'x',
      'y',
    ]);
    expect(await benignMarks(world.ports, 'churn-late')).toEqual([]);
  }, 60_000);
});

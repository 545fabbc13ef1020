import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, promoted, rejected, rolledBack } from '../../../examples/flights/demo/chapters.ts';
import type { Expected } from '../../../examples/flights/demo/story.ts';
import { flights } from '../../../examples/flights/folder.ts';
import { auditLog } from '../../../infra/cluster/control-plane.ts';
import { refusedTo, usesIn } from '../audit.ts';
import { WORKER } from '../worker/installed-worker.ts';
import { createFlightsWorld } from './flights-world.ts';
import type { FlightsWorld } from './flights-world.ts';

/** Not a promise: two cores, and other suites at work on them. */
const TAKES_AT_MOST = 600_000;

/** The chapters of the demo, unchanged, in pods: also the worker is one. Each goes on where the one before ended. */
describe('flights on a cluster', () => {
  let world: FlightsWorld;
  let expected: Expected;
  beforeAll(async () => {
    expected = JSON.parse(await readFile(path.join(flights, 'expected.json'), 'utf8'));
    world = await createFlightsWorld();
  }, TAKES_AT_MOST);
  afterAll(async () => world.close(), TAKES_AT_MOST);

  test(
    'CA5: the first champion is trained by a Job, judged, approved and promoted',
    async () => {
      await bootstrap(world);
      expect(world.expectations.broken).toEqual([]);
    },
    TAKES_AT_MOST,
  );

  test(
    'CA5: a candidate worse than its champion is rejected for the same criterion as anywhere else',
    async () => {
      await rejected(world, expected);
      expect(world.expectations.broken).toEqual([]);
    },
    TAKES_AT_MOST,
  );

  test(
    'CA5: drift leads to a candidate that is shadowed, approved, canaried and promoted, without one bad answer',
    async () => {
      await promoted(world);
      expect(world.expectations.broken).toEqual([]);
    },
    TAKES_AT_MOST,
  );

  test(
    'CA5: a challenger that breaks under live traffic is out within a minute',
    async () => {
      await rolledBack(world);
      expect(world.expectations.broken).toEqual([]);
    },
    TAKES_AT_MOST,
  );

  test('SE5: all of that the worker did under the shipped Roles: by the log of the API server nothing was refused to it', async () => {
    const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line.includes(world.workerUser));
    expect(usesIn(lines, world.workerUser).length).toBeGreaterThan(0);
    expect(refusedTo(WORKER, lines)).toEqual([]);
  });
});

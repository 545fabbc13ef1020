import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gatherReport } from '../../clients/report/gather.ts';
import { OWNER } from '../lifecycle/policies.ts';
import { present } from '../present.ts';
import { createCliWorld } from './cli-world.ts';
import type { CliWorld } from './cli-world.ts';

const MODEL = 'forgetful';
const FIRST = `retrain/${MODEL}/20010108T060000Z-bootstrap`;
const SECOND = `retrain/${MODEL}/20010116T060000Z-manual`;
const TOLD =
  /snapshot [0-9a-f]{12} of forgetful was erased on \d{4}-\d{2}-\d{2} by dpo@example: request 4711; its manifest and digests are kept/;

/** A champion was trained; then somebody asks to be forgotten. Each test goes on where the one before ended. */
describe('understudy data erase', () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await createCliWorld();
    await world.writeData();
    await world.bootstrap(MODEL, '2001-01-08T06:00:00Z');
  }, 120_000);
  afterAll(() => world.close());

  const snapshotOf = async (run: string) => present((await gatherReport(world.ports, run))?.dataset).digest;
  const erase = async (...args: readonly string[]) => world.understudy(['data', 'erase', ...args]);
  const word = ['--reason', 'request 4711', '--as', 'dpo@example', '--yes'];

  test('asks for a reason, for enough digits, and for a snapshot that is there', async () => {
    expect(await erase('0123456789ab')).toMatchObject({ code: 2, stderr: expect.stringContaining('needs --reason') });
    expect(await erase('train', ...word)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"train" names no'),
    });
    expect(await erase('0123456789ab', ...word)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('no run used'),
    });
    expect(await erase('0123456789ab', '--reason', 'x')).toMatchObject({ code: 5 });
  });

  test('DA7: refuses while a run that uses the snapshot is going on, and names it', async () => {
    await world.asked(['trigger', MODEL, '--as-of', '2001-01-16T06:00:00Z']);
    await world.asked(['wait', MODEL, '--for=approval', '--timeout=60s']);
    const { code, stderr } = await erase(await snapshotOf(SECOND), ...word);
    expect({ code, stderr }).toEqual({
      code: 6,
      stderr: expect.stringContaining(`${SECOND} is going on and uses snapshot`),
    });
    await world.asked(['reject', MODEL, '--as', OWNER, '--reason', 'the data must go']);
    await world.asked(['wait', MODEL, '--for=ended', '--timeout=60s']);
  }, 60_000);

  test('nothing is erased where nobody can be asked and nobody said --yes', async () => {
    const { code, stderr } = await erase(await snapshotOf(SECOND), '--reason', 'request 4711');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('add --yes') });
  });

  test('DA7: erases the files, says so, and says the same when asked again', async () => {
    const snapshot = await snapshotOf(SECOND);
    const first = await erase(`sha256:${snapshot.slice(0, 12)}`, ...word);
    expect(first).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(new RegExp(`^✔ ${TOLD.source} \\(3 files, `)),
    });
    const again = await erase(snapshot, '--reason', 'another', '--yes');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^already: ${TOLD.source}`)) });
  });

  test('DA7: report and describe of its run go on, and say who erased it, when and why', async () => {
    const { stdout } = await world.understudy(['report', SECOND]);
    expect(stdout).toMatch(TOLD);
    expect((await world.understudy(['describe', SECOND])).stdout).toMatch(TOLD);
    expect((await world.understudy(['report', FIRST])).stdout).not.toContain('was erased');
  });

  test('DA7: a retry that would reuse it is blocked with the sentence and with what to do, and trains nothing', async () => {
    const { run } = await world.asked(['retry', SECOND, '--from', 'scorecard', '--wait']);
    const { end } = present(await gatherReport(world.ports, String(run)));
    expect(end).toMatchObject({ outcome: 'blocked', stage: 'dataset', reason: expect.stringMatching(/^DataErased: /) });
    expect(end?.reason).toMatch(TOLD);
    expect(end?.reason).toContain('next: understudy trigger MODEL takes a snapshot of its own');
  }, 60_000);

  test('DA7: a later run on the same data has a snapshot of its own and trains', async () => {
    const { run } = await world.asked([
      'trigger',
      MODEL,
      '--as-of',
      '2001-01-16T06:00:00Z',
      '--ignore-cooldown',
      '--reason',
      'anew',
    ]);
    await world.asked(['wait', String(run), '--for=approval', '--timeout=60s']);
    expect(await snapshotOf(String(run))).not.toBe(await snapshotOf(SECOND));
    await world.asked(['reject', MODEL, '--as', OWNER, '--reason', 'enough']);
  }, 60_000);
});

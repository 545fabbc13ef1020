import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { OWNER } from '../lifecycle/policies.ts';
import { createCliWorld } from './cli-world.ts';
import type { CliWorld } from './cli-world.ts';

const MODEL = 'late';
const BOOTSTRAP = `retrain/${MODEL}/20010108T060000Z-bootstrap`;
const DRIFTED = `retrain/${MODEL}/20010115T060000Z-check`;

/** One model's life as a person lives it from a terminal; each test goes on where the one before ended. */
describe('a batch model from the command line', () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await createCliWorld({ mlflow: true });
    await world.writeData();
    await world.asked(['apply', '-f', await world.writePolicy(MODEL)]);
  }, 120_000);
  afterAll(() => world.close());

  test('a run that was asked for says its id and how to watch it', async () => {
    const ran = await world.understudy(['trigger', MODEL, '--kind', 'bootstrap', '--as-of', '2001-01-08T06:00:00Z']);
    expect(ran).toEqual({
      code: 0,
      stdout: `started ${BOOTSTRAP}\nnext: understudy status ${MODEL} --watch\n`,
      stderr: '',
    });
  });

  test('while it runs, asking again joins it: exit 6', async () => {
    const { code, stdout } = await world.understudy(['trigger', MODEL, '-o', 'json']);
    expect(code).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, answer: 'joined', run: BOOTSTRAP });
  });

  test('AP1: waiting for the approval ends with the run sheet that names candidate and scorecard', async () => {
    expect(await world.asked(['wait', MODEL, '--for=approval', '--timeout=60s'])).toMatchObject({
      reached: true,
      exitCode: 0,
      outcome: null,
      stage: 'approval',
      sheet: { challenger: { version: '1' }, approval: { request: { approvers: [OWNER], bootstrap: true } } },
    });
  }, 60_000);

  test('who needs a person is listed first', async () => {
    await world.asked(['apply', '-f', await world.writePolicy('another')]);
    const { items } = await world.asked(['get']);
    expect(items).toMatchObject([
      { model: MODEL, champion: null, run: { id: BOOTSTRAP, stage: 'approval', needsHuman: true } },
      { model: 'another', champion: null, run: null },
    ]);
    const table = await world.understudy(['get'], { env: { UNDERSTUDY_FORCE_TTY: '100' } });
    expect(table.stdout.replace(/until .*…/, 'until TIME…')).toBe(
      [
        'MODEL    SERVES  STATE       STOP                      NEXT',
        'late     -       ! approval  understudy abort late     a decision by ana@example until TIME…',
        'another  -       idle        understudy pause another  the next trigger',
        '',
      ].join('\n'),
    );
  });

  test('AP5: somebody whom the policy does not name is refused: exit 4 and who may', async () => {
    const { code, stderr } = await world.understudy(['approve', MODEL, '--yes', '--as', 'eve@example']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining(`next  --as ${OWNER}`) });
  });

  test('AP3: a scorecard that changed since one looked is not approved: exit 6', async () => {
    const { code, stderr } = await world.understudy([
      'approve',
      MODEL,
      '--yes',
      '--as',
      OWNER,
      '--scorecard',
      'sha256:0123456789ab',
    ]);
    expect(code).toBe(6);
    expect(stderr).toContain('the scorecard is not the one you looked at: you named sha256:0123456789ab');
  });

  test('without a terminal the question for the model’s name is an error that names the flag: exit 2', async () => {
    expect(await world.understudy(['approve', MODEL, '--as', OWNER])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/nobody can be asked here\n {2}next {2}add --yes\n$/),
    });
  });

  test('AP7: the decision can be printed for the Temporal UI', async () => {
    const { stdout } = await world.understudy(['approve', MODEL, '--print', '--as', OWNER]);
    expect(JSON.parse(stdout)).toEqual({
      candidate: expect.stringMatching(/^[0-9a-f]{64}$/),
      scorecard: expect.stringMatching(/^[0-9a-f]{64}$/),
      decision: 'bootstrap',
      approver: OWNER,
      reason: 'approved',
    });
  });

  test('a run without a rollout has none that is held: exit 6', async () => {
    const { code, stdout } = await world.understudy(['resume', BOOTSTRAP]);
    expect({ code, stdout }).toEqual({ code: 6, stdout: expect.stringContaining('no rollout is under way') });
  });

  test('an approval shows what is approved, and the run is promoted: exit 0', async () => {
    const approved = await world.understudy(['approve', MODEL, '--yes', '--as', OWNER]);
    expect(approved).toMatchObject({ code: 0, stdout: `approved.      stop: understudy abort ${BOOTSTRAP}\n` });
    expect(approved.stderr).toContain('late   no champion yet → v1');
    const waited = await world.understudy(['wait', MODEL, '--for=promoted', '--timeout=60s']);
    expect(waited).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^promoted after .*\n.*report.*\n {2}serves {2}v1\n$/),
    });
  }, 60_000);

  test('deciding on a run that has ended is exit 5', async () => {
    expect(await world.understudy(['reject', BOOTSTRAP, '--reason', 'too late'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('has ended: promoted'),
    });
    expect(await world.understudy(['resume', BOOTSTRAP])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('has already ended: promoted'),
    });
  });

  test('drift is measured now, and days of the past are replayed against the champion', async () => {
    expect(await world.asked(['drift', MODEL, '--as-of', '2001-01-10T06:00:00Z'])).toMatchObject({
      champion: '1',
      verdict: 'steady',
      fires: false,
    });
    const policy = await world.writePolicy(MODEL, {
      drift: '{ window: 2d, persistence: { windows: 2, of: 3 }, minimum: 100 }',
    });
    const replayed = await world.asked(['drift', 'replay', '-f', policy, '--from', '2001-01-12', '--to', '2001-01-16']);
    expect(replayed).toMatchObject({
      model: MODEL,
      champion: '1',
      fired: 2,
      suppressedSpikes: 1,
      days: [
        { asOf: '2001-01-12T00:00:00.000Z', verdict: 'steady' },
        { verdict: 'steady', fires: false },
        { verdict: 'drift', fires: false, suppressedSpike: true },
        { verdict: 'drift', fires: true, suppressedSpike: false },
        { verdict: 'drift', fires: true },
      ],
    });
    await world.asked(['apply', '-f', await world.writePolicy(MODEL)]);
  }, 60_000);

  test('a candidate that a person rejects: exit 9', async () => {
    const ended = world.understudy([
      'trigger',
      MODEL,
      '--kind',
      'check',
      '--as-of',
      '2001-01-15T06:00:00Z',
      '--wait',
      '-o',
      'json',
    ]);
    await eventually(
      async () =>
        world.client.workflow
          .getHandle(DRIFTED)
          .describe()
          .catch(() => undefined),
      (found) => found !== undefined,
    );
    await world.understudy(['wait', DRIFTED, '--for=approval', '--timeout=60s']);
    expect(await world.understudy(['reject', MODEL, '--as', OWNER, '--reason', 'not today'])).toMatchObject({
      code: 0,
      stdout: 'rejected; the champion serves on\n',
    });
    const { code, stdout } = await ended;
    expect(code).toBe(9);
    expect(JSON.parse(stdout)).toMatchObject({ run: DRIFTED, outcome: 'rejected', stage: 'approval', exitCode: 9 });
  }, 60_000);

  test('N14: asking again before the cooldown is over: exit 6 and until when', async () => {
    expect(await world.understudy(['trigger', MODEL, '--as-of', '2001-01-15T12:00:00Z'])).toMatchObject({
      code: 6,
      stdout: expect.stringMatching(
        /^cooling down until 2001-01-16T06:00:00.000Z: .*\nnext: wait, or understudy trigger/,
      ),
    });
  });

  test('time that is up: exit 10, and the run continues', async () => {
    await world.asked(['trigger', MODEL, '--as-of', '2001-01-16T12:00:00Z']);
    expect(await world.understudy(['wait', MODEL, '--for=ended', '--timeout=1ms'])).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('time is up; the run continues'),
    });
  });

  test('SIGINT while watching leaves the run alone: exit 130', async () => {
    const watching = world.understudy(['status', MODEL, '--watch'], {
      onStart: (child) => child.stdout?.once('data', () => child.kill('SIGINT')),
    });
    const { code, stderr, stdout } = await watching;
    expect(code).toBe(130);
    expect(stderr).toContain('watching stopped; the run continues');
    expect(stdout).toMatch(new RegExp(`^\\S+Z ${MODEL} started {5}run=\\S+ trigger=manual by=\\S+\\n`));
  });

  test('an aborted run ends with everything put back; a script that waits for it gets exit 1', async () => {
    expect(await world.understudy(['abort', MODEL, '--yes', '--reason', 'wrong data'])).toMatchObject({ code: 0 });
    expect(await world.understudy(['wait', MODEL, '--timeout=30s'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('aborted after'),
    });
    expect(await world.understudy(['abort', MODEL, '--yes'])).toMatchObject({ code: 5 });
  }, 60_000);

  test('a model that does not exist: exit 5 and the nearest name', async () => {
    expect(await world.understudy(['status', 'lat'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('there is no model lat; did you mean late?'),
    });
  });
});

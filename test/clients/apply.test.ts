import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCliWorld } from './cli-world.ts';
import type { CliWorld } from './cli-world.ts';

describe('apply', () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await createCliWorld();
  }, 60_000);
  afterAll(() => world.close());

  const describeSchedule = async (id: string) => world.client.schedule.getHandle(id).describe();

  test('GV7: a policy with errors is shown with its place and nothing is applied', async () => {
    const file = await world.writePolicy('broken', { triggers: '{ check: often, cooldwn: 24h }' });
    const { code, stderr, stdout } = await world.understudy(['apply', '-f', file]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('did you mean "cooldown"?');
    expect(stderr).toContain('nothing was applied');
  });

  test('TR1: a policy comes into force with a Schedule for each declared trigger', async () => {
    const file = await world.writePolicy('fresh', { triggers: "{ check: '0 6 * * *', retrainEvery: 28d }" });
    expect(await world.asked(['apply', '-f', file, '--dry-run'])).toMatchObject({
      dryRun: true,
      items: [{ changed: true, schedules: [{ change: 'created' }, { change: 'created' }] }],
    });
    expect(await world.asked(['apply', '-f', file])).toMatchObject({
      schemaVersion: 1,
      items: [
        {
          model: 'fresh',
          changed: true,
          schedules: [
            { id: 'check/fresh', change: 'created', next: expect.stringMatching(/T06:00:00/) },
            { id: 'retrain/fresh', change: 'created' },
          ],
        },
      ],
    });
    const { action, policies, spec } = await describeSchedule('check/fresh');
    expect(action).toMatchObject({
      workflowType: 'triggerRetraining',
      workflowId: 'trigger/check/fresh',
      taskQueue: 'retrain-control',
      args: [{ model: 'fresh', kind: 'check' }],
    });
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 6 * 3_600_000 });
    expect(spec.calendars).toMatchObject([{ hour: [{ start: 6 }], minute: [{ start: 0 }] }]);
  });

  test('a policy applied twice changes nothing the second time', async () => {
    const file = await world.writePolicy('twice', { triggers: "{ check: '0 6 * * *' }" });
    await world.asked(['apply', '-f', file]);
    expect(await world.asked(['apply', '-f', file])).toMatchObject({
      items: [{ changed: false, schedules: [{ change: 'unchanged' }] }],
    });
  });

  test('a changed Schedule is updated in place and an operator’s pause survives', async () => {
    await world.asked(['apply', '-f', await world.writePolicy('paused', { triggers: "{ check: '0 6 * * *' }" })]);
    await world.client.schedule.getHandle('check/paused').pause('holiday until Monday');
    const file = await world.writePolicy('paused', { triggers: "{ check: '0 */4 * * *' }" });
    expect(await world.asked(['apply', '-f', file])).toMatchObject({
      items: [{ changed: true, schedules: [{ change: 'changed', paused: { note: 'holiday until Monday' } }] }],
    });
    const { policies, spec, state } = await describeSchedule('check/paused');
    expect(state).toMatchObject({ paused: true, note: 'holiday until Monday' });
    expect(spec.calendars).toMatchObject([{ hour: [{ start: 0, end: 23, step: 4 }] }]);
    expect(policies.catchupWindow).toBe(2 * 3_600_000);
  });

  test('a Schedule that is no longer declared is deleted', async () => {
    await world.asked(['apply', '-f', await world.writePolicy('shrinks', { triggers: '{ retrainEvery: 7d }' })]);
    expect(await world.asked(['apply', '-f', await world.writePolicy('shrinks')])).toMatchObject({
      items: [{ schedules: [{ id: 'retrain/shrinks', change: 'deleted' }] }],
    });
    await expect(describeSchedule('retrain/shrinks')).rejects.toThrow('not found');
  });

  test('a Schedule of the same name that somebody else made is left alone', async () => {
    await world.client.schedule.create({
      scheduleId: 'check/foreign',
      spec: { intervals: [{ every: '1 day' }] },
      action: { type: 'startWorkflow', workflowType: 'theirs', taskQueue: 'theirs' },
    });
    const file = await world.writePolicy('foreign', { triggers: "{ check: '0 6 * * *' }" });
    const { code, stderr } = await world.understudy(['apply', '-f', file]);
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('is not ours') });
    expect((await describeSchedule('check/foreign')).action).toMatchObject({ workflowType: 'theirs' });
  });

  test('Schedules can begin paused, with a note', async () => {
    const file = await world.writePolicy('later', { triggers: "{ check: '0 6 * * *' }" });
    const { code, stdout } = await world.understudy(['apply', '-f', file, '--paused', 'the demo knocks by itself']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('paused: the demo knocks by itself') });
    expect((await describeSchedule('check/later')).state.paused).toBe(true);
  });

  test('a Schedule that fires knocks on the door with the time it was for', async () => {
    await world.asked(['apply', '-f', await world.writePolicy('fires', { triggers: "{ check: '0 6 * * *' }" })]);
    await world.client.schedule.getHandle('check/fires').trigger();
    const waited = await world.understudy(['wait', 'fires', '--for=ended', '--timeout=20s', '-o', 'json']);
    expect(JSON.parse(waited.stdout)).toMatchObject({
      outcome: 'blocked',
      sheet: { trigger: { kind: 'check', by: 'system:schedule' } },
    });
  });
});

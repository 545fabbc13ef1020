import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePorts } from '../../infra/stack/free-port.ts';
import { eventually } from '../eventually.ts';
import { createCliWorld } from './cli-world.ts';
import type { CliWorld } from './cli-world.ts';
import { runCli } from './run-cli.ts';

describe('OP10: wrong usage is exit 2 and names what was meant', () => {
  test.each([
    ['statsu', '(Did you mean status?)\n  next  understudy --help\n'],
    ['status late --wach', '(Did you mean --watch?)\n  next  understudy status --help\n'],
    ['trigger', "error: missing required argument 'model'\n  next  understudy trigger --help\n"],
    [
      'trigger late --kind weekly',
      'Allowed choices are manual, bootstrap, check, schedule.\n  next  understudy trigger --help\n',
    ],
    ['trigger late --as-of yesterday', '  next  write it as 2026-11-21T06:00:00Z or 2026-11-21\n'],
    ['wait late --timeout 5', '  next  write it as 90s, 10m or 26h\n'],
    ['drift benign late fare --reason x', 'a mark needs --until\n  next  understudy drift benign --help\n'],
    [
      'drift benign late fare --reason x --until 2001-01-01 --kind schema',
      '--kind schema cannot be marked benign; expected one of data, prediction, concept, fairness, quality\n  next  understudy drift benign --help\n',
    ],
    ['pause', 'pause takes either a model or --all\n  next  understudy pause --help\n'],
    ['drift replay -f p.yaml --from 2001-02-01 --to 2001-01-01', '  next  swap them\n'],
    ['apply -f /there/is/none.yaml', '  next  name a policy with -f FILE\n'],
  ])('%s', async (words, ending) => {
    const { code, stderr, stdout } = await runCli(words.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.slice(-ending.length)).toBe(ending);
  });

  test('no command at all prints the help, to stderr', async () => {
    const { code, stderr, stdout } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: understudy [options] [command]');
  });
});

describe('OP10: what is not there', () => {
  let folder = '';
  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-exits-'));
    await writeFile(
      path.join(folder, 'closed.yaml'),
      `temporal: { address: '127.0.0.1:1' }\nmlflow: { uri: 'http://127.0.0.1:${port}' }\n`,
    );
    await writeFile(path.join(folder, 'wrong.yaml'), 'temporal: { adress: x }\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(['get', 'status late', 'trigger late', 'pause late', 'abort late', 'bootstrap'])(
    'without Temporal, %s is exit 69 with the next step',
    async (words) => {
      const { code, stderr } = await runCli([...words.split(' '), '--config', 'closed.yaml'], { cwd: folder });
      expect(code).toBe(69);
      expect(stderr).toBe(
        'error: nobody answers at 127.0.0.1:1 (Temporal): ECONNREFUSED\n  next  understudy stack up, or set TEMPORAL_ADDRESS\n',
      );
    },
  );

  test('wrong settings are exit 78 and name the field', async () => {
    const { code, stderr } = await runCli(['get', '--config', 'wrong.yaml'], { cwd: folder });
    expect(code).toBe(78);
    expect(stderr).toContain('Unrecognized key: "adress"');
    expect(stderr).toMatch(/next {2}correct the settings/);
  });

  test('the settings can be named in the environment', async () => {
    expect(await runCli(['get'], { cwd: folder, env: { UNDERSTUDY_CONFIG: 'wrong.yaml' } })).toMatchObject({
      code: 78,
    });
  });

  test('a report about a run that nobody knows is exit 5', async () => {
    const { code, stderr } = await runCli(['report', 'late', '--config', 'closed.yaml'], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('nothing is on record about late') });
  });

  test('the doctor names every problem with its cure and ends with 1', async () => {
    const { code, stdout } = await runCli(['doctor', '--config', 'closed.yaml', '-o', 'json'], { cwd: folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([
        expect.objectContaining({ name: 'temporal', state: 'problem', next: expect.any(String) }),
        expect.objectContaining({ name: 'mlflow', state: 'problem', text: expect.stringContaining('ECONNREFUSED') }),
        expect.objectContaining({ name: 'state', state: 'ok' }),
        expect.objectContaining({ name: 'approval.trust', state: 'warning' }),
      ]),
    });
  });
});

describe('Temporal answers, but no worker does', () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await createCliWorld({ worker: false });
  }, 60_000);
  afterAll(() => world.close());

  test('an order says what it waits for and ends with 69', async () => {
    const file = await world.writePolicy('idle');
    const { code, stderr } = await world.understudy(['apply', '-f', file]);
    expect(code).toBe(69);
    expect(stderr).toContain('waiting for a worker to take the policy of idle\n');
    expect(stderr).toContain('no worker answered within 10 s');
  }, 30_000);

  test('the doctor finds the server and its attributes well, and nobody on the queue', async () => {
    const { checks } = await world.asked(['doctor']);
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'temporal', state: 'ok', text: expect.stringContaining(world.namespace) }),
        expect.objectContaining({ name: 'search attributes', state: 'ok', text: '10 of 10' }),
        expect.objectContaining({ name: 'worker', state: 'problem' }),
      ]),
    );
  });

  test('bootstrap may be repeated', async () => {
    expect(await world.asked(['bootstrap'])).toEqual({
      schemaVersion: 1,
      namespace: world.namespace,
      added: [],
      retentionHours: 24,
    });
  });

  test('`understudy worker` is a worker until it is told to stop, also while it waits for an answer', async () => {
    // A worker asks every watch for its champion when it starts; this one is on a queue that nobody polls.
    await world.client.workflow.start('watchModel', {
      workflowId: 'unanswered',
      taskQueue: 'nobody',
      args: [{ model: 'unanswered' }],
    });
    let stop = (): void => undefined;
    const worker = world.understudy(['worker', '--config', 'understudy.config.yaml'], {
      onStart: (child) => (stop = () => void child.kill('SIGTERM')),
    });
    await eventually(
      () => world.asked(['doctor']),
      ({ checks }) => JSON.stringify(checks).includes('"name":"worker","state":"ok"'),
      60_000,
    );
    stop();
    const { code, stderr } = await worker;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('worker: starting') });
  }, 90_000);
});

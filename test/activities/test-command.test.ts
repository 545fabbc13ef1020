import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createOpening } from '../../activities/opening.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { eventually } from '../eventually.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { applied } from '../lifecycle/policies.ts';
import { present } from '../present.ts';
import { createScorecardWorld } from './scorecard-world.ts';

const AS_OF = '2001-01-10T00:00:00.000Z';

let world: Awaited<ReturnType<typeof createScorecardWorld>>;
beforeAll(async () => {
  world = await createScorecardWorld();
});
afterAll(() => world.dispose());

const judge = async (criterion: object) => {
  const { findings } = await world.judge([{ name: 'c', group: 'quality', ...criterion }]);
  return findings.map(({ judged, sentence }) => `${judged}: ${sentence}`);
};

describe('the team’s own tests', () => {
  const tests = (script: string, more: object = {}) => ({
    metric: 'command',
    command: ['sh', '-c', script],
    atMost: 0,
    ...more,
  });
  /** Node code that finds the task as a trainer does. */
  const node = (code: string) =>
    tests(`node -e '
      const fs = require("node:fs");
      const spec = JSON.parse(fs.readFileSync(process.env.UNDERSTUDY_SPEC, "utf8"));
      const write = (findings) => fs.writeFileSync(spec.output + "/findings.json", JSON.stringify(findings));
      ${code}'`);

  test('EV6: are given artifact, predictions and labels, and nothing of the worker’s environment', async () => {
    process.env['UNDERSTUDY_TEST_TOKEN'] = 'secret';
    const found = await judge(
      node(`write([
        { name: "mode", passed: spec.mode === "test" },
        { name: "artifact", passed: fs.readFileSync(spec.artifact + "/weights", "utf8") === "w" },
        { name: "parquet", passed: ["predictions", "labels", "holdout"].every((one) => fs.readFileSync(spec.tests[one].path).subarray(0, 4).toString() === "PAR1") },
        { name: "folder", passed: fs.realpathSync(process.cwd()) === fs.realpathSync("${world.folder}") },
        { name: "environment", passed: Object.keys(process.env).every((name) => ["PATH", "HOME", "LANG", "PWD", "SHLVL", "_", "OLDPWD"].includes(name) || ["UNDERSTUDY_SPEC", "UNDERSTUDY_CHECKPOINTS", "UNDERSTUDY_PROGRESS"].includes(name)), message: Object.keys(process.env).join() },
      ])`),
    );
    delete process.env['UNDERSTUDY_TEST_TOKEN'];
    expect(found).toEqual([
      'pass: C (command) is 0, at most 0 was asked (5 findings, the command ended with exit code 0).',
    ]);
    expect(await world.jobs()).toEqual([]);
  });

  test('EV6: a failed finding fails the candidate and is named; exit code, findings and output are evidence', async () => {
    const criterion = node(
      'console.log("looked"); write([{ name: "slope", passed: false, message: "0.6" }]); process.exit(3)',
    );
    const { result, verdict, reasons } = await world.judge([{ name: 'ours', group: 'quality', ...criterion }]);
    expect([verdict, reasons]).toEqual(['fail', ['Ours (command) is 1, at most 0 was asked (slope: 0.6).']]);
    const { tests: kept } = await world.kept<{ tests: Record<string, EvidenceRef> }>(result);
    expect(await world.kept(present(kept['ours']))).toMatchObject({
      command: criterion.command,
      logTail: 'looked',
      result: { exitCode: 3, findings: [{ name: 'slope', passed: false, message: '0.6' }] },
    });
  });

  test.each([
    ['was killed', tests('kill -9 $$'), 'the command was ended by SIGKILL'],
    ['took too long', tests('sleep 60', { deadline: '300ms' }), 'it may take 0.3 s from its first start'],
    ['is not there', { ...tests(''), command: ['no-such-program'] }, 'the command no-such-program was not found'],
    [
      'wrote what is no list',
      tests('echo "{}" > $(dirname $UNDERSTUDY_SPEC)/output/findings.json'),
      'breaks the contract',
    ],
    ['wrote an empty list', tests('echo "[]" > $(dirname $UNDERSTUDY_SPEC)/output/findings.json'), 'says nothing'],
    [
      'wrote too much',
      tests('head -c 2000000 /dev/zero > $(dirname $UNDERSTUDY_SPEC)/output/findings.json'),
      'more than 1048576 bytes',
    ],
    ['left a pipe', tests('mkfifo $(dirname $UNDERSTUDY_SPEC)/output/findings.json'), 'findings.json'],
  ])('EV6: a command that %s is missing, and says so', async (_, criterion, why) => {
    const [found = ''] = await judge(criterion);
    expect(found).toMatch(/^missing: C \(command\) was not measured: /);
    expect(found).toContain(why);
    expect(await world.jobs()).toEqual([]);
  });
});

test('EV6: tests end with the activity that runs them', async () => {
  const own = await createScorecardWorld();
  const environment = new MockActivityEnvironment();
  const command = ['sh', '-c', 'echo $$ > begun && mv begun pid && sleep 600'];
  const criterion = { name: 'endless', group: 'quality', metric: 'command', command, atMost: 0 };
  const judging = environment.run(async () => own.judge([criterion])).catch((error: unknown) => error);
  const pid = await eventually(
    async () => readFile(join(own.folder, 'pid'), 'utf8').catch(() => ''),
    (text) => text !== '',
  );
  environment.cancel();
  expect(await judging).toMatchObject({ name: 'AbortError' });
  expect(await own.jobs()).toEqual([]);
  expect(existsSync(`/proc/${pid.trim()}`)).toBe(false);
  await own.dispose();
});

describe('a worker whose teams train in pods', () => {
  const training = { backend: 'kubernetes' as const, image: `x@sha256:${'ab'.repeat(32)}`, command: ['train'] };
  const criterion = { name: 'ours', group: 'quality', metric: 'command', command: ['touch', 'ran'], atMost: 0 };

  test('EV6: runs none of their programs unless it is allowed', async () => {
    const { findings } = await world.judge([criterion], { policy: { training } });
    expect(findings).toMatchObject([
      { judged: 'missing', sentence: expect.stringContaining('worker.testCommands: true') },
    ]);
    const allowed = await createScorecardWorld({ testCommands: true });
    const { verdict } = await allowed.judge([criterion], { policy: { training } });
    await allowed.dispose();
    expect(verdict).toBe('pass');
  });

  const noGateway = () => {
    throw new Error('no route is asked for');
  };
  const opened = async (change: Parameters<typeof applied>[2], testCommands: boolean, metric: 'command' | 'auc') => {
    const { policy, scorecard } = applied('churn', '/', change);
    const [first] = scorecard.spec.criteria;
    const card = { ...scorecard, spec: { ...scorecard.spec, criteria: [{ ...present(first), metric }] } };
    const ports = {
      registry: createMemoryRegistry(),
      evidence: createMemoryEvidence(),
      gateway: noGateway,
    };
    const trigger = { kind: 'bootstrap', key: 'k', asOf: AS_OF, by: 'test' } as const;
    const { refused = 'begins' } = await createOpening(ports, { links: {}, testCommands }).openRun({
      schemaVersion: 1,
      run: 'retrain/churn/one',
      model: 'churn',
      trigger,
      receivedAt: AS_OF,
      applied: { ...applied('churn', '/', change), policy, scorecard: card },
    });
    return refused;
  };

  test('EV6: refuses the run before anything is started, and says what to do', async () => {
    expect(await opened({ training }, false, 'command')).toBe(
      'nothing was started, because this cannot work: tests: the tests of "cost" would run on a worker, which runs none for ' +
        'trainers in pods · next: have worker.testCommands: true set in understudy.config.yaml, or take the criterion out',
    );
  });

  test.each([
    ['it is allowed', { training }, true, 'command'],
    ['there are no tests', { training }, false, 'auc'],
    ['trainers are processes', {}, false, 'command'],
  ] as const)('begins where %s', async (_, change, testCommands, metric) => {
    expect(await opened(change, testCommands, metric)).toBe('begins');
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { decisionLogOf } from '../../activities/decision-log.ts';
import { RUN, watchedPhase } from '../activities/watched-phase.ts';
import { runCli } from './run-cli.ts';

let home: string;
let file: string;
let text: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'understudy-replay-'));
  const evidence = createFileEvidence({ root: join(home, '.understudy/evidence') });
  const { attempt } = await watchedPhase(evidence, { requestsPerSecond: 200, challenger: { errors: 0.2 } });
  await attempt();
  text = await decisionLogOf(evidence, RUN);
  file = join(home, 'log.jsonl');
  await writeFile(file, text);
});
afterAll(async () => rm(home, { recursive: true }));

const replay = async (...args: readonly string[]) => runCli(['replay', ...args], { cwd: home });

test('a run’s log is read from the evidence store and judged again; nothing else need run', async () => {
  const { code, stdout, stderr } = await replay(RUN);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/step-5.*rollback\nreproduced: every verdict of \d+ looks\n$/s);
  expect(code).toBe(0);
});

test('-o jsonl writes the log itself, and a file of it is judged to the same document', async () => {
  expect((await replay(RUN, '-o', 'jsonl')).stdout).toBe(text);
  const { code, stdout } = await replay(file, '-o', 'json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    log: file,
    reproduced: true,
    phases: [{ phase: 'step-5', percent: 5, word: 'rollback', ended: 'decided' }],
  });
});

test('a log in which a verdict was changed ends with 1 and names the line', async () => {
  const forged = join(home, 'forged.jsonl');
  await writeFile(forged, text.replace('"word":"rollback"', '"word":"wait"'));
  const { code, stdout } = await replay(forged, '-o', 'json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    reproduced: false,
    difference: { phase: 'step-5', what: 'verdict.word', recorded: '"wait"', replayed: '"rollback"' },
  });
  expect((await replay(forged)).stdout).toMatch(/differs in line \d+ \(step-5, look \d+\): verdict\.word is "wait"/);
});

test('what is no decision log, and what is nowhere, is said with what to do', async () => {
  const cut = join(home, 'cut.jsonl');
  await writeFile(cut, text.slice(0, -20));
  const broken = await replay(cut);
  expect([broken.code, broken.stderr]).toEqual([
    3,
    expect.stringMatching(/line \d+: this is not JSON; was the file cut/),
  ]);
  const nowhere = await replay('retrain/nothing/1');
  expect([nowhere.code, nowhere.stderr]).toEqual([5, expect.stringContaining('never had mirrored or live traffic')]);
  expect((await replay('no-model')).code).toBe(5);
});

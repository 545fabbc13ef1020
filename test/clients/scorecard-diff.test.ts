import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { renderScorecardDiff } from '../../clients/scorecard-diff-lines.ts';
import { SMALLEST } from '../scorecards/diagnostics/policy-texts.ts';
import { runCli } from './run-cli.ts';

const AGREED = `apiVersion: understudy/v1
kind: Scorecard
metadata: { name: churn }
spec:
  extends: classification
  signedOffBy: [ana@example]
  criteria: [{ name: artifact, atMost: 50MB }]
`;

describe('EV2: understudy scorecard diff', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-diff-'));
    await writeFile(path.join(folder, 'agreed.yaml'), AGREED);
    await writeFile(path.join(folder, 'lower.yaml'), AGREED.replace('50MB', '1GB').replace('ana', 'bo'));
    await writeFile(path.join(folder, 'broken.yaml'), AGREED.replace('atMost', 'atMots'));
    await writeFile(path.join(folder, 'policy.yaml'), SMALLEST);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const diff = async (...words: readonly string[]) => runCli(['scorecard', 'diff', ...words], { cwd: folder });

  test('a bound that became looser is said first, and is exit 1', async () => {
    expect(await diff('agreed.yaml', 'lower.yaml')).toEqual({
      code: 1,
      stderr: '',
      stdout: [
        'looser    artifact: atMost raised from 50MB to 1GB',
        'other     signedOffBy was ana@example, is bo@example',
        '1 looser, 0 stricter, 1 other\n',
      ].join('\n'),
    });
  });

  test('the other way round, and without any difference, it is exit 0', async () => {
    expect(await diff('lower.yaml', 'agreed.yaml')).toMatchObject({ code: 0 });
    expect(await diff('agreed.yaml', 'agreed.yaml')).toEqual({ code: 0, stderr: '', stdout: 'no difference\n' });
  });

  test('as JSON it names both files by the digests that runs and approvals name', async () => {
    const { code, stdout } = await diff('policy.yaml', 'lower.yaml', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      old: { file: 'policy.yaml', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      new: { file: 'lower.yaml', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      looser: 1,
      changes: [
        { direction: 'looser', criterion: 'artifact' },
        { direction: 'other', criterion: null },
      ],
    });
  });

  test('a scorecard with an error is exit 3 with its place, one that is not there exit 2', async () => {
    const { code, stderr, stdout } = await diff('agreed.yaml', 'broken.yaml');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('broken.yaml:7:');
    expect(stderr).toContain('nothing was compared: broken.yaml is invalid');
    expect(await diff('agreed.yaml', 'nowhere.yaml')).toMatchObject({ code: 2 });
  });

  test('the name of a criterion steers no terminal', () => {
    const change = { direction: 'looser', criterion: '\u001b[2J', sentence: 'is judged no more' } as const;
    expect(renderScorecardDiff([change], false)).toContain('looser    <U+001B>[2J: is judged no more');
  });
});

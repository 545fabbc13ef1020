import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPolicyFile } from '../../clients/policy-file.ts';
import type { PolicyFile } from '../../clients/policy-file.ts';
import { canonicalJson } from '../../scorecards/canonical-json.ts';
import { OWN_SCORECARD, SMALLEST } from '../scorecards/diagnostics/policy-texts.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-policy-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string, name = 'policy.yaml'): Promise<PolicyFile> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  const { loaded, diagnostics } = await loadPolicyFile(file);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(loaded).toBeDefined();
  return loaded as PolicyFile;
}

const withFiles = SMALLEST.replace('{ extends: classification }', './mine.yaml').replace(
  '  training:',
  '    pull: { sql: ./pull.sql }\n  training:',
);

test('a policy comes with its preset, its folder and the digests of what it resolves to', async () => {
  const loaded = await load(SMALLEST);
  expect(loaded.folder).toBe(folder);
  expect(loaded.path).toBe(path.join(folder, 'policy.yaml'));
  expect(loaded.scorecard.spec.criteria).toHaveLength(6);
  expect(loaded.scorecard.metadata.name).toBe('churn');
  expect(loaded.scorecardText).toContain('kind: Scorecard');
  expect(loaded.pullSql).toBeUndefined();
  const digest = createHash('sha256').update(canonicalJson(loaded.policy)).digest('hex');
  expect(loaded.digests.policy).toBe(digest);
});

test('the scorecard and the query that a policy names are read relative to it', async () => {
  await writeFile(path.join(folder, 'mine.yaml'), OWN_SCORECARD);
  await writeFile(path.join(folder, 'pull.sql'), 'select 1');
  const loaded = await load(withFiles);
  expect(loaded.pullSql).toBe('select 1');
  expect(loaded.scorecardText).toBe(OWN_SCORECARD);
  expect(loaded.scorecard.metadata.name).toBe('mine');
});

test('EV2: the digest of a scorecard changes with a bound and not with a comment', async () => {
  const scorecard = path.join(folder, 'mine.yaml');
  await writeFile(path.join(folder, 'pull.sql'), 'select 1');
  await writeFile(scorecard, OWN_SCORECARD);
  const first = await load(withFiles);
  await writeFile(scorecard, `# agreed in May\n${OWN_SCORECARD}`);
  const commented = await load(withFiles);
  await writeFile(scorecard, OWN_SCORECARD.replace('falseNegative: 5', 'falseNegative: 4'));
  const changed = await load(withFiles);
  expect(commented.digests).toEqual(first.digests);
  expect(changed.digests.scorecard).not.toBe(first.digests.scorecard);
  expect(changed.digests.policy).toBe(first.digests.policy);
});

test('a problem in the scorecard’s own file names that file', async () => {
  await writeFile(path.join(folder, 'bad.yaml'), OWN_SCORECARD.replace('falseNegative', 'falseNegativ'));
  const file = path.join(folder, 'with-bad.yaml');
  await writeFile(file, SMALLEST.replace('{ extends: classification }', './bad.yaml'));
  const { loaded, diagnostics } = await loadPolicyFile(file);
  expect(loaded).toBeUndefined();
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors).toMatchObject([
    { code: 'US0102', file: path.join(folder, 'bad.yaml'), line: 7, help: 'did you mean "falseNegative"?' },
  ]);
});

test('a policy file that is not there is thrown, with its name', async () => {
  await expect(loadPolicyFile(path.join(folder, 'nowhere.yaml'))).rejects.toThrow('nowhere.yaml');
});

test('the policy on disk is given back as it stands there', async () => {
  const { policyText, path: file } = await load(SMALLEST);
  expect(policyText).toBe(await readFile(file, 'utf8'));
});

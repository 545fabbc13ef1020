import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lookIntoGit } from '../../infra/git.ts';
import { commit, git } from '../git-repository.ts';

const TEXT = 'kind: Scorecard\n';

describe('EV2: what git says of a file', () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'understudy-git-')));
    file = path.join(folder, 'rules', 'churn.yaml');
    await mkdir(path.dirname(file));
    await writeFile(file, TEXT);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('a file as its commit has it is named by the last commit that changed it', async () => {
    const agreed = await commit(folder, 'rules/churn.yaml');
    await writeFile(path.join(folder, 'README'), 'later');
    await commit(folder, 'README');
    expect(await lookIntoGit(file, TEXT)).toEqual({ path: 'rules/churn.yaml', state: 'committed', commit: agreed });
  });

  test('a text that differs is changed, staged or not, and has no commit', async () => {
    await commit(folder, 'rules/churn.yaml');
    const changed = { path: 'rules/churn.yaml', state: 'changed' };
    expect(await lookIntoGit(file, `${TEXT}# lower\n`)).toEqual(changed);
    await writeFile(file, `${TEXT}# lower\n`);
    await git(folder, 'add', '.');
    expect(await lookIntoGit(file, `${TEXT}# lower\n`)).toEqual(changed);
  });

  test('a change that git was told to overlook is seen all the same', async () => {
    await commit(folder, 'rules/churn.yaml');
    await git(folder, 'update-index', '--assume-unchanged', 'rules/churn.yaml');
    await writeFile(file, `${TEXT}# lower\n`);
    expect(await git(folder, 'status', '--porcelain')).toBe('');
    expect(await lookIntoGit(file, `${TEXT}# lower\n`)).toMatchObject({ state: 'changed' });
  });

  test('a file that was never committed, or is ignored, is in no commit', async () => {
    const uncommitted = { path: 'rules/churn.yaml', state: 'uncommitted' };
    await git(folder, 'init', '--quiet');
    expect(await lookIntoGit(file, TEXT)).toEqual(uncommitted);
    await writeFile(path.join(folder, '.gitignore'), 'rules/\n');
    await commit(folder, '.gitignore');
    expect(await lookIntoGit(file, TEXT)).toEqual(uncommitted);
  });

  test('a file outside of any repository is unknown, with the reason in the words of git', async () => {
    expect(await lookIntoGit(file, TEXT)).toEqual({
      path: file,
      state: 'unknown',
      why: expect.stringContaining('not a git repository'),
    });
  });

  test('without git it is unknown, and says so', async () => {
    const before = process.env['PATH'];
    process.env['PATH'] = folder;
    const found = await lookIntoGit(file, TEXT).finally(() => (process.env['PATH'] = before));
    expect(found).toEqual({ path: file, state: 'unknown', why: 'git is not installed' });
  });

  test('a link stands for the file that it points to', async () => {
    const agreed = await commit(folder, 'rules/churn.yaml');
    await symlink(file, path.join(folder, 'linked.yaml'));
    const found = await lookIntoGit(path.join(folder, 'linked.yaml'), TEXT);
    expect(found).toEqual({ path: 'rules/churn.yaml', state: 'committed', commit: agreed });
  });

  test('ends of lines that git itself rewrote are no change', async () => {
    await commit(folder, 'rules/churn.yaml');
    expect(await lookIntoGit(file, TEXT.replaceAll('\n', '\r\n'))).toMatchObject({ state: 'committed' });
  });

  test('a name full of signs is a name', async () => {
    const odd = path.join(folder, ':(top) *.yaml');
    await writeFile(odd, TEXT);
    await git(folder, 'init', '--quiet');
    await git(folder, 'add', '.');
    await git(folder, 'commit', '--quiet', '--message', 'Agree');
    expect(await lookIntoGit(odd, TEXT)).toMatchObject({ path: ':(top) *.yaml', state: 'committed' });
  });

  test('a hook that points git elsewhere is not followed', async () => {
    const agreed = await commit(folder, 'rules/churn.yaml');
    process.env['GIT_DIR'] = '/there/is/none';
    const found = await lookIntoGit(file, TEXT).finally(() => delete process.env['GIT_DIR']);
    expect(found).toMatchObject({ state: 'committed', commit: agreed });
  });
});

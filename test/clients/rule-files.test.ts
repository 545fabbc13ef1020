import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { renderDiagnostics } from '../../clients/render-diagnostics.ts';
import { loadPolicyFile } from '../../clients/policy-file.ts';
import { rulesInGit } from '../../clients/rule-files.ts';
import { commit } from '../git-repository.ts';
import { present } from '../present.ts';
import { OWN_SCORECARD, SMALLEST } from '../scorecards/diagnostics/policy-texts.ts';

const POLICY = SMALLEST.replace('{ extends: classification }', './mine.yaml');
const CONSEQUENTIAL = POLICY.replace('spec:\n', 'spec:\n  risk: consequential\n');

describe('EV2: the rules that are applied, held against a real git repository', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'understudy-rules-')));
    await writeFile(path.join(folder, 'mine.yaml'), OWN_SCORECARD);
    await writeFile(path.join(folder, 'policy.yaml'), CONSEQUENTIAL);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const looked = async () => {
    const { loaded } = await loadPolicyFile(path.join(folder, 'policy.yaml'));
    return rulesInGit(present(loaded), 'policy.yaml');
  };
  const said = async () =>
    (await looked()).diagnostics.map(({ code, line, path: field, severity }) => [severity, code, field, line]);

  test('committed rules are named by path and commit, and nothing is said', async () => {
    const agreed = await commit(folder, 'policy.yaml', 'mine.yaml');
    expect(await looked()).toMatchObject({
      diagnostics: [],
      files: {
        policy: { path: 'policy.yaml', state: 'committed', commit: agreed },
        scorecard: { path: 'mine.yaml', state: 'committed', commit: agreed },
      },
    });
  });

  test('a scorecard that was changed after its commit is an error from risk consequential on', async () => {
    await commit(folder, 'policy.yaml', 'mine.yaml');
    await writeFile(path.join(folder, 'mine.yaml'), OWN_SCORECARD.replace('falseNegative: 5', 'falseNegative: 4'));
    expect(await said()).toEqual([['error', 'US0302', 'spec.scorecard', 10]]);
  });

  test('a policy that was changed after its commit is an error, too', async () => {
    await writeFile(path.join(folder, 'policy.yaml'), `${CONSEQUENTIAL}# once\n`);
    await commit(folder, 'policy.yaml', 'mine.yaml');
    await writeFile(path.join(folder, 'policy.yaml'), CONSEQUENTIAL);
    expect(await said()).toEqual([['error', 'US0302', 'spec.risk', 5]]);
  });

  test('below, it is a warning', async () => {
    await writeFile(path.join(folder, 'policy.yaml'), POLICY);
    await commit(folder, 'policy.yaml');
    expect(await said()).toEqual([['warning', 'US0302', 'spec.scorecard', 9]]);
  });

  test('a scorecard that stands in the policy is asked for once', async () => {
    await writeFile(path.join(folder, 'policy.yaml'), SMALLEST);
    await commit(folder, 'mine.yaml');
    const { diagnostics, files } = await looked();
    expect(diagnostics).toHaveLength(1);
    expect(files.scorecard).toEqual(files.policy);
  });

  test('GV7: what is said is word for word what the fixture has', async () => {
    await commit(folder, 'policy.yaml');
    await writeFile(path.join(folder, 'policy.yaml'), `${CONSEQUENTIAL}\n`);
    const { diagnostics } = await looked();
    const expected = await readFile('test/fixtures/source-control/uncommitted.txt', 'utf8');
    expect(`${renderDiagnostics(diagnostics, { color: false })}\n`).toBe(expected);
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commit } from '../git-repository.ts';
import { createCliWorld } from './cli-world.ts';
import type { CliWorld } from './cli-world.ts';

const MODEL = 'agreed';

/** One model's rules from a first draft to a second agreement; each test goes on where the one before ended. */
describe('EV2: apply, in a folder that is a git repository', () => {
  let world: CliWorld;
  let policy = '';
  let agreed = '';
  beforeAll(async () => {
    world = await createCliWorld();
    policy = await world.writePolicy(MODEL);
    const text = await readFile(policy, 'utf8');
    await writeFile(policy, text.replace('spec:\n', 'spec:\n  risk: consequential\n'));
  }, 60_000);
  afterAll(() => world.close());

  const change = async (from: string, to: string) => {
    const file = path.join(world.folder, 'scorecard.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
  };

  test('outside of a repository a consequential model gets no rules, and is told why', async () => {
    const { code, stderr, stdout } = await world.understudy(['apply', '-f', policy]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('error[US0302]');
    expect(stderr).toContain('not in source control: not a git repository');
    expect(stderr).toContain(`nothing was applied: the rules of ${MODEL} are in no commit as they stand`);
    expect(await world.understudy(['get', MODEL])).toMatchObject({ code: 5 });
  });

  test('committed rules come into force, and path, commit and signature are told', async () => {
    agreed = await commit(world.folder, path.basename(policy), 'scorecard.yaml');
    const kept = { path: 'scorecard.yaml', state: 'committed', commit: agreed };
    expect(await world.asked(['apply', '-f', policy])).toMatchObject({
      items: [{ changed: true, files: { scorecard: kept }, scorecard: { ...kept, signedOffBy: ['lead@example'] } }],
    });
    const { code, stderr, stdout } = await world.understudy(['apply', '-f', policy, '--dry-run']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('US0302') });
    expect(stdout).toContain(
      `  scorecard  scorecard.yaml at commit ${agreed.slice(0, 12)}; signed off by lead@example\n`,
    );
    expect(stdout).toContain('unchanged');
  });

  test('a lowered bound that is in no commit is refused, also as a dry run, and the old rules stay', async () => {
    await change('atLeast: 0.6', 'atLeast: 0.5');
    expect(await world.understudy(['apply', '-f', policy, '--dry-run'])).toMatchObject({ code: 3 });
    const { code, stderr } = await world.understudy(['apply', '-f', policy]);
    expect(code).toBe(3);
    expect(stderr).toContain('scorecard.yaml differs from its last commit; risk consequential needs a commit');
    const { stdout } = await world.understudy(['describe', MODEL]);
    expect(stdout).toContain(`scorecard.yaml at commit ${agreed.slice(0, 12)}`);
  });

  test('committed, it is applied under the new commit', async () => {
    const later = await commit(world.folder, 'scorecard.yaml');
    expect(await world.asked(['apply', '-f', policy])).toMatchObject({
      items: [{ changed: true, scorecard: { commit: later } }],
    });
    expect(later).not.toBe(agreed);
  });

  test('a routine model is warned, and its rules come into force', async () => {
    const routine = await world.writePolicy('routine');
    const { code, stderr } = await world.understudy(['apply', '-f', routine]);
    expect(code).toBe(0);
    expect(stderr).toContain('warning[US0302]: routine.yaml is in no commit');
  });
});

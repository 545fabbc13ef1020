import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { registerExplain } from '../../clients/commands/explain.ts';
import { explain, renderExplanation } from '../../clients/explanation.ts';
import { CODES } from '../../scorecards/diagnostics/codes.ts';
import { METRICS } from '../../scorecards/scorecard-schema.ts';
import { catalogue } from '../../scorecards/policy/catalogue.ts';
import { runCommand } from './run-command.ts';

const run = (...args: readonly string[]) => runCommand(registerExplain, 'explain', ...args);

describe('understudy explain', () => {
  test('a field: type, default, rule, example, neighbours', async () => {
    const { exitCode, out } = await run('spec.rollout.steps');
    expect(exitCode).toBe(0);
    expect(out.split('\n')).toEqual([
      'spec.rollout.steps     list of percent     default [5, 25, 50]',
      '  Shares of live traffic for the challenger, one after the other. Each step ends on evidence, not on time.',
      '  Rule: rising, above 0, below 100; a first step above 10 needs an entry in spec.overrides (N5).',
      '  Example: steps: [5, 25, 50]          See: spec.rollout.stepAtLeast, spec.rollout.stepAtMost',
      '',
    ]);
  });

  test('a group: what is in it', async () => {
    const { out } = await run('drift.persistence');
    expect(out).toContain('  spec.drift.persistence.windows  So many windows drifted …');
  });

  test('a code: meaning, cause, cure; in either case', async () => {
    const { out } = await run('us0211');
    expect(out).toContain('US0211     rollback slower than the tier allows\n');
    expect(out).toContain('  Cure: Shorten the lease');
  });

  test('a metric: formula, source, how to read it', async () => {
    const { out } = await run('auc');
    expect(out).toContain('  Formula: area under the ROC curve; ties count half\n');
    expect(out).toContain('  Source: Hanley and McNeil 1982');
  });

  test('an entry of a list is found with an index as with empty brackets', () => {
    expect(explain('spec.data.features[3].name')).toEqual(explain('data.features[].name'));
  });

  test('OP10: exits 5 for a name that does not exist and suggests the nearest', async () => {
    const { exitCode, err } = await run('rolout.stepz');
    expect(exitCode).toBe(5);
    expect(err).toContain('did you mean spec.rollout.steps?');
  });

  test('-o json is one document with a schema version', async () => {
    const { out } = await run('spec.rollout.soak', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, kind: 'field', entry: { default: '24h' } });
  });
});

describe('understudy explain --scorecard', () => {
  let file = '';
  beforeAll(async () => {
    file = path.join(await mkdtemp(path.join(os.tmpdir(), 'understudy-explain-')), 'scorecard.yaml');
    await writeFile(file, SCORECARD);
  });
  afterAll(() => rm(path.dirname(file), { recursive: true }));

  test('a criterion by its name: its bounds in words, how sure it must be, then its metric', async () => {
    const { exitCode, out } = await run('missed ones', '--scorecard', file);
    expect(exitCode).toBe(0);
    expect(out.split('\n')).toEqual([
      'missed ones     recall     group quality     of scorecard churn',
      '  Holds when recall of each value of plan is at least 0.6, and at most 0.02 worse than the champion.',
      '  It must hold at the unfavourable end of the 95 % interval, else it is inconclusive; at least 500 rows each are needed.',
      '  Flagged are rows with a score of at least 0.5.',
      '',
      'recall     share     higher is better     for classification, ranking, multiclass',
      '  Share of positives that are flagged at the operating point.',
      '  Formula: true positives / (true positives + misses)',
      '  Source: van Rijsbergen 1979; interval Wilson 1927',
      '  Reading: Low means missed cases. Look at it per slice: an average hides a group that is not found.',
      '',
    ]);
  });

  test.each([
    ['cost of mistakes', 'is at most 2 % worse than the champion.'],
    ['cost of mistakes', 'A miss costs 5, a false alarm 1.'],
    ['p99', 'is at most 1s, and at most 20ms worse than the champion.'],
    ['p99', 'Under a load of 50/s for 15s, both models at once.'],
    ['artifact', 'is at most 500MB.'],
    ['artifact', 'The size is exact'],
    ['gain', 'is better than the champion.'],
    ['gain', 'The estimate alone decides, whatever its interval; at least 50 rows are needed.'],
  ])('%s says "%s"', async (what, said) => {
    expect((await run(what, '--scorecard', file)).out).toContain(said);
  });

  test('EV6: of one of several classes the class is told, and no cut; its average says how to read it', async () => {
    const classes = path.join(path.dirname(file), 'classes.yaml');
    const own = '- { name: unheard, group: quality, metric: recall, class: urgent, by: plan, atLeast: 0.6 }';
    await writeFile(classes, SCORECARD.replace(/classification[^]*/, `multiclass\n  criteria:\n    ${own}\n`));
    const { out } = await run('unheard', '--scorecard', classes);
    expect(out).toContain('Holds when recall of class urgent of each value of plan is at least 0.6.');
    expect(out).not.toContain('Flagged');
    expect((await run('microF1')).out).toContain('Equal to accuracy, because every row has one class');
  });

  test('one that the file does not have is exit 5 with those that it has; JSON holds the criterion itself', async () => {
    const { err, exitCode } = await run('nothing', '--scorecard', file);
    expect({ exitCode, err }).toMatchObject({ exitCode: 5, err: expect.stringContaining('cost of mistakes, ranking') });
    const { out } = await run('gain', '--scorecard', file, '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      kind: 'criteria',
      criteria: [{ criterion: { name: 'gain', minimum: 50 }, metric: { kind: 'metric', name: 'f1' } }],
    });
  });
});

const SCORECARD = `apiVersion: understudy/v1
kind: Scorecard
metadata: { name: churn }
spec:
  extends: classification
  criteria:
    - { name: cost of mistakes, falseNegative: 5 }
    - { name: missed ones, group: quality, metric: recall, by: plan, atLeast: 0.6, versusChampion: { noWorseBy: 0.02 } }
    - { name: gain, group: quality, metric: f1, versusChampion: { betterBy: 0 }, judge: point, minimum: 50 }
`;

test('every field, every code and every metric has a page of at least two lines', () => {
  const names = [...catalogue().keys(), ...Object.keys(CODES), ...METRICS, 'psi', 'ks', 'js', 'kl'];
  const thin = names.filter((name) => renderExplanation(explain(name)).trim().split('\n').length < 2);
  expect(thin).toEqual([]);
});

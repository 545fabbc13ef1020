import { describe, expect, test } from '@jest/globals';
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

test('every field, every code and every metric has a page of at least two lines', () => {
  const names = [...catalogue().keys(), ...Object.keys(CODES), ...METRICS, 'psi', 'ks', 'js', 'kl'];
  const thin = names.filter((name) => renderExplanation(explain(name)).trim().split('\n').length < 2);
  expect(thin).toEqual([]);
});

import { describe, expect, test } from '@jest/globals';
import { catalogue } from '../../../scorecards/policy/catalogue.ts';
import { DESCRIPTIONS } from '../../../scorecards/policy/descriptions.ts';
import { METRIC_PAGES } from '../../../scorecards/metric-catalogue.ts';
import { METRICS } from '../../../scorecards/scorecard-schema.ts';
import { readWith } from '../diagnostics/policy-texts.ts';

const entries = [...catalogue().values()];

describe('the catalogue', () => {
  test('describes every field of the schema, and no other', () => {
    const undescribed = entries.filter(({ about }) => about === '').map(({ field }) => field);
    expect(undescribed).toEqual([]);
    expect(Object.keys(DESCRIPTIONS).filter((field) => !catalogue().has(field))).toEqual([]);
  });

  test('has an example for every field that holds a value', () => {
    const values = entries.filter(({ see, field }) => !see.some((name) => name.startsWith(field)));
    expect(values.filter(({ example }) => example === undefined).map(({ field }) => field)).toEqual([]);
  });

  test('refers only to fields that exist', () => {
    expect(entries.flatMap(({ see }) => see).filter((field) => !catalogue().has(field))).toEqual([]);
  });

  test('writes defaults as one would write them in a file', () => {
    const shown = ['spec.rollout.soak', 'spec.drift.window', 'spec.dataset.checks.nulls', 'spec.rollout.steps'];
    expect(shown.map((field) => catalogue().get(field)?.default)).toEqual(['24h', '7d', '5%', '[5, 25, 50]']);
    expect(catalogue().get('spec.training.resources.memory')?.default).toBe('4Gi');
  });

  test('names types in words', () => {
    const types = ['spec.rollout.steps', 'spec.risk', 'spec.drift.window', 'spec.data.slices', 'spec.training.params'];
    expect(types.map((field) => catalogue().get(field)?.type)).toEqual([
      'list of percent',
      'one of routine, consequential, high',
      'duration',
      'list of texts',
      'group of own names',
    ]);
  });
});

test('every example of a rollout field is accepted by the schema', () => {
  const examples = entries
    .filter(({ field }) => /^spec\.rollout\.\w+$/.test(field))
    .filter(({ example }) => example !== undefined);
  expect(examples.length).toBeGreaterThan(5);
  for (const { example } of examples) {
    const errors = readWith(`rollout: { ${example} }`).diagnostics.filter(({ code }) => code.startsWith('US01'));
    expect([example, errors]).toEqual([example, []]);
  }
});

test('every metric of the schema has a page with formula, source and reading', () => {
  expect(Object.keys(METRIC_PAGES)).toEqual([...METRICS]);
  const short = Object.values(METRIC_PAGES).filter(({ formula, source, reading }) =>
    [formula, source, reading].some((text) => text.length < 8),
  );
  expect(short).toEqual([]);
});

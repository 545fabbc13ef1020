import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { JSON_SCHEMA_NAMES, jsonSchema } from '../../scorecards/json-schema.ts';

const folder = new URL('../../scorecards/schemas/', import.meta.url);
const at = (schema: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], schema);

describe('the JSON Schemas that ship', () => {
  test.each([...JSON_SCHEMA_NAMES])('%s is up to date; else run: npx tsx infra/setup/write-schemas.ts', (name) => {
    const shipped: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
    expect(shipped).toEqual(jsonSchema(name));
  });

  test('are all of them', () => {
    expect(readdirSync(folder).toSorted()).toEqual(JSON_SCHEMA_NAMES.map((name) => `${name}.json`).toSorted());
  });
});

test('editors learn the form of units and what a field is for', () => {
  const soak = at(jsonSchema('policy'), 'properties', 'spec', 'properties', 'rollout', 'properties', 'soak');
  expect(soak).toMatchObject({ type: 'string', description: expect.stringContaining('(N6)') });
  const pattern = new RegExp(String(at(soak, 'pattern')));
  expect(['24h', '90s', '24', '24 h'].map((text) => pattern.test(text))).toEqual([true, true, false, false]);
});

/** Paths of groups that accept fields nobody knows. */
function openGroups(node: unknown, path: string): string[] {
  const group = node as { properties?: Record<string, unknown>; additionalProperties?: unknown };
  const fields = Object.entries(group.properties ?? {});
  const own = fields.length > 0 && group.additionalProperties !== false ? [path] : [];
  return [...own, ...fields.flatMap(([name, field]) => openGroups(field, `${path}.${name}`))];
}

test('editors mark unknown fields in every group of a policy', () => {
  expect(openGroups(jsonSchema('policy'), 'policy')).toEqual([]);
});

test('a scorecard that extends a preset may name a criterion and one field of it', () => {
  const criterion = at(jsonSchema('scorecard'), 'properties', 'spec', 'properties', 'criteria', 'items');
  expect(at(criterion, 'required')).toEqual(['name']);
});

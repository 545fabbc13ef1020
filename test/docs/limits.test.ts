import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../infra/package-root.ts';
import { catalogue } from '../../scorecards/policy/catalogue.ts';

const root = packageRoot();

/** Their words mean something else elsewhere, so a search cannot tell whether the field is read. */
const AMBIGUOUS = new Set(['data.clusterBy', 'slo.p50', 'slo.p95', 'slo.window']);

/** The fields of which the README says that they have no effect. */
function admitted(): string[] {
  const [, after = ''] = readFileSync(path.join(root, 'README.md'), 'utf8').split('- **Accepted in a policy');
  const [bullet = ''] = after.split('\n- ');
  return [...bullet.matchAll(/`([\w.]+)`/g)].map(([, field = '']) => field);
}

/** The source of everything that acts: without comments, and without what only checks or explains a policy. */
function actingSource(): string {
  const rooms = ['activities', 'workflows', 'workers', 'clients', 'scorecards'];
  const files = rooms.flatMap((room) =>
    readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' }).map((name) => path.join(room, name)),
  );
  const acting = files.filter(
    (file) => file.endsWith('.ts') && !/scorecards\/(policy|diagnostics)\/|explanation/.test(file),
  );
  return acting
    .map((file) => readFileSync(path.join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
    .join('\n');
}

/** `training.budget.gpuHours` is read wherever `gpuHours` stands as a word. */
function lastWord(field: string): RegExp {
  const [word = ''] = field.replaceAll('[]', '').split('.').slice(-1);
  return new RegExp(`\\b${word}\\b`);
}

describe('a field that nothing reads', () => {
  const source = actingSource();
  const unread = [...catalogue().keys()]
    .filter((field) => !lastWord(field).test(source))
    .map((field) => field.replace(/^spec\./, ''));

  test('is admitted in the README, itself or with its group', () => {
    const known = admitted();
    const silent = unread.filter((field) => !known.some((one) => `${field}.`.startsWith(`${one}.`)));
    expect(silent).toEqual([]);
  });

  test('is no longer admitted when something reads it', () => {
    const claimed = admitted().filter((field) => !AMBIGUOUS.has(field));
    expect(claimed.filter((field) => !unread.includes(field))).toEqual([]);
  });
});

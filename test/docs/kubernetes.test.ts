import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { packageRoot } from '../../infra/package-root.ts';
import { settingsSchema } from '../../scorecards/settings.ts';
import { MANIFESTS, readManifests } from '../infra/kubernetes/manifests.ts';
import { blocksOf } from './pages.ts';

let section: string;
let shipped: string;

beforeAll(async () => {
  const page = await readFile(path.join(packageRoot(), 'docs', 'operations.md'), 'utf8');
  const [, rest = ''] = page.split('## The worker on Kubernetes\n');
  section = rest.split('\n## ')[0] ?? '';
  const files = (await readdir(MANIFESTS)).filter((name) => name.endsWith('.yaml'));
  shipped = (await Promise.all(files.map(async (name) => readFile(path.join(MANIFESTS, name), 'utf8')))).join('\n');
});

/** What the first column of the table below these words holds between backticks. */
function firstColumn(heading: string): readonly string[] {
  const [, below = ''] = section.split(heading);
  const [table = ''] = below.split('\n\n').filter((block) => block.startsWith('|'));
  const cells = table.split('\n').map((row) => row.split('|')[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
}

describe('how the worker gets onto a cluster', () => {
  test('each text to be changed stands in the shipped manifests', () => {
    const texts = firstColumn('stands in it as written here:');
    expect(texts.length).toBeGreaterThan(7);
    expect(texts.filter((text) => !shipped.includes(text))).toEqual([]);
  });

  test('its commands name what is shipped', async () => {
    const names = (await readManifests()).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const commands = [...section.matchAll(/kubectl -n (\S+) (?:\w+ )+?(deployment|configmap)[ /](\S+?)[`\s]/g)];
    expect(commands.length).toBeGreaterThan(3);
    const deployments = commands
      .filter(([, , kind]) => kind === 'deployment')
      .map(([, , , name]) => `Deployment ${name}`);
    const named = [...commands.map(([, namespace]) => `Namespace ${namespace}`), ...deployments];
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('its settings are settings, and all of the table exist', () => {
    const [, settings = ''] = section.split('### Settings that matter on a cluster');
    const [example = ''] = blocksOf({ text: settings }, 'yaml');
    expect(settingsSchema.safeParse(parse(example)).error).toBeUndefined();
    const wrong = firstColumn('### Settings that matter on a cluster').filter((name) => !isSetting(name));
    expect(wrong).toEqual([]);
  });

  test('a setting that does not exist is found', () => {
    expect([isSetting('worker.bind'), isSetting('worker.bound')]).toEqual([true, false]);
  });
});

/** A strict schema says of an unknown field that it is unrecognized, and of a known one that 0 is not it, or nothing. */
function isSetting(name: string): boolean {
  const value = name.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), 0);
  const issues = settingsSchema.safeParse(value).error?.issues ?? [];
  return !issues.some(({ code }) => code === 'unrecognized_keys');
}

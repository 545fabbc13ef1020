import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { packageRoot } from '../../infra/package-root.ts';
import { defineMeters } from '../../workers/meters.ts';

const run = promisify(execFile);
const RULES = path.join(packageRoot(), 'infra/prometheus/alerts.yaml');
const CASES = path.join(packageRoot(), 'test/fixtures/prometheus');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

interface Cases {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}

const rules = async (): Promise<readonly Rule[]> => {
  const { groups } = parse(await readFile(RULES, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] };
  return groups.flatMap((group) => group.rules);
};

/** What Prometheus' own tool says. Throws with the cure when it is not installed, and with its words when it objects. */
async function promtool(...args: readonly string[]): Promise<string> {
  try {
    return (await run('promtool', args)).stdout;
  } catch (error) {
    const { code, stderr = '', stdout = '' } = error as { code?: unknown; stderr?: string; stdout?: string };
    if (code === 'ENOENT') throw new Error('promtool is not on the PATH: apt-get install prometheus', { cause: error });
    throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`, { cause: error });
  }
}

describe('the shipped alert rules', () => {
  test('are understood by Prometheus', async () => {
    const count = (await rules()).length;
    expect(await promtool('check', 'rules', RULES)).toContain(`SUCCESS: ${count} rules found`);
  });

  test('DA9, MO6: each fires when it must and at no other time, of several workers by the one that knows the newest', async () => {
    const files = (await readdir(CASES)).map((name) => path.join(CASES, name));
    expect(await promtool('test', 'rules', ...files)).toContain('SUCCESS');
  });

  test('each has a case in which it fires and one in which it does not', async () => {
    const files = await readdir(CASES);
    const texts = await Promise.all(files.map(async (name) => readFile(path.join(CASES, name), 'utf8')));
    const asked = texts
      .flatMap((text) => (parse(text) as Cases).tests)
      .flatMap(({ alert_rule_test: all = [] }) => all)
      .map(({ alertname, exp_alerts: got }) => `${alertname} ${Math.min(1, got.length)}`);
    const names = (await rules()).map(({ alert }) => alert);
    const wanted = names.flatMap((name) => [`${name} 0`, `${name} 1`]);
    expect(wanted.filter((one) => !asked.includes(one))).toEqual([]);
  });

  test('ask for metrics that workers export, by labels that these have', async () => {
    const { registry } = defineMeters();
    const known = new Map(
      registry.getMetricsAsArray().map((metric) => [
        (metric as { name: string }).name,
        // prom-client's types do not name what it keeps of a definition.
        (metric as unknown as { labelNames: readonly string[] }).labelNames,
      ]),
    );
    const asked = (await rules()).flatMap(({ expr }) => [...expr.matchAll(/(understudy_\w+)(?:\{([^}]*)\})?/g)]);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.map(([, name = '']) => name).filter((name) => !known.has(name))).toEqual([]);
    const labels = asked.flatMap(([, name = '', selector = '']) =>
      [...selector.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => [name, label] as const),
    );
    expect(labels.filter(([name, label]) => !known.get(name)?.includes(label))).toEqual([]);
  });

  test('each leads to a heading of the runbooks', async () => {
    const page = await readFile(path.join(packageRoot(), 'docs/operations.md'), 'utf8');
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const wanted = (await rules()).map(({ annotations }) => annotations.runbook_url);
    expect(wanted.filter((url) => !anchors.some((anchor) => url === `docs/operations.md#${anchor}`))).toEqual([]);
  });
});

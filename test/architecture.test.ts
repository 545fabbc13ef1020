import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

interface Rule {
  readonly values: readonly string[];
  readonly types?: readonly string[];
  readonly packages: RegExp;
}
const messages = 'workflows/messages.ts';
const ports = 'activities/ports';
const failure = 'activities/ports/port-failure.ts';
const adapters = 'activities/adapters';
const wiring = 'workers/wiring.ts';
const fileData = 'workers/file-data.ts';
const addresses = 'workers/addresses.ts';
const settings = 'workers/settings-file.ts';
const receiver = 'clients/alert-receiver.ts';
const node = 'node:[a-z/]+';
const workflow = /^@temporalio\/(workflow|common)$/;
const product = /^(?!@temporalio\/testing$)/;
const client = /^(?!@temporalio\/(?!client$|common$|envconfig$)|@kubernetes\/)/;

/** Who may import whom; a path belongs to the longest entry holding it. `types` need `import type`. */
const RULES: Readonly<Record<string, Rule>> = {
  scorecards: { values: ['scorecards'], packages: /^(zod|yaml)$/ },
  workflows: { values: ['workflows', messages, 'scorecards'], types: ['activities', ports], packages: workflow },
  [messages]: { values: [], types: ['scorecards'], packages: workflow },
  // The door activity does update-with-start, hence messages and the client.
  activities: {
    values: ['activities', messages, failure, 'scorecards'],
    types: [ports],
    packages: new RegExp(`^(@temporalio/(activity|client|common)|zod|${node})$`),
  },
  [ports]: { values: [], types: [ports, failure, 'scorecards'], packages: /^$/ },
  [failure]: { values: [], packages: /^$/ },
  // Judging a finished job and naming an artifact is shared by every training backend.
  [adapters]: {
    values: [adapters, failure, 'activities', 'scorecards'],
    types: [ports],
    packages: /^(?!@temporalio\/)/,
  },
  workers: {
    values: [
      'workers',
      wiring,
      fileData,
      addresses,
      settings,
      receiver,
      messages,
      'activities',
      adapters,
      'scorecards',
      'infra',
    ],
    types: [ports, 'workflows'],
    packages: product,
  },
  [wiring]: {
    values: ['workers', fileData, addresses, settings, adapters, 'scorecards', 'infra'],
    types: [ports, 'activities'],
    packages: product,
  },
  [fileData]: { values: [adapters], types: [ports], packages: /^$/ },
  [addresses]: { values: [settings, 'infra', 'scorecards'], types: [settings], packages: product },
  [settings]: { values: ['scorecards'], packages: new RegExp(`^(yaml|zod|${node})$`) },
  // Offline commands call activities with wired ports; `stack` calls infra.
  clients: {
    values: [
      'clients',
      receiver,
      messages,
      'scorecards',
      'activities',
      failure,
      wiring,
      fileData,
      addresses,
      settings,
      'infra',
    ],
    types: ['workflows', ports],
    packages: client,
  },
  [receiver]: { values: ['activities', 'clients', 'scorecards'], packages: client },
  infra: { values: ['infra', 'scorecards'], packages: product },
  // Makes the reference pages from whatever they describe.
  'infra/docs': {
    values: ['infra/docs', 'infra', 'scorecards', 'activities', 'workflows', 'workers', 'clients'],
    packages: product,
  },
  // The public surface: its own files, the package, and the stack that the demo starts.
  examples: { values: ['examples', 'infra'], packages: /^(?!@temporalio\/)/ },
};

const IMPORT = /(?:^(?:import|export)\s+(type\s)?(?:[^'";]*\sfrom\s+)?|\bimport\()['"]([^'"]+)['"]/gm;

function zoneOf(path: string): string {
  const zones = Object.keys(RULES).filter((zone) => path === zone || path.startsWith(`${zone}/`));
  return zones.toSorted((a, b) => b.length - a.length)[0] ?? 'elsewhere';
}

function breaches(file: string, source: string): string[] {
  const rule = RULES[zoneOf(file)];
  if (!rule) throw new Error(`${file} lies in no folder that test/architecture.test.ts knows`);
  return [...source.matchAll(IMPORT)].flatMap(([, type, to = '']) => {
    const zones = [...rule.values, ...(type ? (rule.types ?? []) : [])];
    const allowed = to.startsWith('.') ? zones.includes(zoneOf(join(dirname(file), to))) : rule.packages.test(to);
    return allowed ? [] : [`${file} must not import ${to}`];
  });
}

const folders = Object.keys(RULES).filter((zone) => !zone.includes('/'));
const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

describe('architecture', () => {
  test('every room has sources', () => {
    expect(folders.filter((folder) => !sources.some((source) => source.startsWith(`${folder}/`)))).toEqual([]);
  });

  test('every file imports only what its room may', () => {
    expect(sources.flatMap((file) => breaches(file, readFileSync(file, 'utf8')))).toEqual([]);
  });

  test('TN4: the product imports no model library and loads no model', () => {
    const all = sources.filter((file) => !file.startsWith('examples/')).map((file) => readFileSync(file, 'utf8'));
    expect(all.filter((source) => /from '(onnxruntime|@tensorflow|lightgbm|xgboost|torch)/.test(source))).toEqual([]);
  });

  test.each([
    ['scorecards/a.ts', "import { readFileSync } from 'node:fs';"],
    ['scorecards/a.ts', "import { decideSignal } from '../workflows/messages.ts';"],
    ['workflows/a.ts', "import { createActivities } from '../activities/index.ts';"],
    ['workflows/a.ts', "import { randomUUID } from 'node:crypto';"],
    ['workflows/a.ts', "const { z } = await import('zod');"],
    ['workflows/messages.ts', "import { retrainModel } from './retrain-model.ts';"],
    ['activities/a.ts', "import { DuckDBInstance } from '@duckdb/node-api';"],
    ['activities/a.ts', "import {\n  retrain,\n} from '../workflows/retrain.ts';"],
    ['activities/a.ts', "import type { A } from './adapters/traefik-file/router.ts';"],
    ['activities/adapters/a.ts', "import { heartbeat } from '@temporalio/activity';"],
    ['workers/a.ts', "import { TestWorkflowEnvironment } from '@temporalio/testing';"],
    ['workers/a.ts', "import { retrainModel } from '../workflows/index.ts';"],
    ['clients/a.ts', "import { retrainModel } from '../workflows/retrain-model.ts';"],
    ['clients/a.ts', "import { readEnvironment } from '../workers/environment.ts';"],
    ['clients/a.ts', "import { Worker } from '@temporalio/worker';"],
    ['examples/a.ts', "import { judgeDrift } from '../scorecards/drift/judge.ts';"],
  ])('a breach planted in %s is found', (file, source) => {
    expect(breaches(file, source)).toHaveLength(1);
  });
});

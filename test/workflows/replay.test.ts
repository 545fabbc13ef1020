import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { workflowsPath } from '../../workers/queues.ts';
import * as workflows from '../../workflows/index.ts';
import '../quiet.ts';

const FOLDER = new URL('../histories/', import.meta.url);

interface Recorded {
  readonly name: string;
  readonly text: string;
}

/** Histories of runs that may still be going on somewhere: a change of the workflows must not break one. */
describe('the recorded histories', () => {
  let recorded: Recorded[];
  let workflowBundle: WorkflowBundleOption;

  beforeAll(async () => {
    const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
    recorded = await Promise.all(
      names.map(async (name) => ({ name, text: await readFile(new URL(name, FOLDER), 'utf8') })),
    );
    workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  }, 60_000);

  const replay = async (histories: readonly Recorded[]) => {
    const parsed = histories.map(({ name, text }) => ({ workflowId: name, history: JSON.parse(text) as unknown }));
    const results: { readonly name: string; readonly error: Error | undefined }[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, parsed))
      results.push({ name: workflowId, error });
    return results;
  };

  test('all replay with the workflows of today', async () => {
    const results = await replay(recorded);
    expect(results).toHaveLength(recorded.length);
    expect(results.filter(({ error }) => error)).toEqual([]);
  }, 60_000);

  test('hold at least one run of every workflow', () => {
    const types = recorded.map(typeOf);
    expect([...new Set(types)].toSorted()).toEqual(Object.keys(workflows).toSorted());
  });

  test('hold runs that still wait and runs that have ended', () => {
    const over = recorded.filter(({ text }) => text.includes('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED'));
    const waiting = recorded.filter((one) => !over.includes(one)).map(({ name }) => name);
    expect(waiting.toSorted()).toEqual(['batch-awaiting-approval.json', 'model-with-active-run.json']);
  });

  test.each([
    ['batch-promoted.json', 'measureDrift'],
    ['batch-awaiting-approval.json', 'openApproval'],
    ['model-with-active-run.json', 'recordDecision'],
    ['served-rolled-back-rollout.json', 'returnTraffic'],
  ])('%s with activity %s under another name is reported as a determinism violation', async (name, activity) => {
    const breached = recorded
      .filter((one) => one.name === name)
      .map(({ text }) => ({ name, text: text.replaceAll(`"name": "${activity}"`, '"name": "somethingElse"') }));
    const results = await replay(breached);
    expect(results).toEqual([{ name, error: expect.any(DeterminismViolationError) }]);
  });

  test('name no machine: no path but of the temporary folder of their own run', () => {
    const told = recorded.flatMap(({ name, text }) =>
      [text, ...payloadsIn(text)].flatMap((plain) =>
        [...plain.matchAll(/(?<![\w.:/])\/(?:work|root|home|Users|opt|usr|var|private)\/[^"\s]*/g)]
          .map(([path]) => path)
          .filter((path) => !path.includes('/understudy-world-'))
          .map((path) => `${name}: ${path}`),
      ),
    );
    expect(told).toEqual([]);
  });
});

function typeOf({ text }: Recorded): string {
  return /"workflowType": \{\s*"name": "(\w+)"/.exec(text)?.[1] ?? 'unknown';
}

/** What is written in base64. */
function payloadsIn(text: string): string[] {
  return [...text.matchAll(/"data": "(?<base64>[A-Za-z0-9+/=]+)"/g)].map(({ groups }) =>
    Buffer.from(groups?.['base64'] ?? '', 'base64').toString('utf8'),
  );
}

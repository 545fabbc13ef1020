import { expect, test } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowsPath } from '../workers/queues.ts';

test('the workflow bundle is small and holds no zod and no node built-in', async () => {
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  expect(code).not.toMatch(/node_modules\/zod/); // A built-in makes the bundling itself fail.
  expect(code.length).toBeLessThan(2_500_000);
}, 60_000);

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { stackDown } from '../../infra/stack/down.ts';
import type { ProcessIdentity } from '../../infra/stack/processes.ts';
import { readStack, type PartName, type StackState } from '../../infra/stack/state.ts';
import { stackUp, type StackUpOptions } from '../../infra/stack/up.ts';
import { settingsSchema } from '../../scorecards/settings.ts';
import { eventually } from '../eventually.ts';

/** Every port a free one. */
export const anyPorts = settingsSchema.parse({
  stack: { temporal: 0, temporalUi: 0, mlflow: 0, gateway: 0, gatewayMetrics: 0 },
  worker: { metricsPort: 0, webhookPort: 0 },
});

/** A state folder for one test, with a space in its name; `dispose` stops whatever stack still runs in it. */
export async function stackFolder() {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'understudy-stack-'));
  const stateDir = path.join(parent, 'the state');
  return {
    stateDir,
    up: async (parts: readonly PartName[], more: Partial<StackUpOptions> = {}): Promise<StackState> =>
      stackUp({ stateDir, settings: anyPorts, parts, ...more }),
    async dispose(): Promise<void> {
      await stackDown(stateDir);
      await rm(parent, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The process of a part as it is written down now. */
export function processOf(stateDir: string, name: PartName): ProcessIdentity {
  const { pid = 0, startTime = '' } = readStack(stateDir)?.parts[name] ?? {};
  return { pid, startTime };
}

/** Waits until something holds; the stack's own servers need a few seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(
    async () => holds(),
    (answer) => answer,
    60_000,
  );
}

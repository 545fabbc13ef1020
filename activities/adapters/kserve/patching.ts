import { PortFailure } from '../../ports/port-failure.ts';
import type { PatchOperation } from '../httproute/api.ts';
import type { KserveApi } from './api.ts';
import type { InferenceService } from './objects.ts';

/** How often a write is planned anew because the service changed between the look and the write; its controller writes too. */
const TRIES = 20;

/** Looks and writes until the write meets what was looked at. No operations mean that nothing is to be done. */
export async function patchUntilItFits(
  api: KserveApi,
  name: string,
  plan: () => Promise<readonly PatchOperation[]>,
): Promise<InferenceService | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const operations = await plan();
    if (operations.length === 0) return undefined;
    try {
      return await api.patch(name, operations);
    } catch (error) {
      if (!(error instanceof PortFailure) || error.code !== 'conflict' || attempt === TRIES) throw error;
    }
  }
}

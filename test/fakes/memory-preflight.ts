import type { Preflight, PreflightFinding } from '../../activities/ports/preflight.ts';

export interface MemoryPreflight extends Preflight {
  /** From now on this is in the way of every policy that uses the place. */
  obstruct(finding: PreflightFinding): void;
}

/** A cluster of which nothing is known but what stands in its way. Only trainings on kubernetes use it. */
export function createMemoryPreflight(): MemoryPreflight {
  let found: PreflightFinding = { name: 'cluster', state: 'ok', text: 'memory' };
  return {
    obstruct(finding) {
      found = finding;
    },
    look: async (policy) => (policy === undefined || policy.spec.training.backend === 'kubernetes' ? [found] : []),
  };
}

import { evidenceStoreContract } from '../contracts/evidence-store.ts';
import { createMemoryEvidence } from './memory-evidence.ts';

evidenceStoreContract('the evidence store in memory', async () => {
  const store = createMemoryEvidence();
  return { store, damage: async (sha256) => store.damage(sha256), dispose: () => store.dispose() };
});

import type { FileRef } from '../scorecards/vocabulary.ts';
import type { EvidenceStore } from './ports/evidence-store.ts';

/**
 * The file where this worker can read it. What the evidence store holds is asked of it: another worker may have written the file, it
 * may have been cleaned from the local cache, and one that was erased is called erased.
 */
export async function placedFile(evidence: EvidenceStore, file: FileRef): Promise<FileRef> {
  const { uri, sha256, bytes } = file;
  return uri === undefined ? file : { ...file, path: await evidence.place({ uri, sha256, bytes }) };
}

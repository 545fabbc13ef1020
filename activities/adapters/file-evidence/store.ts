import type { EvidenceRef } from '../../../scorecards/vocabulary.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Blobs } from './blobs.ts';
import type { Keys } from './keys.ts';
import type { Trees } from './trees.ts';

interface Parts {
  readonly blobs: Blobs;
  readonly keys: Keys;
  readonly trees: Trees;
}

/** Under this key stands why bytes are not there any more. */
const erasedKey = ({ sha256 }: EvidenceRef) => `erased/${sha256}`;

/** The one store that bodies by content, keys by name and placed artifacts make together. */
export function evidenceOf({ blobs, keys, trees }: Parts): EvidenceStore {
  /** What is not there may have been erased; then that is what is said. */
  async function unlessErased<T>(ref: EvidenceRef, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof PortFailure && error.code === 'not-found')) throw error;
      const why = await keys.recall(erasedKey(ref));
      if (why === undefined) throw error;
      const said = new TextDecoder().decode(await blobs.get(why));
      throw new PortFailure('data-erased', said, { cause: error, details: { sha256: ref.sha256 } });
    }
  }

  return {
    put: (body) => blobs.put(body),
    putFile: (path) => blobs.putFile(path),
    get: (ref) => unlessErased(ref, async () => blobs.get(ref)),
    place: (ref) => unlessErased(ref, async () => blobs.place(ref)),
    putTree: (directory, files) => trees.put(directory, files),
    placeTree: (manifest) => trees.place(manifest),
    // The reason first: whoever asks in between must not be told that nobody knows these bytes.
    erase: async (ref, why) => {
      await keys.remember(erasedKey(ref), await blobs.put(why));
      await blobs.remove(ref);
    },
    remember: (key, ref) => keys.remember(key, ref),
    recall: (key) => keys.recall(key),
    keys: (prefix) => keys.list(prefix),
  };
}

import type { EvidenceStore } from '../../ports/evidence-store.ts';
import type { Blobs } from './blobs.ts';
import type { Keys } from './keys.ts';
import type { Trees } from './trees.ts';

interface Parts {
  readonly blobs: Blobs;
  readonly keys: Keys;
  readonly trees: Trees;
}

/** The one store that bodies by content, keys by name and placed artifacts make together. */
export function evidenceOf({ blobs, keys, trees }: Parts): EvidenceStore {
  return {
    put: (body) => blobs.put(body),
    putFile: (path) => blobs.putFile(path),
    get: (ref) => blobs.get(ref),
    place: (ref) => blobs.place(ref),
    putTree: (directory, files) => trees.put(directory, files),
    placeTree: (manifest) => trees.place(manifest),
    remember: (key, ref) => keys.remember(key, ref),
    recall: (key) => keys.recall(key),
    keys: (prefix) => keys.list(prefix),
  };
}

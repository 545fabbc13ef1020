import { createDuckdbDataStore } from '../activities/adapters/duckdb/data-store.ts';
import type { DataStore } from '../activities/ports/data-store.ts';

/** Questions of rows alone, for commands that need no settings and no server; spills into `temporaryDirectory`. */
export function createFileData(temporaryDirectory: string): DataStore {
  return createDuckdbDataStore({ temporaryDirectory });
}

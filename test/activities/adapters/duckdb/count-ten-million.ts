import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDuckdbDataStore } from '../../../../activities/adapters/duckdb/data-store.ts';
import { inDuckdb } from '../../../lifecycle/data.ts';

/**
 * A process of its own, so that its memory can be capped and told: sketches a text column that has 10 M different values below a
 * folder, and prints what it counted and its peak in MB.
 */
const [folder = '', rows = ''] = process.argv.slice(2);
const file = join(folder, 'customers.parquet');
await inDuckdb((run) =>
  run(
    `copy (select 'customer-' || i as c from range(${rows}) t(i)) to '${file}' (format parquet, preserve_order false)`,
  ),
);
const store = createDuckdbDataStore({ temporaryDirectory: join(folder, 'spill') });
const bucket = { from: '2001-01-01T00:00:00Z', until: '2001-01-02T00:00:00Z' };
const partition = { dataset: 'observations', bucket, files: [{ path: file, bytes: 1 }] } as const;
const grid = { kind: 'categories', id: 'c', feature: 'c', known: ['customer-1', 'customer-2'] } as const;
const unwatched = { signal: new AbortController().signal, progress: () => undefined };
const sketch = (await store.sketch({ partition, grids: [grid] }, unwatched)).get('c');
await rm(file);
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ rows: sketch?.rows, beyond: sketch?.beyond, peakMb }));

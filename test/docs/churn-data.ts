import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const DAY_MS = 86_400_000;

/**
 * Customers by day up to yesterday, labels beside them, as a small team would have it: who visits less leaves more often.
 * Columns: customer, at, visits, spend, churned, known_at.
 */
export async function writeChurn(
  folder: string,
  { days, rowsADay }: { readonly days: number; readonly rowsADay: number },
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  for (let ago = days; ago >= 1; ago -= 1) {
    const day = new Date(today - ago * DAY_MS).toISOString().slice(0, 10);
    const into = path.join(folder, `day=${day}`);
    await mkdir(into, { recursive: true });
    await connection.run(`copy (
      with drawn as (
        select '${day}-' || i as customer, timestamp '${day}' + to_seconds((i * 86399 // ${rowsADay})::bigint) as "at",
               (hash('visits ${day}' || i) % 2000) / 1000.0 as visits, (hash('spend ${day}' || i) % 10000) / 100.0 as spend,
               (hash('luck ${day}' || i) % 1000) / 1000.0 as luck
        from range(${rowsADay}) t(i))
      select customer, "at", visits, spend, (luck < 1 / (1 + exp(2 * visits - 1)))::int as churned,
             "at" + interval 1 hour as known_at
      from drawn order by customer) to '${into}/part.parquet' (format parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
}

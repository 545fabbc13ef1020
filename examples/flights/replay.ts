import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Features as the model's tensors name them; the two airports are text. */
const FEATURES = ['origin_late', 'network_late', 'hour', 'distance', 'weekday', 'origin', 'destination'] as const;
const TEXT: ReadonlySet<string> = new Set(['origin', 'destination']);
const WEEK = 7;

export interface ReplayedFlight {
  readonly flight: string;
  /** The `inputs` of an Open Inference v2 request, as JSON text. */
  readonly inputs: string;
}

/**
 * Flights observed in the seven days after `asOf`, at most `limit`, shuffled: a few seconds of traffic then look like the
 * week and not like its first night. The order is the same in every run.
 * @throws Error when the data end before `asOf`.
 */
export async function flightsAfter(asOf: string, data: string, limit: number): Promise<readonly ReplayedFlight[]> {
  const from = new Date(asOf);
  if (Number.isNaN(from.getTime())) throw new Error(`asOf is ${asOf}; expected a date such as 2001-04-30T06:00:00Z`);
  const until = new Date(from.getTime() + WEEK * 86_400_000);
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `select flight, ${FEATURES.join(', ')} from read_parquet($files)
       where date >= $from::timestamp and date < $until::timestamp order by md5(flight) limit ${Math.floor(limit)}`,
      { files: join(data, 'observations', 'day=*', '*.parquet'), from: timestamp(from), until: timestamp(until) },
    );
    const rows = reader.getRowObjectsJson() as Record<string, string | number>[];
    if (rows.length === 0)
      throw new Error(`no flights from ${asOf} on in ${data}; build the data or choose an earlier asOf`);
    return rows.map((row) => ({
      flight: `${row['flight']}`,
      inputs: JSON.stringify(
        FEATURES.map((name) => ({
          name,
          shape: [1, 1],
          datatype: TEXT.has(name) ? 'BYTES' : 'FP64',
          data: [row[name]],
        })),
      ),
    }));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function timestamp(moment: Date): string {
  return moment.toISOString().replace('Z', '');
}

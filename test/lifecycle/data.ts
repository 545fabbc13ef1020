import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Small, exact data in day partitions: a feature x on which the label depends, a slice g, and labels known an hour later. */
export interface DayPlan {
  readonly day: string;
  readonly rows: number;
  /** Added to x: the world moves. */
  readonly shift?: number;
}

export function daysFrom(first: string, count: number, rows: number, shiftFrom = Infinity): DayPlan[] {
  return Array.from({ length: count }, (_, index) => ({
    day: new Date(Date.parse(first) + index * 86_400_000).toISOString().slice(0, 10),
    rows,
    shift: index >= shiftFrom ? 3 : 0,
  }));
}

export async function writeDays(folder: string, days: readonly DayPlan[]): Promise<void> {
  await inDuckdb(async (run) => {
    for (const { day, rows, shift = 0 } of days) {
      const observations = join(folder, 'data', 'observations', `day=${day}`);
      const labels = join(folder, 'data', 'labels', `day=${day}`);
      await Promise.all([mkdir(observations, { recursive: true }), mkdir(labels, { recursive: true })]);
      await run(`create or replace table d as
        select '${day}-' || i as id, timestamp '${day}' + to_seconds((i * 86399 // ${rows})::bigint) as seen,
               (hash('${day}' || i) % 2000) / 1000.0 - 1 + ${shift} as x, case when i % 3 = 0 then 'a' else 'b' end as g,
               (hash(i || '${day}' || 'noise') % 1000) / 1000.0 as u
        from range(${rows}) t(i)`);
      await run(`copy (select id, seen, x, g from d order by id) to '${observations}/p.parquet' (format parquet)`);
      await run(`copy (select id, (u < 1 / (1 + exp(-3 * (x - ${shift}))))::int as y, seen + interval 1 hour as known_at from d order by id)
        to '${labels}/p.parquet' (format parquet)`);
    }
  });
}

/** One of three classes: `red` where that holds, else one that the id tells. */
const CLASS = (isRed: string) => `case when ${isRed} then 'red' when hash(id) % 2 = 0 then 'green' else 'blue' end`;

/** Turns labels of 0 and 1 into those of three classes, of which the two last come from 0. */
export async function nameClasses(folder: string, days: readonly DayPlan[]): Promise<void> {
  await inDuckdb(async (run) => {
    for (const { day } of days) {
      const file = join(folder, 'data', 'labels', `day=${day}`, 'p.parquet');
      await run(
        `create or replace table named as select id, ${CLASS('y = 1')} as y, known_at from read_parquet('${file}')`,
      );
      await run(`copy named to '${file}' (format parquet)`);
    }
  });
}

/** What a model of this quality predicts for the rows of a file: `good` knows x, `poor` guesses, `broken` answers one score, `naming` names a class. */
export async function predictFile(rows: string, into: string, quality: string): Promise<number> {
  const answers = {
    good: '1 / (1 + exp(-3 * x)) as score',
    poor: '(hash(id) % 1000) / 1000.0 as score',
    naming: `${CLASS('x > 0')} as class`,
  };
  const answer = Object.entries(answers).find(([name]) => name === quality)?.[1] ?? '0.5 as score';
  return inDuckdb(async (run) => {
    await run(`copy (select id, ${answer} from read_parquet('${rows}') order by id) to '${into}' (format parquet)`);
    const [row] = await run(`select count(*)::int as n from read_parquet('${into}')`);
    return Number(row?.['n']);
  });
}

export interface Answered {
  readonly log: string;
  readonly at: Date;
  /** Requests q-0 … q-(count-1); even ones score high, odd ones low. */
  readonly count: number;
  /** The first so many score the other way round. */
  readonly turned?: number;
  /** JSON of what each request was given; `%` stands for its number. */
  readonly inputs?: string;
}

/** One file of a serving log, all answered in one moment. */
export async function writeServingLog({ log, at, count, inputs = '{}', turned = 0 }: Answered): Promise<void> {
  const time = at.toISOString();
  const folder = join(log, `day=${time.slice(0, 10)}`);
  await mkdir(folder, { recursive: true });
  await inDuckdb((run) =>
    run(`copy (select 'q-' || i as id, timestamp '${time.replace('Z', '')}' as time, '1' as model_version, 200 as status,
        case when (i % 2 = 0) = (i >= ${turned}) then 0.99 else 0.01 end as score, replace('${inputs}', '%', i::varchar) as inputs from range(${count}) t(i))
      to '${join(folder, `${at.getTime()}.parquet`)}' (format parquet)`),
  );
}

type Run = (sql: string) => Promise<Record<string, unknown>[]>;

export async function inDuckdb<T>(work: (run: Run) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    return await work(
      async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[],
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { DataStore, SnapshotRequest, Work } from '../../../activities/ports/data-store.ts';
import { checks } from '../../../scorecards/policy/sections-checks.ts';
import type { FileRef, Span } from '../../../scorecards/vocabulary.ts';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** A data store and the folder that its questions are about. */
export interface World {
  readonly store: DataStore;
  readonly folder: string;
  /** Runs SQL and returns its rows as plain JSON; how tests make and look at Parquet files. */
  sql(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Writes the rows of a SELECT as one Parquet file, its directories included; returns the path. */
  write(name: string, select: string): Promise<string>;
  dispose(): Promise<void>;
}

export async function createWorld(make: (temporaryDirectory: string) => DataStore): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'data-store-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return {
    store: make(join(folder, 'spill')),
    folder,
    sql: (statement) => rowsOf(connection, statement),
    async write(name, select) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
      return path;
    },
    async dispose() {
      connection.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function rowsOf(connection: DuckDBConnection, statement: string) {
  return (await connection.runAndReadAll(statement)).getRowObjectsJson() as Readonly<Record<string, unknown>>[];
}

/** The day `index` days after 2024-01-01. */
export const dayOf = (index: number): string => new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10);
export const midnight = (index: number): string => `${dayOf(index)}T00:00:00.000Z`;
export const days = (from: number, until: number): Span => ({ from: midnight(from), until: midnight(until) });

/** 24 observations of one day, one an hour: an id, a number, a category and a whole number; the label is known an hour later. */
export function observations(
  index: number,
  columns = "i / 7e0 AS amount, 'c' || i % 3 AS colour, i::INTEGER AS hour",
): string {
  return `SELECT '${dayOf(index)}/' || i AS id, TIMESTAMP '${dayOf(index)}' + to_hours(i) AS seen, ${columns} FROM range(24) t(i)`;
}

export function labels(index: number, late = 'to_hours(1)'): string {
  return `SELECT '${dayOf(index)}/' || i AS id, (i % 4 = 0)::INTEGER AS y,
                 TIMESTAMP '${dayOf(index)}' + to_hours(i) + ${late} AS known_at FROM range(24) t(i)`;
}

export const observationFile = (index: number): string => `observations/day=${dayOf(index)}/data.parquet`;
export const labelFile = (index: number): string => `labels/day=${dayOf(index)}/data.parquet`;

/** Observations and labels of `count` days. */
export async function writeDays(world: World, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await world.write(observationFile(index), observations(index));
    await world.write(labelFile(index), labels(index));
  }
}

/** Work that nobody watches. */
export const unwatched: Work = { signal: new AbortController().signal, progress: () => undefined };

/** Ten days before `asOf`: three to judge, seven to learn from. */
export function snapshotRequest(folder: string, more: Partial<SnapshotRequest> = {}): SnapshotRequest {
  return {
    data: {
      observations: { path: 'observations/day=*/*.parquet', time: 'seen', id: 'id' },
      labels: { path: 'labels/day=*/*.parquet', id: 'id', label: 'y', availableAt: 'known_at', maturity: 2 * HOUR },
      slices: ['colour'],
      clusterBy: null,
    },
    dataset: {
      train: 7 * DAY,
      atLeast: 4 * DAY,
      holdout: 3 * DAY,
      checks: { ...checks.parse({}), minRows: 50 },
    },
    features: ['amount', 'hour'],
    asOf: `${dayOf(10)}T06:00:00Z`,
    bucketMs: DAY,
    folder,
    into: join(folder, 'snapshot'),
    bootstrap: false,
    ...more,
  };
}

/** The snapshot of `world`, asked for as {@link snapshotRequest} does. */
export const take = (world: World, more: Partial<SnapshotRequest> = {}) =>
  world.store.snapshot(snapshotRequest(world.folder, more), unwatched);

/** The rows of the Parquet file `path`. */
export const read = (world: World, path: string, select = '*') => world.sql(`SELECT ${select} FROM '${path}'`);

export async function refOf(path: string, name = 'file.parquet'): Promise<FileRef> {
  const content = await readFile(path);
  return { name, path, bytes: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') };
}

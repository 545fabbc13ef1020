import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DataStore, Work } from '../../activities/ports/data-store.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import { compareSides } from '../../scorecards/drift/compare.ts';
import { sumOnGrid } from '../../scorecards/drift/common-grid.ts';
import type { Grid, Partition, Sketch } from '../../scorecards/drift/sketch.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { dataFilesNamedBy } from '../files-named-by.ts';
import { comparedColumns } from './compared-columns.ts';
import type { LeftOut } from './compared-columns.ts';
import { compareCriteria } from './compare-rules.ts';
import type { CompareRules } from './compare-rules.ts';
import { concludeComparison } from './comparison.ts';
import type { Comparison, Part } from './comparison.ts';

export interface CompareRequest {
  /** Globs, files or folders. */
  readonly baseline: string;
  readonly current: string;
  /** Absent: every column of both sides that can be compared. */
  readonly features?: readonly string[];
  readonly rules: CompareRules;
  /** A directory of this comparison alone, for CSV files read as Parquet. */
  readonly scratch: string;
}

/** More files are counted as one: a trend over so many points is none. */
const MOST_PARTS = 60;
const MOSTLY_UNIQUE = 0.9;

/** Compares two sets of files: grids from the baseline, both sides counted on them, judged by the rules of a window. */
export async function compareFiles(data: DataStore, request: CompareRequest, work: Work): Promise<Comparison> {
  const named = {
    baseline: await filesOf(request.baseline, 'baseline'),
    current: await filesOf(request.current, 'current'),
  };
  const before = await read(data, named.baseline, { into: path.join(request.scratch, 'baseline'), like: [] }, work);
  const now = await read(
    data,
    named.current,
    { into: path.join(request.scratch, 'current'), like: before.columns },
    work,
  );
  const { columns, leftOut } = comparedColumns(before.columns, now.columns, request.features);
  const grids = await data.freezeGrids(
    {
      files: before.files.map((file) => file.path),
      columns: columns.flatMap(({ name, baseline }) => (baseline ? [{ name, type: baseline.as }] : [])),
    },
    work,
  );
  const baseline = await sketchOf(data, before.files, grids, work);
  const parts = await sketchParts(data, now, grids, work);
  await Promise.all([...named.baseline, ...named.current].map(refuseChanged));
  const current = new Map(
    grids.flatMap((grid): [string, Sketch][] => {
      const known = parts.filter(({ sketches }) => sketches.has(grid.feature));
      const some = parts.map(({ sketches }) => sketches.get(grid.feature) ?? nothingOf(grid, rowsIn(sketches)));
      return known.length === 0 ? [] : [[grid.feature, sumOnGrid(grid, some)]];
    }),
  );
  const rows = { baseline: rowsIn(baseline), current: rowsIn(current) };
  const criteria = compareCriteria(request.rules, columns, baseline);
  const identifiers = columns.filter(({ name }) => request.features === undefined && isIdentifier(baseline.get(name)));
  const kept = columns.filter((column) => !identifiers.includes(column));
  const sides = {
    criteria: criteria.filter(({ column }) => kept.some(({ name }) => name === column)),
    columns: kept,
    grids,
    baseline,
    current,
    rows,
  };
  return concludeComparison({
    sides,
    findings: compareSides(sides),
    share: request.rules.share,
    parts,
    files: { baseline: before.files.length, current: now.files.length },
    leftOut: [
      ...leftOut,
      ...identifiers.map(({ name }): LeftOut => ({ column: name, why: 'nearly every value occurs once' })),
    ],
  });
}

interface NamedFile {
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
}

async function filesOf(pattern: string, side: string): Promise<readonly NamedFile[]> {
  const found = await dataFilesNamedBy(pattern);
  const next = 'name a file, a folder or a glob in quotes, such as "data/day=2001-05-*/*.parquet"';
  if (found.length === 0)
    throw new CliFailure(EXIT.notFound, `no file matches ${pattern} (${side}, ${path.resolve(pattern)})`, next);
  return Promise.all(
    found.map(async (file) => {
      const { mtimeMs, size } = await stat(file);
      return { path: file, bytes: size, modified: mtimeMs };
    }),
  );
}

async function refuseChanged({ bytes, modified, path: file }: NamedFile): Promise<void> {
  const now = await stat(file).catch(() => undefined);
  if (now?.size === bytes && now.mtimeMs === modified) return;
  throw new PortFailure('data-changed', `${file} changed while it was read; nothing was compared`, {
    details: { file },
  });
}

interface Side {
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly name: string }[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

async function read(
  data: DataStore,
  named: readonly NamedFile[],
  as: { readonly into: string; readonly like: Side['columns'] },
  work: Work,
): Promise<Side> {
  const csv = named.filter(({ path: file }) => /\.(csv|tsv)(\.gz)?$/i.test(file)).map((file) => file.path);
  if (csv.length > 0) await mkdir(as.into, { recursive: true });
  const written = csv.length === 0 ? [] : await data.importCsv({ files: csv, ...as }, work);
  const files = named.map(({ bytes, path: file }) => ({ path: written[csv.indexOf(file)] ?? file, bytes, name: file }));
  return { files, columns: await data.columns(files.map((file) => file.path)) };
}

async function sketchOf(
  data: DataStore,
  files: Side['files'],
  grids: readonly Grid[],
  work: Work,
): Promise<ReadonlyMap<string, Sketch>> {
  const bucket = { from: '1970-01-01T00:00:00.000Z', until: '1970-01-02T00:00:00.000Z' };
  const partition: Partition = { dataset: 'training', bucket, files };
  return data.sketch({ partition, grids }, work);
}

/** Each file by itself, for the trend; sums of sketches are exact, so nothing is counted twice. */
async function sketchParts(
  data: DataStore,
  { files }: Side,
  grids: readonly Grid[],
  work: Work,
): Promise<readonly Part[]> {
  if (files.length > MOST_PARTS) return [{ name: 'all files', sketches: await sketchOf(data, files, grids, work) }];
  const parts: Part[] = [];
  for (const [index, file] of files.entries()) {
    const part: Work = {
      signal: work.signal,
      progress: () => work.progress('counting current files', index, files.length),
    };
    parts.push({
      name: dayIn(file.name) ?? path.basename(file.name),
      sketches: await sketchOf(data, [file], grids, part),
    });
  }
  return parts;
}

const dayIn = (file: string): string | undefined => /day=(\d{4}-\d{2}-\d{2})/.exec(file)?.[1];

/** What a file counts for that lacks a column which others have: its rows are there, their values are not. */
const nothingOf = ({ id }: Grid, rows: number): Sketch => ({
  grid: id,
  rows,
  nulls: rows,
  nonFinite: 0,
  keys: [],
  counts: [],
  other: 0,
});

const rowsIn = (sketches: ReadonlyMap<string, Sketch>): number =>
  Math.max(0, ...[...sketches.values()].map(({ rows }) => rows));

/** A text that hardly ever says the same twice names a row: every new one would look like drift. */
function isIdentifier(sketch: Sketch | undefined): boolean {
  if (!sketch || sketch.rows < 100 || !sketch.keys.some((key) => typeof key === 'string')) return false;
  const values = sketch.rows - sketch.nulls;
  return values > 0 && sketch.keys.length + (sketch.beyond?.atLeast ?? 0) >= MOSTLY_UNIQUE * values;
}

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { putJson } from '../../activities/context.ts';
import { judgeWindows } from '../../activities/drift-check.ts';
import { frozenGrids } from '../../activities/grids.ts';
import { sumDays } from '../../activities/sketching.ts';
import type { Baseline } from '../../scorecards/drift/baseline.ts';
import type { DriftFinding } from '../../scorecards/drift/verdict.ts';
import type { Champion } from '../../scorecards/run.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { inDuckdb } from '../lifecycle/data.ts';
import { applied } from '../lifecycle/policies.ts';
import { present } from '../present.ts';

export const BASELINE = { from: '2001-01-01T00:00:00.000Z', until: '2001-01-03T00:00:00.000Z' };
export const WINDOW = { from: '2001-01-03T00:00:00.000Z', until: '2001-01-05T00:00:00.000Z' };
type Features = NonNullable<PolicyInput['spec']['data']['features']>;

/** Two days of baseline and a window of two days, as real Parquet files that DuckDB reads; evidence in memory. */
export async function createDriftWorld(features: Features = [{ name: 'x', type: 'continuous' }]) {
  const folder = await mkdtemp(join(tmpdir(), 'drift-world-'));
  const evidence = createMemoryEvidence();
  const data = createDuckdbDataStore({ temporaryDirectory: join(folder, 'spill'), threads: 1 });
  const ports = { data, evidence };
  const bare = applied('moved', folder);
  const { labels, observations } = bare.policy.spec.data;
  const policy = applied('moved', folder, {
    data: { observations, labels: { ...labels, maturity: '0s' }, features: [...features] },
  });
  const fileOf = (day: string, name = 'p') => join(folder, 'data/observations', `day=${day}`, `${name}.parquet`);

  /** Writes a day: `id`, `seen` at noon and what the selection adds from `i`, over so many rows. */
  async function write(day: string, rows: number, columns: string, name?: string): Promise<string> {
    const file = fileOf(day, name);
    await mkdir(join(file, '..'), { recursive: true });
    await inDuckdb((run) =>
      run(`copy (select '${day}-' || i as id, timestamp '${day} 12:00:00' as seen, ${columns} from range(${rows}) t(i))
           to '${file}' (format parquet)`),
    );
    return file;
  }

  async function baseline(): Promise<Baseline> {
    const path = join(folder, 'data/observations/day=*/*.parquet');
    const days = await data.partitions({ dataset: 'observations', path, span: BASELINE, bucketMs: 86_400_000 });
    const files = days.flatMap((day) => day.files.map((file) => file.path));
    const columns = present(policy.policy.spec.data.features).map(({ name, type }) => ({ name, type }));
    const grids = await frozenGrids(ports, { model: 'moved', files, columns }, unwatched);
    const sketches = Object.fromEntries(await sumDays(ports, { days, grids, time: 'seen' }, unwatched));
    const rows = Math.max(0, ...Object.values(sketches).map((sketch) => sketch.rows));
    return { schemaVersion: 1, span: BASELINE, grids, sketches, columns: await data.columns(files), rows };
  }

  return {
    folder,
    ports,
    applied: policy,
    fileOf,
    write,
    baseline,
    /** A champion whose run record names this baseline. */
    async champion(): Promise<Champion> {
      const record = await putJson(evidence, { baseline: await putJson(evidence, await baseline()) });
      return { version: '1', digest: 'd', record };
    },
    /** The window against the baseline. */
    async judge() {
      const against = { applied: policy, baseline: await baseline() };
      return present((await judgeWindows(ports, against, [WINDOW], unwatched))[0]);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export type DriftWorld = Awaited<ReturnType<typeof createDriftWorld>>;

/** What was said about the distances of one column. */
export const distancesOf = (findings: readonly DriftFinding[], column: string) =>
  findings.filter(
    ({ criterion }) => criterion.column === column && ['ks', 'psi', 'cramersV'].includes(criterion.metric),
  );

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createBaseline } from '../../activities/baseline.ts';
import { getJson, putJson } from '../../activities/context.ts';
import { createDataChecks } from '../../activities/data-checks.ts';
import { createDataset } from '../../activities/dataset.ts';
import { judgeWindows } from '../../activities/drift-check.ts';
import { createSkew } from '../../activities/skew.ts';
import type { Baseline } from '../../scorecards/drift/baseline.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import type { Champion } from '../../scorecards/run.ts';
import type { Span } from '../../scorecards/vocabulary.ts';
import { createTelemetry } from '../../workers/telemetry.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { daysFrom, inDuckdb, writeDays } from '../lifecycle/data.ts';
import { applied } from '../lifecycle/policies.ts';
import { present } from '../present.ts';

const AS_OF = '2001-01-10T06:00:00Z';

/** Twelve days of real files, the real store, and the dataset stage's own activities. */
export async function createCheckedWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'checked-'));
  const data = createDuckdbDataStore({ temporaryDirectory: join(folder, 'tmp'), threads: 1 });
  const evidence = createMemoryEvidence();
  const ports = { data, evidence };
  await writeDays(folder, daysFrom('2000-12-29', 12, 200));
  const settings = { datasets: join(folder, 'datasets') };
  const telemetry = createTelemetry();
  let runs = 0;
  const contextOf = async (change: Partial<PolicyInput['spec']>) => ({
    run: `retrain/checked/${(runs += 1)}`,
    model: 'checked',
    asOf: AS_OF,
    folder,
    generation: 1,
    applied: await putJson(evidence, applied('checked', folder, change)),
    bootstrap: false,
  });
  return {
    folder,
    evidence,
    telemetry,
    fileOf: (day: string) => join(folder, 'data', 'observations', `day=${day}`, 'p.parquet'),
    /** Writes a day's observations (or labels) again as this selection from `day`. */
    async rewrite(day: string, selection: string, dataset = 'observations'): Promise<void> {
      const file = join(folder, 'data', dataset, `day=${day}`, 'p.parquet');
      await inDuckdb(async (run) => {
        await run(`create table day as select * from read_parquet('${file}', hive_partitioning = false)`);
        await run(`copy (${selection}) to '${file}' (format parquet)`);
      });
    },
    /** A champion that was trained on the data as they are now. */
    async champion(change: Partial<PolicyInput['spec']> = {}): Promise<Champion> {
      const dataset = await createDataset(ports, settings).buildDataset({ context: await contextOf(change) });
      return {
        version: '1',
        digest: '0'.repeat(64),
        record: await putJson(evidence, { data: { manifest: dataset.manifest } }),
      };
    },
    /** Takes a snapshot under the policy and checks it. */
    async check(change: Partial<PolicyInput['spec']> = {}, champion?: Champion) {
      const context = await contextOf(change);
      const dataset = await createDataset(ports, settings).buildDataset({ context });
      return createDataChecks(ports, telemetry).checkDataset({ context, dataset, ...(champion ? { champion } : {}) });
    },
    /**
     * Counts a baseline under the policy, then holds a serving log of one file, whose rows the selection makes, against it.
     * `between` happens once both are there.
     */
    async skew(
      selection: string,
      change: Partial<PolicyInput['spec']> = {},
      between: () => Promise<void> = async () => undefined,
    ) {
      const context = await contextOf(change);
      const dataset = await createDataset(ports, settings).buildDataset({ context });
      const baseline = await createBaseline(ports).buildBaseline({ context, dataset });
      const log = join(folder, `log-${runs}`);
      const since = new Date(Date.now() - 3_600_000).toISOString();
      const day = join(log, `day=${since.slice(0, 10)}`);
      await mkdir(day, { recursive: true });
      await inDuckdb(async (run) => {
        const observations = join(folder, 'data/observations/*/*.parquet');
        await run(`create table o as select * from read_parquet('${observations}', hive_partitioning = false)`);
        await run(`copy (select id, timestamp '${since.replace('Z', '')}' as time, '2' as model_version, 200 as status,
            0.5::double as score, to_json(doc)::varchar as inputs from (${selection})) to '${day}/a.parquet' (format parquet)`);
      });
      await between();
      return createSkew(ports, settings, telemetry).judgeSkew({ context, baseline, log, since });
    },
    /** A baseline of the days before `asOf`, and what one window says against it. */
    async window(asOf: string, window: Span) {
      const context = { ...(await contextOf({})), asOf };
      const dataset = await createDataset(ports, settings).buildDataset({ context });
      const ref = await createBaseline(ports).buildBaseline({ context, dataset });
      const against = { applied: applied('checked', folder), baseline: await getJson<Baseline>(evidence, ref) };
      const [judged] = await judgeWindows(ports, against, [window], unwatched);
      return present(judged);
    },
    async dispose(): Promise<void> {
      await evidence.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `spec.dataset` of the lifecycle's policy with these checks besides. */
export const withChecks = (
  checks: NonNullable<NonNullable<PolicyInput['spec']['dataset']>['checks']>,
): Partial<PolicyInput['spec']> => ({
  dataset: { train: '10d', atLeast: '3d', holdout: '2d', checks: { minRows: 100, ...checks } },
});

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckdbDataStore } from '../../../activities/adapters/duckdb/data-store.ts';
import { getJson, putJson } from '../../../activities/context.ts';
import type { Dataset } from '../../../activities/dataset.ts';
import type { JudgeInput } from '../../../activities/judge-input.ts';
import { createScorecard } from '../../../activities/scorecard.ts';
import type { KeptVerdict, ScorecardResult } from '../../../activities/scorecard.ts';
import { scorecardSchema } from '../../../scorecards/scorecard-schema.ts';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import { createMemoryRegistry } from '../../fakes/memory-registry.ts';
import { createMemoryTraining } from '../../fakes/memory-training.ts';
import { createMemoryEvidence } from '../../fakes/memory-evidence.ts';
import { inDuckdb } from '../../lifecycle/data.ts';
import { applied } from '../../lifecycle/policies.ts';

const ROWS = 14_000;
/** Both know x; the challenger errs less but for `slice=3`, of which it knows nothing. */
const CHALLENGER = 'case when g = 3 then 0.2 + 0.3 * u2 else 1 / (1 + exp(-3.2 * (x + 0.1 * u1))) end';
const LABEL = '(u3 < 1 / (1 + exp(-3.4 * x)))::int';
const CHAMPION = '1 / (1 + exp(-2.2 * (x + 0.55 * u1)))';

export const CRITERIA: readonly object[] = [
  {
    name: 'missed delays cost',
    group: 'business',
    metric: 'cost',
    falseNegative: 5,
    falsePositive: 1,
    versusChampion: { noWorseBy: '2%' },
  },
  { name: 'ranking', group: 'quality', metric: 'auc', atLeast: 0.66, versusChampion: { noWorseBy: 0.002 } },
  { name: 'calibration', group: 'quality', metric: 'ece', atMost: 0.02 },
  {
    name: 'recall per slice',
    group: 'quality',
    metric: 'recall',
    by: 'slice',
    versusChampion: { noWorseBy: 0.08 },
    minimum: 50,
  },
  { name: 'precision per slice', group: 'quality', metric: 'precision', by: 'slice', atLeast: 0.4, minimum: 100 },
  {
    name: 'tail latency',
    group: 'latency',
    metric: 'p99',
    atMost: '60ms',
    versusChampion: { noWorseBy: '20ms' },
    judge: 'point',
  },
  { name: 'artifact', group: 'size', metric: 'bytes', atMost: '50MB' },
  { name: 'parity', group: 'fairness', metric: 'equalizedOdds', by: 'band', atMost: 0.45 },
];

/** A holdout in slices, a champion, a challenger that fails one slice, a load run: judged by the stage itself. */
export async function judgeWorld({
  criteria = CRITERIA,
  slices = 7,
  bootstrap = false,
  task = 'classification',
  label = LABEL,
  challenger = CHALLENGER,
} = {}): Promise<{
  readonly kept: KeptVerdict;
  readonly summary: ScorecardResult;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'judged-world-'));
  const evidence = createMemoryEvidence();
  const data = createDuckdbDataStore({ temporaryDirectory: join(folder, 'tmp'), threads: 1 });
  const rows = `(select i, i % ${slices} as g, (hash(i) % 2000) / 1000.0 - 1 as x, (hash(i || 'a') % 2000) / 1000.0 - 1 as u1,
    (hash(i || 'b') % 1000) / 1000.0 as u2, (hash(i || 'c') % 1000) / 1000.0 as u3 from range(${ROWS}) t(i))`;
  const write = async (name: string, select: string): Promise<FileRef> => {
    const path = join(folder, `${name}.parquet`);
    await inDuckdb((run) =>
      run(`copy (select i as id, ${select} from ${rows} order by i) to '${path}' (format parquet)`),
    );
    const content = await readFile(path);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { name, path, bytes: content.byteLength, sha256, rows: ROWS };
  };
  const bands = "case when x < -0.3 then 'short' when x < 0.4 then 'middle' else 'long' end";
  const scorecard = scorecardSchema.parse({
    apiVersion: 'understudy/v1',
    kind: 'Scorecard',
    metadata: { name: 'test' },
    spec: { task, operatingPoint: { top: '40%' }, signedOffBy: ['lead@operations.example'], criteria },
  });
  const predictions = async (name: string, score: string) => ({
    file: await write(name, `${score} as score`),
    seconds: 1,
  });
  const milliseconds = (base: number, long: number) =>
    Array.from({ length: 500 }, (_, index) => base + 6 * Math.abs(Math.sin(index)) + (index % 40 === 0 ? long : 0));
  const champion = bootstrap ? {} : { champion: await predictions('champion', CHAMPION) };
  const input: JudgeInput = {
    context: {
      run: 'retrain/flights-late/20260601T060000Z-check',
      model: 'flights-late',
      asOf: '2026-06-01T06:00:00.000Z',
      folder,
      generation: 1,
      applied: await putJson(evidence, { ...applied('flights-late', folder), scorecard }),
      bootstrap,
    },
    dataset: {
      digest: 's',
      holdout: await write(
        'holdout',
        `g as slice, ${bands} as band, timestamp '2026-05-03' + to_minutes(i * 40320 // ${ROWS}) as seen`,
      ),
      holdoutLabels: await write('labels', `${label} as y, timestamp '2026-05-31' as known_at`),
      features: ['slice'],
      holdoutSpan: { from: '2026-05-03T00:00:00.000Z', until: '2026-05-31T00:00:00.000Z' },
    } as unknown as Dataset,
    candidate: { digest: 'd', bytes: 12_345_678 } as JudgeInput['candidate'],
    predictions: { challenger: await predictions('challenger', challenger), ...champion },
    latency: await putJson(evidence, {
      load: { rate: 100, for: 5000 },
      challenger: { latenciesMs: milliseconds(9, 56), failed: 0 },
      ...(bootstrap ? {} : { champion: { latenciesMs: milliseconds(8, 12), failed: 0 } }),
    }),
    ...(bootstrap ? {} : { championRecord: await putJson(evidence, { artifact: { bytes: 9_876_543 } }) }),
  };
  const registry = createMemoryRegistry();
  const training = createMemoryTraining({ root: folder, play: () => ({ does: 'vanishes' }) });
  const summary = await createScorecard({ data, evidence, registry, training }, { checkpoints: folder }).judgeScorecard(
    input,
  );
  const kept = await getJson<KeptVerdict>(evidence, summary.result);
  await evidence.dispose();
  await rm(folder, { recursive: true, force: true });
  return { kept, summary };
}

import type { DriftFinding } from '../scorecards/drift/verdict.ts';
import { millisecondsOf } from '../scorecards/drift/windows.ts';
import { judgeDivergence } from '../scorecards/performance/divergence.ts';
import type { KpiRule } from '../scorecards/performance/divergence.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { isWithin } from './champions-data.ts';
import type { ChampionsData } from './champions-data.ts';
import { getJson, putJson } from './context.ts';
import type { Ports } from './context.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import type { BucketSums } from './ports/score-questions.ts';

type Stores = Pick<Ports, 'data' | 'evidence'>;

const CODE_VERSION = 1;

/** Judges the policy's KPI on each labelled window, beside what the labels say of it; nothing where no KPI is declared. */
export async function judgeKpi(
  ports: Stores,
  of: ChampionsData,
  windows: readonly { readonly window: Span; readonly concept: readonly DriftFinding[] }[],
  work: Work,
): Promise<readonly (DriftFinding | undefined)[]> {
  const { kpi } = of.applied.policy.spec.drift;
  if (kpi === undefined) return windows.map(() => undefined);
  const [first, last] = [windows[0]?.window ?? of.baseline.span, windows.at(-1)?.window ?? of.baseline.span];
  const now = await sumOnce(ports, { of, kpi, span: { from: first.from, until: last.until } }, work);
  const before = await sumOnce(ports, { of, kpi, span: of.baseline.span }, work);
  const absent = now.absent ?? before.absent;
  return windows.map(({ concept, window }) =>
    judgeDivergence({
      kpi,
      window,
      concept,
      buckets: now.buckets.filter(({ bucket }) => isWithin(bucket, window)),
      reference: before.buckets,
      ...(absent === undefined ? {} : { absent }),
    }),
  );
}

async function sumOnce(
  ports: Stores,
  { kpi, of, span }: { readonly of: ChampionsData; readonly kpi: KpiRule; readonly span: Span },
  work: Work,
): Promise<BucketSums> {
  const { folder, policy } = of.applied;
  const { data, drift } = policy.spec;
  const { labels, observations } = data;
  const bucketMs = drift.bucket;
  const daysOf = async (dataset: 'observations' | 'labels', path: string, until: string) =>
    ports.data.partitions({ dataset, path: under(folder, path), span: { from: span.from, until }, bucketMs });
  const rows = await daysOf('observations', observations.path, span.until);
  const asked = new Date(Math.ceil(millisecondsOf(of.asOf) / bucketMs) * bucketMs).toISOString();
  const known = kpi.of === 'labels' ? await daysOf('labels', labels.path, asked) : [];
  const pathsOf = (days: typeof rows) => [...new Set(days.flatMap(({ files }) => files.map(({ path }) => path)))];
  const request = {
    span,
    bucketMs,
    rows: { files: pathsOf(rows), id: observations.id, time: observations.time },
    column: kpi.column,
    ...(kpi.of === 'labels'
      ? { labels: { files: pathsOf(known), id: labels.id, availableAt: labels.availableAt } }
      : {}),
    asOf: of.asOf,
  };
  // What is known of rows does not change with as-of; what is known of labels does.
  const asOf = kpi.of === 'labels' ? of.asOf : undefined;
  const key = `sums/${digestOf({ request: { ...request, asOf }, files: [rows, known], codeVersion: CODE_VERSION })}`;
  const recalled = await ports.evidence.recall(key);
  if (recalled) return getJson<BucketSums>(ports.evidence, recalled);
  const summed = await ports.data.sums(request, work);
  await ports.evidence.remember(key, await putJson(ports.evidence, summed));
  return summed;
}

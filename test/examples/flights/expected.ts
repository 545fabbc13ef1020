/**
 * Makes `examples/flights/expected.json` and the table of the README beside it out of the data, the trainer and the engine, and
 * nothing else. After a change of any of them: `npx tsx test/examples/flights/expected.ts && npx oxfmt examples/flights` (needs
 * the Python environment and two minutes).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createDuckdbDataStore } from '../../../activities/adapters/duckdb/data-store.ts';
import { createFileEvidence } from '../../../activities/adapters/file-evidence.ts';
import type { Snapshot } from '../../../activities/ports/data-store.ts';
import { appliedPolicy } from '../../../clients/apply-policy.ts';
import { replayDrift } from '../../../clients/drift/replay.ts';
import { loadPolicyFile } from '../../../clients/policy-file.ts';
import type { PolicyFile } from '../../../clients/policy-file.ts';
import { buildData } from '../../../examples/flights/build-data.ts';
import { AS_OF } from '../../../examples/flights/demo/story.ts';
import type { Expected } from '../../../examples/flights/demo/story.ts';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import type { Scorecard } from '../../../scorecards/scorecard-schema.ts';
import type { FileRef, Span } from '../../../scorecards/vocabulary.ts';
import { createMemoryRegistry } from '../../fakes/memory-registry.ts';
import { FEATURES, FLIGHTS, runTrainer, temporaryFolder, trainerSpec } from './python.ts';

type Candidate = Expected['candidates'][number];
type Drift = Omit<Expected, 'candidates'>;

const WORK = { signal: new AbortController().signal, progress: () => undefined };
/** Who challenges whom in the story, and in the table of the README. */
const STORY = [
  { asOf: AS_OF.bootstrap },
  { asOf: AS_OF.rejected, champion: AS_OF.bootstrap },
  { asOf: AS_OF.drifted, champion: AS_OF.bootstrap },
  { asOf: AS_OF.breached, champion: AS_OF.drifted },
] as const;

/** The README's table, however wide its columns are. */
export const TABLE = /^\| `asOf`.*(?:\n\|.*)+/m;

/** Everything that is computed in one temporary folder, each model trained once. */
export async function createOracle() {
  const [{ loaded }] = await Promise.all([loadPolicyFile(join(FLIGHTS, 'policy.demo.yaml')), buildData()]);
  if (!loaded)
    throw new Error('policy.demo.yaml is not valid: npx understudy lint -f examples/flights/policy.demo.yaml');
  const folder = await temporaryFolder();
  const data = createDuckdbDataStore({ temporaryDirectory: join(folder.path, 'tmp'), threads: 2 });
  const folderOf = (asOf: string) => join(folder.path, asOf.slice(0, 10));
  const taken = once(async (asOf) => snapshotOf(loaded, { data, asOf, into: join(folderOf(asOf), 'snapshot') }));
  const trained = once(async (asOf) => train(loaded, { snapshot: await taken(asOf), asOf, folder: folderOf(asOf) }));
  return {
    drift: async () =>
      driftOf(loaded, { data, baseline: await taken(AS_OF.bootstrap), evidence: join(folder.path, 'evidence') }),
    /** As the scorecard judges it, but for what only a running server and a registry know: latency and size. */
    async candidate(asOf: string, champion?: string): Promise<Candidate> {
      return candidateOf(loaded, { data, trained, asOf, ...(champion === undefined ? {} : { champion }) });
    },
    close: folder.remove,
  };
}

type Data = ReturnType<typeof createDuckdbDataStore>;
interface Trained {
  readonly snapshot: Snapshot;
  readonly folder: string;
  readonly artifact: string;
}

/** What takes long is done once for each moment. */
function once<T>(make: (asOf: string) => Promise<T>): (asOf: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return async (asOf) => {
    const known = made.get(asOf) ?? make(asOf);
    made.set(asOf, known);
    return known;
  };
}

async function snapshotOf(
  { folder, policy }: PolicyFile,
  { asOf, data, into }: { asOf: string; data: Data; into: string },
) {
  const { data: section, dataset, drift } = policy.spec;
  const bootstrap = asOf === AS_OF.bootstrap;
  const request = { data: section, dataset, features: FEATURES, asOf, bucketMs: drift.bucket, folder, into, bootstrap };
  return data.snapshot(request, WORK);
}

async function train(
  { policy }: PolicyFile,
  { asOf, folder, snapshot }: { readonly snapshot: Snapshot; readonly asOf: string; readonly folder: string },
): Promise<Trained> {
  const { params, seed } = policy.spec.training;
  const spec = await trainerSpec(snapshot.train.path, { mode: 'train', output: join(folder, 'trained') });
  await finished({ ...spec, params: { ...params }, seed, asOf });
  return { snapshot, folder, artifact: join(folder, 'trained', 'artifact') };
}

async function finished(spec: object): Promise<void> {
  const { code, stderr } = await runTrainer(spec);
  if (code !== 0) throw new Error(`train.py ended with ${String(code)}, expected 0: ${stderr}`);
}

async function predicted(model: Trained, { holdout }: Snapshot, output: string): Promise<FileRef> {
  const spec = await trainerSpec(holdout.path, { mode: 'predict', output });
  await finished({ ...spec, artifact: model.artifact });
  const path = join(output, 'predictions.parquet');
  const { files } = await trainerSpec(path, { mode: 'predict', output });
  return { ...holdout, ...files[0], name: basename(path), path };
}

/** What `drift replay` says against the days that the first champion was made from. */
async function driftOf(
  file: PolicyFile,
  { baseline, data, evidence }: { readonly baseline: Snapshot; readonly data: Data; readonly evidence: string },
): Promise<Drift> {
  const { trainSpan, holdoutSpan } = baseline;
  const ports = { data, evidence: createFileEvidence({ root: evidence }), registry: createMemoryRegistry() };
  const { days } = await replayDrift(
    ports,
    {
      applied: appliedPolicy(file, 'test'),
      from: Date.parse('2001-02-08'),
      to: Date.parse('2001-04-30'),
      baseline: { from: trainSpan.from, until: holdoutSpan.until },
      psi: [],
    },
    WORK,
  );
  const fire = days.find(({ fires }) => fires);
  return {
    firstFire: day(fire?.asOf ?? ''),
    spikes: days.filter(({ suppressedSpike }) => suppressedSpike).map(({ asOf }) => day(asOf)),
    psiAtFire: rounded(fire?.score, 3),
  };
}

interface Question {
  readonly data: Data;
  readonly trained: (asOf: string) => Promise<Trained>;
  readonly asOf: string;
  readonly champion?: string;
}

async function candidateOf(file: PolicyFile, { asOf, champion, data, trained }: Question): Promise<Candidate> {
  const { observations, labels } = file.policy.spec.data;
  const challenger = await trained(asOf);
  const { folder, snapshot } = challenger;
  const before = champion === undefined ? undefined : await trained(champion);
  const scorecard = onRows(file.scorecard);
  const { measurements } = await data.measure(
    {
      scorecard,
      holdout: snapshot.holdout,
      labels: snapshot.holdoutLabels,
      challenger: await predicted(challenger, snapshot, join(folder, 'challenger')),
      ...(before ? { champion: await predicted(before, snapshot, join(folder, 'champion')) } : {}),
      columns: { id: observations.id, label: labels.label },
    },
    WORK,
  );
  const { findings, verdict } = judgeCandidate({ scorecard, measurements, bootstrap: !before, declaredSlices: [] });
  const failed = findings.filter(({ judged }) => judged === 'fail').map(({ criterion }) => criterion);
  const of = (metric: string) => {
    const name = scorecard.spec.criteria.find((criterion) => criterion.metric === metric)?.name;
    return measurements.find((found) => found.criterion === name && found.slice === null);
  };
  const [auc, cost, parity] = [of('auc'), of('cost'), of('equalizedOdds')];
  return {
    asOf: day(asOf),
    holdout: daysOf(snapshot.holdoutSpan),
    champion: champion === undefined ? null : day(champion),
    auc: rounded(auc?.challenger?.value, 3),
    cost: rounded(cost?.challenger?.value, 3),
    parity: rounded(parity?.challenger?.value, 2),
    ...(before ? { versusChampion: { auc: between(auc?.difference, 4), costPercent: relative(cost) } } : {}),
    verdict,
    failed: [...new Set(failed)],
  };
}

/** Latency asks for a server and size for a registry: the demo itself sees those. */
function onRows(scorecard: Scorecard): Scorecard {
  const { spec } = scorecard;
  const criteria = spec.criteria.filter(({ group }) => group !== 'latency' && group !== 'size');
  return { ...scorecard, spec: { ...spec, criteria } };
}

const day = (moment: string): string => moment.slice(0, 10);

/** First and last day. */
const daysOf = ({ from, until }: Span) => [day(from), day(new Date(Date.parse(until) - 1).toISOString())] as const;

function rounded(value: number | undefined, digits: number): number {
  if (value === undefined) throw new Error('the engine measured nothing where the example expects a number');
  return Number(value.toFixed(digits));
}

type Range = readonly [number, number, number];
type Difference = { readonly value: number; readonly low: number; readonly high: number } | undefined;

/** Value and its 95 % interval. */
const between = (found: Difference, digits: number, factor = 1): Range => [
  rounded(found && found.value * factor, digits),
  rounded(found && found.low * factor, digits),
  rounded(found && found.high * factor, digits),
];

const relative = (cost: { readonly difference?: Difference; readonly champion?: Difference } | undefined): Range =>
  between(cost?.difference, 1, 100 / rounded(cost?.champion?.value, 12));

/** The table of the example's README. */
export function tableOf({ candidates }: Expected): string {
  const head = '| `asOf`, 06:00 UTC | holdout | champion | AUC | AUC − champion’s | cost | parity | verdict |';
  const range = ([value, low, high]: Range, unit = '') => `${value}${unit} (${low} to ${high})`;
  const rows = candidates.map(
    ({ asOf, auc, champion, cost, failed, holdout, parity, verdict, versusChampion: than }) => {
      const numbers = [
        auc,
        than ? range(than.auc) : '–',
        than ? range(than.costPercent, ' %') : `${cost} per flight`,
        parity,
      ];
      const why = failed.length === 0 ? verdict : `${verdict}: ${failed.join(' and ')}`;
      return `| ${[asOf, holdout.join(' … '), champion ?? 'none', ...numbers, why].join(' | ')} |`;
    },
  );
  return [head, `|${' --- |'.repeat(8)}`, ...rows].join('\n').replaceAll(/(?<=[ (])-(?=\d)/g, '−');
}

async function write(): Promise<void> {
  const oracle = await createOracle();
  try {
    const candidates: Candidate[] = [];
    for (const { asOf, ...against } of STORY)
      candidates.push(await oracle.candidate(asOf, 'champion' in against ? against.champion : undefined));
    const expected: Expected = { ...(await oracle.drift()), candidates };
    await writeFile(join(FLIGHTS, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
    const page = await readFile(join(FLIGHTS, 'README.md'), 'utf8');
    await writeFile(join(FLIGHTS, 'README.md'), page.replace(TABLE, tableOf(expected)));
  } finally {
    await oracle.close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await write();

import type { BucketVolume } from '../scorecards/drift/baseline.ts';
import { sumOnGrid } from '../scorecards/drift/common-grid.ts';
import type { Grid, Partition, PartitionFacts, PartitionFile, Sketch } from '../scorecards/drift/sketch.ts';
import { sketchName, slicesIn } from '../scorecards/drift/slices.ts';
import type { SliceList } from '../scorecards/drift/slices.ts';
import { digestOf } from './artifact.ts';
import { getJson, putJson } from './context.ts';
import type { Ports } from './context.ts';
import type { Work } from './ports/data-store.ts';
import { decodeSketches, encodeSketches, SKETCHES } from './sketch-file.ts';

/** Raised when the counting changes: then nothing counted before is found again. */
const CODE_VERSION = 2;
/** The same for what is known of a day besides its sketches. */
const FACTS_VERSION = 2;
/** So many columns are counted, kept and added together. */
const COLUMNS_OF_BLOCK = 32;
/** So many days are added in one step of the tree; where there are more, groups of as many are added first. */
const FAN_IN = 32;

type Stores = Pick<Ports, 'data' | 'evidence'>;

/** Some features of one day. */
export interface DayOfGrids {
  readonly day: Partition;
  readonly grids: readonly Grid[];
  readonly time: string;
  /** Set where each of these values is counted by itself; then sketches are called by `sketchName`. */
  readonly slice?: SliceList;
}

/** Some features over some days. */
export interface DaysOfGrids extends Omit<DayOfGrids, 'day'> {
  readonly days: readonly Partition[];
}

/** Features in the order of the grids, as they are counted and kept together. */
export function blocksOf(grids: readonly Grid[]): readonly (readonly Grid[])[] {
  return Array.from({ length: Math.ceil(grids.length / COLUMNS_OF_BLOCK) }, (_, index) =>
    grids.slice(index * COLUMNS_OF_BLOCK, (index + 1) * COLUMNS_OF_BLOCK),
  );
}

/** One day's sketches by feature; counted once for the same content and grids, whoever asks. */
export async function sketchDay(ports: Stores, request: DayOfGrids, work: Work): Promise<ReadonlyMap<string, Sketch>> {
  const counted: [string, Sketch][] = [];
  for (const grids of blocksOf(request.grids)) counted.push(...(await sketchBlock(ports, { ...request, grids }, work)));
  return new Map(counted);
}

async function sketchBlock(ports: Stores, request: DayOfGrids, work: Work): Promise<ReadonlyMap<string, Sketch>> {
  const key = await keyOf(ports, request, work);
  const known = await ports.evidence.recall(key);
  if (known) return decodeSketches(await ports.evidence.get(known));
  const { day, ...what } = request;
  const sketches = await ports.data.sketch({ partition: day, ...what }, work);
  await ports.evidence.remember(key, await ports.evidence.put(encodeSketches(sketches), SKETCHES));
  return sketches;
}

/** Whether one block of a day has been counted, without reading a file; `false` where that cannot be known. */
export async function isCounted(ports: Stores, request: DayOfGrids): Promise<boolean> {
  const digests = await Promise.all(request.day.files.map((file) => knownDigest(ports, file)));
  const known = digests.flatMap((digest) => digest ?? []);
  if (known.length < digests.length) return false;
  return (await ports.evidence.recall(keyFrom(request, known))) !== undefined;
}

/** What the files hold, where their rows lie, how they are counted: never what the files are called. */
async function keyOf(ports: Stores, request: DayOfGrids, work: Work): Promise<string> {
  const digests: string[] = [];
  for (const file of request.day.files) digests.push(await digestOfFile(ports, file, work));
  return keyFrom(request, digests);
}

function keyFrom({ day, grids, slice, time }: DayOfGrids, digests: readonly string[]): string {
  const files = digests.toSorted((a, b) => (a < b ? -1 : 1));
  const content = { files, bucket: day.bucket, time, ...(slice ? { slice } : {}) };
  return `sketches/${digestOf({ ...content, grids: grids.map(({ id }) => id), codeVersion: CODE_VERSION })}`;
}

/** Read once for as long as nobody writes to the file: the digest is remembered under path and stamp. */
async function digestOfFile(ports: Stores, file: PartitionFile, work: Work): Promise<string> {
  const known = await knownDigest(ports, file);
  if (known !== undefined) return known;
  const { sha256, settled } = await ports.data.digest(file, work);
  if (settled && file.stamp !== undefined)
    await ports.evidence.remember(digestKey(file), await putJson(ports.evidence, sha256));
  return sha256;
}

async function knownDigest({ evidence }: Stores, file: PartitionFile): Promise<string | undefined> {
  if (file.sha256 !== undefined || file.stamp === undefined) return file.sha256;
  const ref = await evidence.recall(digestKey(file));
  return ref && getJson<string>(evidence, ref);
}

const digestKey = ({ path, stamp }: PartitionFile): string => `digests/${digestOf({ path, stamp })}`;

/**
 * The sum over days, by feature: a tree whose inner nodes are kept under what they add, so that another worker may have made
 * them. Addition is exact: the result does not depend on who counted what, nor on how the tree grew.
 */
export async function sumDays(ports: Stores, request: DaysOfGrids, work: Work): Promise<ReadonlyMap<string, Sketch>> {
  const sums: [string, Sketch][] = [];
  const groups = groupsOf(request.days);
  for (const grids of blocksOf(request.grids)) {
    const parts: ReadonlyMap<string, Sketch>[] = [];
    for (const days of groups) {
      const some = { ...request, days, grids };
      parts.push(...(groups.length > 1 ? [await sumGroup(ports, some, work)] : await sketchesOf(ports, some, work)));
    }
    sums.push(...added({ ...request, grids }, parts));
  }
  return new Map(sums);
}

/** Days that are added in one step, ascending. Groups begin at fixed days, so that overlapping windows share their sums. */
export function groupsOf(days: readonly Partition[]): readonly (readonly Partition[])[] {
  if (days.length <= FAN_IN) return days.length === 0 ? [] : [days];
  const groups = new Map<number, Partition[]>();
  for (const day of days) {
    const { from, until } = day.bucket;
    const group = Math.floor(Date.parse(from) / ((Date.parse(until) - Date.parse(from)) * FAN_IN));
    groups.set(group, [...(groups.get(group) ?? []), day]);
  }
  return [...groups.values()];
}

/** One inner node of the tree: one block over one group of days. */
export async function sumGroup(ports: Stores, request: DaysOfGrids, work: Work): Promise<ReadonlyMap<string, Sketch>> {
  const keys: string[] = [];
  for (const day of request.days) keys.push(await keyOf(ports, { ...request, day }, work));
  const key = `sums/${digestOf(keys)}`;
  const known = await ports.evidence.recall(key);
  if (known) return decodeSketches(await ports.evidence.get(known));
  const sum = added(request, await sketchesOf(ports, request, work));
  await ports.evidence.remember(key, await ports.evidence.put(encodeSketches(sum), SKETCHES));
  return sum;
}

async function sketchesOf(ports: Stores, request: DaysOfGrids, work: Work) {
  const sketches: ReadonlyMap<string, Sketch>[] = [];
  for (const [index, day] of request.days.entries()) {
    work.progress('counting days', index, request.days.length);
    sketches.push(await sketchDay(ports, { ...request, day }, work));
  }
  return sketches;
}

/** A feature that no part has is left out. */
function added(
  { grids, slice }: Pick<DayOfGrids, 'grids' | 'slice'>,
  parts: readonly ReadonlyMap<string, Sketch>[],
): ReadonlyMap<string, Sketch> {
  const namesOf = ({ feature }: Grid) => (slice ? slicesIn(slice).map((one) => sketchName(feature, one)) : [feature]);
  return new Map(
    grids.flatMap((grid) =>
      namesOf(grid).flatMap((name): [string, Sketch][] => {
        const some = parts.flatMap((part) => part.get(name) ?? []);
        return some.length === 0 ? [] : [[name, sumOnGrid(grid, some)]];
      }),
    ),
  );
}

/** The rows of each day, of days that were counted. */
export async function volumesOf(
  ports: Stores,
  { days, grids, time }: Omit<DaysOfGrids, 'slice'>,
  work: Work,
): Promise<readonly BucketVolume[]> {
  const [some] = blocksOf(grids);
  if (!some) return [];
  const volumes: BucketVolume[] = [];
  for (const day of days) {
    const [first] = (await sketchDay(ports, { day, grids: some, time }, work)).values();
    if (first) volumes.push({ bucket: day.bucket, rows: first.rows });
  }
  return volumes;
}

/** What is known of a day besides its sketches; looked at once for the same content. */
export async function factsOfDay(
  ports: Stores,
  { day, ...columns }: { readonly day: Partition; readonly id: string; readonly time: string },
  work: Work,
): Promise<PartitionFacts> {
  const key = (await keyOf(ports, { day, grids: [], time: columns.time }, work)).replace(
    'sketches/',
    `facts/${FACTS_VERSION}/`,
  );
  const known = await ports.evidence.recall(key);
  if (known) return getJson<PartitionFacts>(ports.evidence, known);
  const facts = await ports.data.facts(day, columns, work);
  await ports.evidence.remember(key, await putJson(ports.evidence, facts));
  return facts;
}

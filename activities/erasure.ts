import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import { getJson, putJson } from './context.ts';
import type { Ports } from './context.ts';
import type { Dataset } from './dataset.ts';
import { PortFailure } from './ports/port-failure.ts';

type Stores = Pick<Ports, 'evidence'>;

/** What stays of a snapshot whose files were erased. Evidence: written once, never changed. */
export interface Tombstone {
  readonly schemaVersion: 1;
  readonly snapshot: string;
  readonly model: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  readonly manifest: EvidenceRef;
  readonly files: readonly Pick<FileRef, 'name' | 'bytes' | 'sha256'>[];
}

/** A snapshot as the runs that used it noted it. */
export interface KeptSnapshot {
  readonly digest: string;
  readonly model: string;
  readonly manifest: EvidenceRef;
  readonly files: readonly FileRef[];
  readonly runs: readonly string[];
  readonly tombstone?: Tombstone;
}

const keyOf = (snapshot: string) => `tombstones/${snapshot}`;

/** Nobody erased the snapshot: undefined. */
export async function tombstoneOf({ evidence }: Stores, snapshot: string): Promise<Tombstone | undefined> {
  const ref = await evidence.recall(keyOf(snapshot));
  return ref && getJson<Tombstone>(evidence, ref);
}

/** `snapshot 0123456789ab of churn was erased on 2026-11-22 by ana@example: …; its manifest and digests are kept` */
export function erasedSentence({ at, by, model, reason, snapshot }: Omit<Tombstone, 'manifest' | 'files'>): string {
  const what = `snapshot ${snapshot.slice(0, 12)} of ${model}`;
  return `${what} was erased on ${at.slice(0, 10)} by ${by}: ${reason}; its manifest and digests are kept`;
}

export function erased(tombstone: Tombstone): PortFailure {
  const { at, by, snapshot } = tombstone;
  return new PortFailure('data-erased', erasedSentence(tombstone), { details: { snapshot, at, by } });
}

/** Throws `data-erased` for a snapshot that somebody erased, whether or not the same bytes lie in the store again. */
export async function refuseErased(ports: Stores, { digest }: Pick<Dataset, 'digest'>): Promise<void> {
  const tombstone = await tombstoneOf(ports, digest);
  if (tombstone) throw erased(tombstone);
}

/** Every snapshot that a run used, erased ones too, ascending by digest. It reads one small document for each run. */
export async function keptSnapshots(ports: Stores): Promise<readonly KeptSnapshot[]> {
  const keys = (await ports.evidence.keys('runs/')).filter((key) => /\/dataset-\d+$/.test(key));
  const noted = await Promise.all(keys.map(async (key) => ({ key, ref: await ports.evidence.recall(key) })));
  const all = new Map<string, KeptSnapshot>();
  for (const { key, ref } of noted) {
    if (!ref) continue;
    const { digest, holdout, holdoutLabels, manifest, train } = await getJson<Dataset>(ports.evidence, ref);
    const run = key.replace(/^runs\/(.*)\/dataset-\d+$/, '$1');
    const known = all.get(digest) ?? { digest, manifest, model: run.split('/')[1] ?? '', runs: [] };
    all.set(digest, { ...known, files: [train, holdout, holdoutLabels], runs: [...new Set([...known.runs, run])] });
  }
  const found = [...all.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  return Promise.all(
    found.map(async (one) => {
      const tombstone = await tombstoneOf(ports, one.digest);
      return tombstone ? { ...one, tombstone } : one;
    }),
  );
}

/** Those of `all` that stand, are not among `chosen`, and hold a file of theirs: the same bytes are stored once. */
export function sharing(chosen: readonly KeptSnapshot[], all: readonly KeptSnapshot[]): readonly KeptSnapshot[] {
  const going = new Set(chosen.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
  return all.filter(
    (one) =>
      !one.tombstone &&
      chosen.every(({ digest }) => digest !== one.digest) &&
      one.files.some(({ sha256 }) => going.has(sha256)),
  );
}

/**
 * Replaces the files of snapshots by tombstones, one each. What was begun and broke off is finished, what is over stays as it
 * was: the first tombstone counts. Bytes that a standing snapshot has too stay (`sharing` says which).
 */
export async function eraseSnapshots(
  ports: Stores,
  { all, chosen }: { readonly chosen: readonly KeptSnapshot[]; readonly all: readonly KeptSnapshot[] },
  word: Pick<Tombstone, 'by' | 'at' | 'reason'>,
): Promise<readonly Tombstone[]> {
  const standing = new Set(sharing(chosen, all).flatMap((one) => one.files.map(({ sha256 }) => sha256)));
  const made: Tombstone[] = [];
  for (const snapshot of chosen) made.push(await erase(ports, snapshot, { standing, word }));
  return made;
}

interface Erasing {
  /** Digests of files that stay. */
  readonly standing: ReadonlySet<string>;
  readonly word: Pick<Tombstone, 'by' | 'at' | 'reason'>;
}

async function erase(
  { evidence }: Stores,
  { digest, files, manifest, model }: KeptSnapshot,
  { standing, word }: Erasing,
): Promise<Tombstone> {
  const named = files.map(({ bytes, name, sha256 }) => ({ name, bytes, sha256 }));
  const wanted: Tombstone = { schemaVersion: 1, snapshot: digest, model, ...word, manifest, files: named };
  const kept = await evidence.remember(keyOf(digest), await putJson(evidence, wanted));
  const tombstone = await getJson<Tombstone>(evidence, kept);
  for (const { sha256, bytes, uri = '' } of files)
    if (!standing.has(sha256)) await evidence.erase({ uri, sha256, bytes }, erasedSentence(tombstone));
  return tombstone;
}

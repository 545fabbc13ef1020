import type { Grid } from '../scorecards/drift/sketch.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { getJson, putJson } from './context.ts';
import type { Ports } from './context.ts';
import type { SketchColumn, Work } from './ports/data-store.ts';

type Stores = Pick<Ports, 'data' | 'evidence'>;

/** Every grid of a model, by feature and type. Editions are numbered from 1; the newest counts. */
type Register = Readonly<Record<string, Grid>>;

interface FreezeRequest {
  readonly model: string;
  readonly files: readonly string[];
  readonly columns: readonly SketchColumn[];
  /** These are frozen anew although they have been frozen. */
  readonly anew?: readonly string[];
}

/**
 * The grids of some columns. A grid belongs to the feature and outlives the versions of the model: it is made from the files
 * only where the feature has none yet, or where it is asked for `anew`. Two that freeze at once end with the same grids.
 */
export async function frozenGrids(ports: Stores, request: FreezeRequest, work: Work): Promise<readonly Grid[]> {
  const { anew = [], columns, files, model } = request;
  const { edition, register } = await newestEdition(ports, model);
  const lacking = columns.filter((column) => anew.includes(column.name) || register[entryOf(column)] === undefined);
  if (lacking.length === 0) return columns.flatMap((column) => register[entryOf(column)] ?? []);
  const made = await ports.data.freezeGrids({ files, columns: lacking }, work);
  const added = Object.fromEntries(
    lacking.flatMap((column) => {
      const grid = made.find(({ feature }) => feature === column.name);
      return grid === undefined ? [] : [[entryOf(column), grid]];
    }),
  );
  const mine = await putJson(ports.evidence, { ...register, ...added });
  const kept = await ports.evidence.remember(editionKey(model, edition + 1), mine);
  // Somebody else wrote this edition: what it lacks goes into the next.
  if (kept.sha256 !== mine.sha256) return frozenGrids(ports, request, work);
  return columns.flatMap((column) => added[entryOf(column)] ?? register[entryOf(column)] ?? []);
}

const entryOf = ({ name, type }: SketchColumn): string => `${type} ${name}`;
const editionKey = (model: string, edition: number): string => `grids/${digestOf(model)}/${edition}`;

async function newestEdition({ evidence }: Stores, model: string): Promise<{ edition: number; register: Register }> {
  let [edition, newest]: [number, EvidenceRef | undefined] = [0, undefined];
  for (;;) {
    const next = await evidence.recall(editionKey(model, edition + 1));
    if (next === undefined) return { edition, register: newest ? await getJson<Register>(evidence, newest) : {} };
    [edition, newest] = [edition + 1, next];
  }
}

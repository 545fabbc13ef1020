import type { Grid, Partition, Sketch } from '../scorecards/drift/sketch.ts';
import { digestOf } from './artifact.ts';
import { getJson, putJson } from './context.ts';
import type { Ports } from './context.ts';
import type { Work } from './ports/data-store.ts';

/** Raised when the counting changes: then nothing counted before is found again. */
const CODE_VERSION = 1;

/** One day's sketches; counted once for the same files and grids, whoever asks. */
export async function sketchDay(
  ports: Pick<Ports, 'data' | 'evidence'>,
  request: { readonly day: Partition; readonly grids: readonly Grid[]; readonly time: string },
  work: Work,
): Promise<ReadonlyMap<string, Sketch>> {
  const { day, grids, time } = request;
  const key = `sketches/${digestOf({ day, grids: grids.map((grid) => grid.id), codeVersion: CODE_VERSION })}`;
  const known = await ports.evidence.recall(key);
  if (known) return new Map(await getJson<[string, Sketch][]>(ports.evidence, known));
  const sketches = await ports.data.sketch({ partition: day, grids, time }, work);
  await ports.evidence.remember(key, await putJson(ports.evidence, [...sketches]));
  return sketches;
}

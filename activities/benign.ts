import type { BenignMark } from '../scorecards/drift/benign.ts';
import { digestOf } from './artifact.ts';
import { getJson, putJson } from './context.ts';
import type { Ports } from './context.ts';

type Stores = Pick<Ports, 'evidence'>;

const prefixOf = (model: string) => `benign/${model}/`;

/** Writes a mark into the model's evidence, where it stays; the same mark twice is one. */
export async function markBenign({ evidence }: Stores, mark: BenignMark): Promise<void> {
  const key = `${prefixOf(mark.model)}${mark.at.replaceAll(/[^0-9TZ]/g, '')}-${digestOf(mark).slice(0, 12)}`;
  await evidence.remember(key, await putJson(evidence, mark));
}

/** Every mark of a model, the expired ones too, in the order in which they were made. */
export async function benignMarks({ evidence }: Stores, model: string): Promise<readonly BenignMark[]> {
  const marks: BenignMark[] = [];
  for (const key of await evidence.keys(prefixOf(model))) {
    const ref = await evidence.recall(key);
    if (ref) marks.push(await getJson<BenignMark>(evidence, ref));
  }
  return marks;
}

import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import { judge, type KeptFinding } from './judged.ts';
import type { Model, Models } from './models.ts';
import { trainOnPart } from './parts.ts';
import { JANUARY, trainedOn, type Window } from './weeks.ts';

/** One pair of models on a week before the first that is replayed. */
export interface Before {
  /**
   * `halves`: trained on two halves of the same rows, so that neither is better. `newer`: the challenger has seen later weeks
   * than the champion. `first`: nothing to compare with.
   */
  readonly kind: 'halves' | 'newer' | 'first';
  readonly week: number;
  readonly challenger: string;
  readonly champion?: string;
  readonly criteria: readonly KeptFinding[];
}

/** Weeks 3 to 5 have three weeks of training or more before them, which is the policy's `dataset.atLeast`. */
const NEWER: readonly {
  readonly week: number;
  readonly older: readonly Window[];
  readonly newer: readonly Window[];
}[] = [
  { week: 4, older: [trainedOn(0, 3)], newer: [trainedOn(0, 4), trainedOn(1, 4)] },
  {
    week: 5,
    older: [trainedOn(0, 3), JANUARY],
    newer: [trainedOn(0, 5), trainedOn(2, 5)],
  },
];

/**
 * What the criteria of the scorecard come to on weeks 3 to 5, whatever bounds it has: how far two models lie apart that do
 * not differ, and the values of candidates. The bounds are set from this, before any week that is replayed was looked at.
 */
export async function measureBefore(
  models: Models,
  scorecard: Scorecard,
  say: (line: string) => void,
): Promise<Before[]> {
  const criteria = scorecard.spec.criteria.filter(({ group }) => group !== 'latency' && group !== 'size');
  const onRows = { ...scorecard, spec: { ...scorecard.spec, criteria } };
  const found: Before[] = [];
  const add = async (kind: Before['kind'], on: Window, [challenger, champion]: readonly [Model, Model?]) => {
    say(`${kind}: ${challenger.name} against ${champion?.name ?? 'nobody'}`);
    const judged = await judge(models, { challenger, ...(champion ? { champion } : {}), on, scorecard: onRows });
    const who = { challenger: challenger.name, ...(champion ? { champion: champion.name } : {}) };
    found.push({ kind, week: weekOf(on), ...who, criteria: judged.criteria });
  };
  for (const week of [3, 4, 5]) {
    const on = trainedOn(0, week);
    const [left, right] = await halvesOf(models, on);
    await add('halves', on, [left, right]);
    await add('halves', on, [right, left]);
  }
  await add('first', trainedOn(0, 3), [await models.train(trainedOn(0, 3))]);
  for (const { newer, older, week } of NEWER)
    for (const champion of older)
      for (const challenger of newer)
        await add('newer', trainedOn(0, week), [await models.train(challenger), await models.train(champion)]);
  return found;
}

/** The window ends before the week that its holdout is. */
const weekOf = ({ name }: Window): number => Number(name.split('-').at(-1)) + 1;

/** Two models, each trained on the rows of the window that the other has not seen. */
async function halvesOf(models: Models, window: Window): Promise<readonly [Model, Model]> {
  const { id } = models.file.policy.spec.data.observations;
  const half = async (which: 0 | 1) =>
    trainOnPart(models, window, { name: `half-${which}`, where: `md5_number_lower("${id}") % 2 = ${which}` });
  return [await half(0), await half(1)];
}

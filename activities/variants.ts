import { MAIN_VARIANT } from '../scorecards/contracts/trainer.ts';
import type { TrainedResult } from '../scorecards/contracts/trainer.ts';
import { PortFailure } from './ports/port-failure.ts';

/** One of the models that a training handed in, as a result of its own. */
export interface HandedIn {
  readonly variant?: string;
  readonly result: TrainedResult;
}

/**
 * The models of a training in the order in which the policy prefers them: the artifact alone where it names no variants.
 * Throws `trainer-contradiction` for one that was not handed in; those that the policy does not name are left alone.
 */
export function handedIn(result: TrainedResult, preferred: readonly string[] | undefined): readonly HandedIn[] {
  const { variants = [], ...main } = result;
  if (preferred === undefined) return [{ result: main }];
  return preferred.map((variant) => {
    if (variant === MAIN_VARIANT) return { variant, result: main };
    const found = variants.find(({ name }) => name === variant);
    if (!found) {
      const names = [MAIN_VARIANT, ...variants.map(({ name }) => name)].join(', ');
      throw new PortFailure(
        'trainer-contradiction',
        `training.variants names ${variant}, the trainer handed in ${names}; expected it in variants of result.json`,
      );
    }
    const { artifact, metrics, mlflowModelId, outOfSample } = found;
    const { mlflowModelId: _ofMain, outOfSample: _saidByMain, ...shared } = main;
    const own = {
      ...shared,
      artifact,
      metrics,
      ...(mlflowModelId === undefined ? {} : { mlflowModelId }),
      ...(outOfSample === undefined ? {} : { outOfSample }),
    };
    return { variant, result: own };
  });
}

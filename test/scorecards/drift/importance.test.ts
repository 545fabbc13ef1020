import { describe, expect, test } from '@jest/globals';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import { driftCriteria } from '../../../scorecards/drift/criteria.ts';
import { weightsOf } from '../../../scorecards/drift/importance.ts';
import { present } from '../../present.ts';
import { distance, rules, WEEK } from './worlds.ts';

const NAMES = ['fare', 'hour', 'origin'];

describe('N1: the weights that a trainer gives features', () => {
  test('have a mean of 1 and the proportions of what it said, in any unit', () => {
    expect(weightsOf({ fare: 3, hour: 2, origin: 1 }, NAMES)).toEqual({ fare: 1.5, hour: 1, origin: 0.5 });
    expect(weightsOf({ fare: 3e300, hour: 2e300, origin: 1e300 }, NAMES)).toEqual({ fare: 1.5, hour: 1, origin: 0.5 });
    const huge = weightsOf({ fare: Number.MAX_VALUE, hour: Number.MAX_VALUE }, NAMES);
    expect(huge).toEqual({ fare: 1, hour: 1 });
  });

  test('leave out what is no feature, take below 0 as 0, and have no entry for a feature that is not named', () => {
    expect(weightsOf({ fare: 4, hour: -1, 'origin=ATL': 9, toString: 9 }, NAMES)).toEqual({ fare: 2, hour: 0 });
  });

  test.each([[{}], [{ fare: 0, hour: 0 }], [{ fare: -1 }], [{ other: 3 }]])(
    'are none where nothing is left: %j',
    (told) => {
      expect(weightsOf(told, NAMES)).toEqual({});
    },
  );

  test('hold where the policy says nothing of a feature, over all its distances', () => {
    const declared = [
      { name: 'fare', type: 'continuous', importance: 4 },
      { name: 'hour', type: 'continuous' },
      { name: 'origin', type: 'categorical' },
    ] as const;
    const found = driftCriteria(rules({}, { features: declared }), {
      features: declared,
      weights: { fare: 0.5, hour: 2 },
    });
    const weights = found.filter(({ kind }) => kind === 'data').map(({ column, weight }) => [column, weight]);
    expect(new Set(weights.map((one) => one.join(' ')))).toEqual(new Set(['fare 4', 'hour 2', 'origin 1']));
  });

  test('decide what drifts: the same breach of a feature that the model rests on, and of one that it does not use', () => {
    const weights = weightsOf({ fare: 7, hour: 3, origin: 0 }, NAMES);
    const verdictWhen = (breached: string) =>
      decideDrift(
        NAMES.map((name) =>
          distance(name, 0.01 + 0.49 * Number(name === breached), { on: { weight: present(weights[name]) } }),
        ),
        { share: 0.3, window: WEEK },
      ).verdict;
    expect(NAMES.map(verdictWhen)).toEqual(['drift', 'drift', 'warn']);
  });
});

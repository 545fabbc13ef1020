import { describe, expect, test } from '@jest/globals';
import { incompatibleChanges, measureSignature } from '../../../scorecards/candidate/signature.ts';
import { signatureSchema } from '../../../scorecards/contracts/signature.ts';

const CHAMPION = {
  inputs: [
    { name: 'dep_hour', type: 'long' },
    { name: 'distance', type: 'integer' },
    { name: 'origin', type: 'string', required: false },
  ],
  outputs: [{ name: 'score', type: 'double' }],
};
const of = (written: object) => signatureSchema.parse({ ...CHAMPION, ...written });
const changes = (challenger: object, champion: object = {}) => incompatibleChanges(of(champion), of(challenger));
const [hour, distance, origin] = CHAMPION.inputs;

describe('what breaks a client of the champion', () => {
  test.each([
    ['a removed input', { inputs: [distance, origin] }, 'input dep_hour is no longer read'],
    [
      'another type',
      { inputs: [hour, { name: 'distance', type: 'string' }, origin] },
      'type of distance went from integer to string',
    ],
    [
      'a type that holds less',
      { inputs: [{ name: 'dep_hour', type: 'int32' }, distance, origin] },
      'type of dep_hour went from long to integer',
    ],
    [
      'an input that must be sent',
      { inputs: [...CHAMPION.inputs, { name: 'weather', type: 'string' }] },
      'input weather is new and required',
    ],
    [
      'an optional input that must be sent now',
      { inputs: [hour, distance, { name: 'origin', type: 'string' }] },
      'input origin was optional and is required now',
    ],
    ['a removed output', { outputs: [{ name: 'label', type: 'long' }] }, 'output score is no longer answered'],
    [
      'an output of another type',
      { outputs: [{ name: 'score', type: 'string' }] },
      'type of output score went from double to string',
    ],
    ['position instead of names', { byPosition: true }, 'inputs go by position, and by name no more'],
  ])('RG5, PR7: %s', (_, challenger, change) => {
    expect(changes(challenger)).toEqual([change]);
  });

  test('RG5: another place, where inputs go by position', () => {
    const byPosition = true;
    expect(changes({ byPosition, inputs: [distance, hour, origin] }, { byPosition })).toEqual([
      'input dep_hour moved from place 1 to 2',
      'input distance moved from place 2 to 1',
    ]);
  });
});

describe('what breaks nobody', () => {
  test.each([
    ['the same', {}],
    ['another order of named inputs', { inputs: [origin, distance, hour] }],
    ['an input that may be left out', { inputs: [...CHAMPION.inputs, { name: 'w', type: 'long', required: false }] }],
    ['a type that holds more', { inputs: [hour, { name: 'distance', type: 'BIGINT' }, origin] }],
    [
      'another name of a type',
      { inputs: [{ name: 'dep_hour', type: 'int64' }, { name: 'distance', type: 'INTEGER' }, origin] },
    ],
    ['another output', { outputs: [...CHAMPION.outputs, { name: 'reason', type: 'string' }] }],
    ['an output that holds less', { outputs: [{ name: 'score', type: 'float' }] }],
    ['outputs that nobody reports', { outputs: undefined }],
  ])('RG5: %s', (_, challenger) => {
    expect(changes(challenger)).toEqual([]);
  });

  test('types with parameters are known by their name', () => {
    const typed = (type: string) => ({ inputs: [{ name: 'x', type }], outputs: undefined });
    expect(changes(typed('double'), typed('DECIMAL(9,2)'))).toEqual([]);
    expect(changes(typed('TIMESTAMP WITH TIME ZONE'), typed('datetime64[ns]'))).toEqual([]);
    expect(changes(typed('STRUCT(a INTEGER)'), typed('UUID'))).toEqual([
      'type of x went from uuid to struct(a integer)',
    ]);
  });
});

describe('the measurement of it', () => {
  const measure = (challenger: object, more: object = {}) =>
    measureSignature({ name: 'contract' }, { challenger: of(challenger), champion: of({}), ...more });

  test('PR7: counts the changes and names five of them', () => {
    const inputs = Array.from({ length: 7 }, (_, index) => ({ name: `f${index}`, type: 'long' }));
    const { challenger, n, point } = measure({ inputs });
    expect([challenger?.value, n]).toEqual([10, 1]);
    expect(point).toBe(
      'input dep_hour is no longer read; input distance is no longer read; input origin is no longer read; ' +
        'input f0 is new and required; input f1 is new and required; and 5 more',
    );
  });

  test('PR7: a new route has no client yet, and the changes are told', () => {
    const { challenger, point } = measure(
      { inputs: [distance, origin] },
      { newRoute: { from: 'flights', to: 'flights-v2' } },
    );
    expect(challenger?.value).toBe(0);
    expect(point).toBe(
      'route flights-v2 is new, so its clients never knew route flights: input dep_hour is no longer read',
    );
  });

  test('a first champion breaks nobody', () => {
    expect(measureSignature({ name: 'contract' }, { challenger: of({}) })).toMatchObject({ challenger: { value: 0 } });
  });

  test('says when outputs were not compared', () => {
    expect(measure({}).point).toBe(
      'of the champion’s inputs, 3 in all, none changed for its clients, and its outputs are answered',
    );
    expect(measure({ outputs: undefined }).point).toContain('outputs are not compared');
  });
});

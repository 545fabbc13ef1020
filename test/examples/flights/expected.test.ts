import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AS_OF } from '../../../examples/flights/demo/story.ts';
import type { Expected } from '../../../examples/flights/demo/story.ts';
import { createOracle, TABLE, tableOf } from './expected.ts';
import { FLIGHTS } from './python.ts';

/** Two models are trained on weeks of flights, on whatever machine this is. */
const TAKES_AT_MOST = 600_000;

let oracle: Awaited<ReturnType<typeof createOracle>>;
let expected: Expected;
beforeAll(async () => {
  expected = JSON.parse(await readFile(join(FLIGHTS, 'expected.json'), 'utf8'));
  oracle = await createOracle();
}, TAKES_AT_MOST);
afterAll(async () => oracle.close());

describe('expected.json is what the data, the trainer and the engine say; npx tsx test/examples/flights/expected.ts', () => {
  test(
    'DA1: the day that fires, the spikes that do not, and the PSI',
    async () => {
      const { candidates: _others, ...drift } = expected;
      expect(await oracle.drift()).toEqual(drift);
    },
    TAKES_AT_MOST,
  );

  test('the table of the README shows the same', async () => {
    const cells = (table = '') => table.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-');
    const page = await readFile(join(FLIGHTS, 'README.md'), 'utf8');
    expect(cells(TABLE.exec(page)?.[0])).toBe(cells(tableOf(expected)));
  });

  test(
    'the candidate that is rejected, with its numbers and the criteria that it fails',
    async () => {
      const of = expected.candidates.find(({ asOf }) => AS_OF.rejected.startsWith(asOf));
      expect(of).toMatchObject({ verdict: 'fail', failed: expect.arrayContaining([expect.any(String)]) });
      expect(await oracle.candidate(AS_OF.rejected, AS_OF.bootstrap)).toEqual(of);
    },
    TAKES_AT_MOST,
  );
});

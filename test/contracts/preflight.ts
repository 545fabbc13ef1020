import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Preflight } from '../../activities/ports/preflight.ts';
import type { Policy } from '../../scorecards/policy/schema.ts';

export interface PreflightUnderTest {
  readonly preflight: Preflight;
  /** A policy that the place can carry out, and one that does not use it. */
  readonly using: Policy;
  readonly elsewhere: Policy;
  /** From now on the place does not answer. */
  obstruct(): Promise<void>;
  stop(): Promise<void>;
}

/** What every preflight promises. */
export function preflightContract(adapter: string, make: () => Promise<PreflightUnderTest>): void {
  describe(`${adapter} keeps the contract of preflight`, () => {
    let under: PreflightUnderTest;
    beforeAll(async () => {
      under = await make();
    }, 60_000);
    afterAll(async () => under.stop(), 120_000);
    const states = async (policy?: Policy) => (await under.preflight.look(policy)).map(({ state }) => state);

    test('a place where all is well is looked at, and has no problem', async () => {
      expect(await states(under.using)).toEqual(expect.arrayContaining(['ok']));
      expect(await states(under.using)).not.toContain('problem');
      expect(await states()).not.toContain('problem');
    });

    test('a look changes nothing: the next one finds the same', async () => {
      expect(await under.preflight.look(under.using)).toEqual(await under.preflight.look(under.using));
    });

    test('a policy that does not use the place is not asked about', async () => {
      expect(await under.preflight.look(under.elsewhere)).toEqual([]);
    });

    test('a place that does not answer is a finding with what to do, and not an error', async () => {
      await under.obstruct();
      const problem = { state: 'problem', text: expect.stringMatching(/./), next: expect.stringMatching(/./) };
      expect(await under.preflight.look(under.using)).toEqual([expect.objectContaining(problem)]);
      expect(await under.preflight.look()).toEqual([expect.objectContaining(problem)]);
    }, 60_000);

    test('it still holds up nobody else', async () => {
      expect(await under.preflight.look(under.elsewhere)).toEqual([]);
    });
  });
}

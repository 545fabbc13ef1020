import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { LoadGenerator, LoadRequest, LoadResult } from '../../activities/ports/load-generator.ts';

export interface LoadUnderTest {
  /** Allows at most 200/s for at most 2 s. */
  readonly load: LoadGenerator;
  readonly http: LoadRequest['http'];
  /** Two servers, `champion` and `challenger`. */
  readonly targets: LoadRequest['targets'];
  /** What the challenger does from now on; `{}` is answering at once. */
  behave(challenger: { readonly errors?: number; readonly delayMs?: number }): Promise<void>;
  /** Ends the challenger's server. The last call. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Of a target that took part. */
export function latenciesOf(results: Readonly<Record<string, LoadResult>>, target: string): readonly number[] {
  return results[target]?.latenciesMs ?? [];
}

/** What every load generator promises. */
export function loadGeneratorContract(adapter: string, make: () => Promise<LoadUnderTest>): void {
  describe(`${adapter} keeps the contract of load-generator`, () => {
    let under: LoadUnderTest;
    const run = async (more: Partial<LoadRequest> = {}) =>
      under.load.run({
        targets: under.targets,
        http: under.http,
        ratePerSecond: 50,
        durationMs: 400,
        rows: [{ x: 1 }, { x: 2.5, origin: 'ATL' }, { x: null }],
        ...more,
      });
    beforeAll(async () => {
      under = await make();
    }, 60_000);
    beforeEach(async () => under.behave({}));
    afterAll(async () => under.stop());

    test('EV10: each target gets the whole rate for the whole time', async () => {
      const results = await run();
      expect(Object.keys(results).toSorted()).toEqual(['challenger', 'champion']);
      for (const result of Object.values(results)) {
        expect(result).toMatchObject({ sent: 20, failed: 0 });
        expect(result.latenciesMs).toHaveLength(20);
      }
    });

    test('latencies are ascending and never negative', async () => {
      const latencies = latenciesOf(await run(), 'champion');
      expect(latencies).toEqual(latencies.toSorted((a, b) => a - b));
      expect(latencies[0]).toBeGreaterThanOrEqual(0);
    });

    test('EV10: a slow server changes the latencies and not the load', async () => {
      await under.behave({ delayMs: 150 });
      const { challenger } = await run();
      expect(challenger).toMatchObject({ sent: 20, failed: 0 });
      expect(challenger?.latenciesMs[0]).toBeGreaterThanOrEqual(149);
    });

    test('an answer that is an error has failed and has no latency', async () => {
      await under.behave({ errors: 0.5 });
      const { champion, challenger } = await run();
      expect(challenger).toMatchObject({ sent: 20, failed: 10 });
      expect(challenger?.latenciesMs).toHaveLength(10);
      expect(champion).toMatchObject({ sent: 20, failed: 0 });
    });

    test.each([
      ['a rate above the limit', { ratePerSecond: 201 }],
      ['a time above the limit', { durationMs: 2001 }],
      ['no rate', { ratePerSecond: 0 }],
      ['no rows', { rows: [] }],
    ])('%s is refused', async (_what, wrong) => {
      await expect(run(wrong)).rejects.toEqual(
        expect.objectContaining({ name: PortFailure.name, code: 'bad-request' }),
      );
    });

    test('a server that is gone fails every request and is no failure of the run', async () => {
      await under.kill();
      const { champion, challenger } = await run();
      expect(challenger).toEqual({ sent: 20, failed: 20, latenciesMs: [] });
      expect(champion).toMatchObject({ sent: 20, failed: 0 });
    });
  });
}

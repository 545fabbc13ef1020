import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { RunningServer, ServerRequest, Serving } from '../../activities/ports/serving.ts';

/** What a server does when it is started. */
export type ServerKind = 'good' | 'dies' | 'never-ready' | 'other-version';

export interface ServingUnderTest {
  readonly serving: Serving;
  request(kind: ServerKind, of: { readonly model: string; readonly version: string }): ServerRequest;
  /** Ends the server from outside, without a word to us. */
  crash(server: RunningServer): Promise<void>;
  /** Something that differs between two starts of the same server. */
  instance(server: RunningServer): Promise<string>;
  stop(): Promise<void>;
}

const failure = (code: string) => expect.objectContaining({ name: PortFailure.name, code });

/** What every way of serving promises. Models are named by the suite. */
export function servingContract(adapter: string, make: () => Promise<ServingUnderTest>): void {
  describe(`${adapter} keeps the contract of serving`, () => {
    let under: ServingUnderTest;
    const start = async (model: string, version: string, kind: ServerKind = 'good') =>
      under.serving.ensure(under.request(kind, { model, version }));
    const httpOf = (model: string, version: string) => under.request('good', { model, version }).http;
    beforeAll(async () => {
      under = await make();
    }, 60_000);
    afterAll(async () => under.stop(), 60_000);

    test('a server that nobody started is nothing, and stopping it is success', async () => {
      expect(await under.serving.find('nobody', '1')).toBeUndefined();
      expect(await under.serving.list('nobody')).toEqual([]);
      await under.serving.stop('nobody', '1');
    });

    test('a server is ready when ensure answers, and is found by model and version', async () => {
      const server = await start('one', '1');
      expect(server).toMatchObject({ model: 'one', version: '1' });
      expect(await under.serving.ready(server, httpOf('one', '1'))).toBe(true);
      expect(await under.serving.find('one', '1')).toEqual(server);
    });

    test('RB1: a server that runs is adopted, not started again', async () => {
      const first = await start('adopted', '1');
      const instance = await under.instance(first);
      const second = await start('adopted', '1');
      expect(second).toEqual(first);
      expect(await under.instance(second)).toBe(instance);
    });

    test('many who ask at the same time get one server', async () => {
      const servers = await Promise.all([1, 2, 3].map(async () => start('crowd', '1')));
      expect(new Set(servers.map((server) => server.url)).size).toBe(1);
      expect(await under.serving.list('crowd')).toHaveLength(1);
    });

    test('versions of a model run side by side, and other models are not among them', async () => {
      const [old, young] = await Promise.all([start('pair', '9'), start('pair', '10')]);
      await start('pair-other', '1');
      expect(old.url).not.toBe(young.url);
      expect(await under.serving.list('pair')).toEqual([old, young]);
    });

    test('a server that died is nothing, and ensure starts it again at the address that routes know', async () => {
      const first = await start('mortal', '1');
      const instance = await under.instance(first);
      await under.crash(first);
      expect(await under.serving.find('mortal', '1')).toBeUndefined();
      expect(await under.serving.ready(first, httpOf('mortal', '1'))).toBe(false);
      const second = await start('mortal', '1');
      // Where the worker itself reaches it is another thing: pods have an address each.
      expect({ ...second, direct: undefined }).toEqual({ ...first, direct: undefined });
      expect(await under.instance(second)).not.toBe(instance);
    });

    test('a stopped server is gone, stopping it again is success, the other version stays', async () => {
      const [first, second] = await Promise.all([start('ending', '1'), start('ending', '2')]);
      await under.serving.stop('ending', '1');
      await under.serving.stop('ending', '1');
      expect(await under.serving.find('ending', '1')).toBeUndefined();
      expect(await under.serving.ready(first, httpOf('ending', '1'))).toBe(false);
      expect(await under.serving.list('ending')).toEqual([second]);
    });

    test('a server that ends at its start is told with what it printed', async () => {
      await expect(start('dying', '1', 'dies')).rejects.toEqual(failure('server-died'));
      await expect(start('dying', '1', 'dies')).rejects.toThrow('no module named lightgbm');
      expect(await under.serving.find('dying', '1')).toBeUndefined();
    });

    test('a server that is not ready in time is refused and not left behind', async () => {
      await expect(start('slow', '1', 'never-ready')).rejects.toEqual(failure('not-ready'));
      expect(await under.serving.find('slow', '1')).toBeUndefined();
    });

    test('a wait that is called off ends long before its time, and what was started can be stopped', async () => {
      const request = {
        ...under.request('never-ready', { model: 'called-off', version: '1' }),
        readyWithinMs: 600_000,
      };
      await expect(under.serving.ensure(request, AbortSignal.timeout(300))).rejects.toBeDefined();
      await under.serving.stop('called-off', '1');
      expect(await under.serving.find('called-off', '1')).toBeUndefined();
    });

    test('PR3: a server that is another version is never taken for ready', async () => {
      await expect(start('liar', '2', 'other-version')).rejects.toEqual(failure('not-ready'));
    });
  });
}

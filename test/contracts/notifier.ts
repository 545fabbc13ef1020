import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { Notification, Notifier } from '../../activities/ports/notifier.ts';

export interface NotifierUnderTest {
  readonly notifier: Notifier;
  /** Everything that has reached people, oldest first. */
  received(): Promise<readonly Notification[]>;
  /** From now on nobody can be reached. */
  silence(): Promise<void>;
  stop(): Promise<void>;
}

const message: Notification = {
  key: 'rollback/churn/8',
  severity: 'page',
  model: 'churn',
  run: 'retrain/churn/2026-01-05T06:00:00Z-check',
  title: 'churn went back to version 7',
  text: 'Version 8 answered 12 % of its requests with an error.\nNothing is to be done.',
};

/** What every notifier promises. */
export function notifierContract(adapter: string, make: () => Promise<NotifierUnderTest>): void {
  describe(`${adapter} keeps the contract of notifier`, () => {
    let under: NotifierUnderTest;
    beforeAll(async () => {
      under = await make();
    });
    afterAll(async () => under.stop());

    test('a message arrives whole, with the key that names its incident', async () => {
      await under.notifier.notify(message);
      expect(await under.received()).toEqual([message]);
    });

    test('a repetition carries the same key', async () => {
      await under.notifier.notify(message);
      expect((await under.received()).map(({ key }) => key)).toEqual([message.key, message.key]);
    });

    test('a message that reaches nobody is a failure, so that the caller may say so', async () => {
      await under.silence();
      await expect(under.notifier.notify(message)).rejects.toEqual(
        expect.objectContaining({ name: PortFailure.name, code: 'unavailable' }),
      );
    });
  });
}

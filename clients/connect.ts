import { connect as connectTcp } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { findAddresses } from '../workers/addresses.ts';
import type { Addresses } from '../workers/addresses.ts';
import { loadSettings } from '../workers/settings-file.ts';
import type { SettingsFile } from '../workers/settings-file.ts';
import { CliFailure, EXIT } from './failure.ts';
import { ANSWER_MS, saidWhileWaiting } from './patience.ts';
import type { Screen } from './terminal.ts';

/** A conversation with Temporal in the name of a person. */
export interface Session {
  readonly client: Client;
  readonly connection: Connection;
  readonly file: SettingsFile;
  readonly addresses: Addresses;
  readonly identity: string;
  /** Waits at most ten seconds for the answer; says what it waits for when the first second is over. */
  ask<T>(what: string, question: () => Promise<T>): Promise<T>;
}

const CONNECT_MS = 5000;

/** Connects, does the work, and disconnects. Throws CliFailure 69 when nobody answers at Temporal's address. */
export async function withSession<T>(screen: Screen, work: (session: Session) => Promise<T>): Promise<T> {
  const file = await loadSettings(screen.config);
  const addresses = findAddresses(file);
  const { address, namespace, config } = addresses.temporal;
  const connection = await saidWhileWaiting(screen, `Temporal at ${address}`, async () =>
    open(address, config.connectionOptions),
  );
  try {
    const client = new Client({ connection, namespace, identity: screen.identity });
    return await work({
      client,
      connection,
      file,
      addresses,
      identity: screen.identity,
      ask: async (what, question) =>
        saidWhileWaiting(screen, what, async () =>
          connection.withDeadline(Date.now() + ANSWER_MS, question).catch((error: unknown) => {
            throw unanswered(error, what);
          }),
        ),
    });
  } finally {
    await connection.close();
  }
}

async function open(address: string, options: Addresses['temporal']['config']['connectionOptions']) {
  const refused = await refusalOf(address);
  const next = 'understudy stack up, or set TEMPORAL_ADDRESS';
  if (refused !== undefined)
    throw new CliFailure(EXIT.unavailable, `nobody answers at ${address} (Temporal): ${refused}`, next);
  try {
    return await Connection.connect({ ...options, address, connectTimeout: CONNECT_MS });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliFailure(EXIT.unavailable, `Temporal at ${address} does not answer: ${why}`, next, { cause });
  }
}

/** A closed port is known at once; gRPC would knock until its time is over. */
async function refusalOf(address: string): Promise<string | undefined> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  if (port === '') return undefined;
  return new Promise((resolve) => {
    const socket = connectTcp({ host: host.replaceAll(/[[\]]/g, ''), port: Number(port), timeout: CONNECT_MS });
    const end = (why?: string) => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end(`no answer within ${CONNECT_MS / 1000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

/** Temporal answers, but nobody does the work. */
function unanswered(error: unknown, what: string): unknown {
  const names = ['WorkflowUpdateRPCTimeoutOrCancelledError'];
  const cause = error instanceof Error ? error.cause : undefined;
  const codes = [error, cause].map((one) => (one instanceof Error && 'code' in one ? one.code : undefined));
  const timedOut = (error instanceof Error && names.includes(error.name)) || codes.includes(4) || codes.includes(1);
  if (!timedOut) return error;
  const message = `no worker answered within ${ANSWER_MS / 1000} s (${what})`;
  return new CliFailure(EXIT.unavailable, message, 'understudy stack status worker, or understudy worker', {
    cause: error,
  });
}

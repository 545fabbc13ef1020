import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { messageOf } from '../error-code.ts';
import { stopWaiting, type Waiting } from './launch.ts';
import { searchAttributes, type SearchAttributeType } from './search-attributes.ts';

/** Numbers of `temporal.api.enums.v1.IndexedValueType`. */
const indexedValueType: Record<SearchAttributeType, number> = {
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  KeywordList: 7,
};

export interface Bootstrapped {
  /** Names that were missing and are registered now. */
  readonly added: readonly string[];
  readonly retentionHours: number;
}

export interface BootstrapOptions {
  readonly namespace?: string;
  /** How long closed runs stay readable. Left alone when not given. */
  readonly retentionHours?: number;
}

/**
 * Registers the search attributes that are missing and sets the namespace's retention. Idempotent. Throws when an
 * attribute of one of our names exists with another type, or when the server refuses.
 */
export async function bootstrapTemporal(connection: Connection, options: BootstrapOptions = {}): Promise<Bootstrapped> {
  const namespace = options.namespace ?? 'default';
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const present = new Map(Object.entries(customAttributes ?? {}));
  const missing = Object.entries(searchAttributes).filter(([name, type]) => {
    const found = present.get(name);
    if (found !== undefined && found !== indexedValueType[type]) {
      throw new Error(
        `search attribute ${name} of namespace ${namespace} has type number ${found}, expected ${type}; ` +
          `remove it with: temporal operator search-attribute remove --name ${name} --namespace ${namespace}`,
      );
    }
    return found === undefined;
  });
  if (missing.length > 0) {
    const wanted = Object.fromEntries(missing.map(([name, type]) => [name, indexedValueType[type]]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
  }
  const retentionHours = await ensureRetention(connection, namespace, options.retentionHours);
  return { added: missing.map(([name]) => name), retentionHours };
}

/**
 * A connection to a server that answers for this namespace; waits for one that is still starting. The caller closes it.
 * Throws when time is up, with the last refusal as cause, or when given up.
 */
export async function connectWhenReady(address: string, waiting: Waiting, namespace = 'default'): Promise<Connection> {
  const until = Date.now() + waiting.withinMs;
  for (;;) {
    try {
      return await connectOnce(address, namespace);
    } catch (cause) {
      stopWaiting(waiting, until, () => `Temporal at ${address} does not answer: ${messageOf(cause)}`);
      await sleep(100);
    }
  }
}

async function connectOnce(address: string, namespace: string): Promise<Connection> {
  const connection = await Connection.connect({ address, connectTimeout: 2000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return connection;
  } catch (cause) {
    await connection.close();
    throw cause;
  }
}

async function ensureRetention(connection: Connection, namespace: string, hours: number | undefined): Promise<number> {
  const described = await connection.workflowService.describeNamespace({ namespace });
  const now = Number(described.config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 3600;
  if (hours === undefined || hours === now) return now;
  const workflowExecutionRetentionTtl = msToTs(hours * 3_600_000);
  await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } });
  return hours;
}

import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DuckDBInstance,
  LIST,
  VARCHAR,
  listValue,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { damaged, explained, mayHideDamage } from './failures.ts';
import { rowsOf, textLiteral } from './sql-text.ts';

export interface DuckdbOptions {
  /** Where DuckDB spills what does not fit into memory. */
  readonly temporaryDirectory: string;
  /** As DuckDB writes it; default: what the question asks for, else `1GiB`. */
  readonly memoryLimit?: string;
  /** Default 2. */
  readonly threads?: number;
}

/** What one question may touch, and how it is named when it fails. */
export interface Question {
  /** Begins every failure's message: "cannot join …". */
  readonly doing: string;
  /** Files that may be read. */
  readonly files?: readonly string[];
  /** Directories that may be read and written. */
  readonly directories?: readonly string[];
  /** Set to 1 where sums of doubles must not depend on the order in which threads finish. */
  readonly threads?: number;
  /** Set where less than the default does as well. Beyond it DuckDB spills. */
  readonly memoryLimit?: string;
  /**
   * For text that somebody else wrote: our own statements fill tables from `files` first, and only then is the configuration
   * locked, without `files` and `directories`. The answer has the tables and nothing else, and spills where nobody else does:
   * DuckDB lets statements read and write the directory that it spills into.
   */
  readonly load?: (session: Session) => Promise<void>;
  readonly signal?: AbortSignal;
}

type Bound = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
type Row = Readonly<Record<string, unknown>>;

/**
 * Counting needs much memory only where a column has millions of different values, and then it costs the same with less: 10 M of
 * them took 8.3 CPU s and 1,049 MB of the process with 1 GiB, 7.8 s and 554 MB with this.
 */
export const COUNTING_MEMORY = '384MiB';

/** One connection while a question is answered. */
export interface Session {
  /** Runs statements without looking at their result. */
  run(sql: string, bound?: Bound): Promise<void>;
  /** All rows as plain JSON: whole numbers beyond int32 and decimals arrive as text, so cast counts to double. */
  rows<T extends object = Row>(sql: string, bound?: Bound): Promise<readonly T[]>;
  /** All rows, column by column, as DuckDB's own values: many times faster than objects. Cast counts to double. */
  columns(sql: string, bound?: Bound): Promise<readonly (readonly DuckDBValue[])[]>;
  /** The one row of an aggregate. */
  row<T extends object = Row>(sql: string, bound?: Bound): Promise<T>;
  readonly connection: DuckDBConnection;
}

/**
 * Answers a question in a DuckDB of its own (10 ms): no tables, settings or caches are shared between questions. It reads
 * the named files and nothing else, installs and loads no extension, opens no network connection, and its configuration is
 * locked before the first statement. An abort interrupts the running statement; then the signal's own reason is thrown.
 */
export async function ask<T>(
  options: DuckdbOptions,
  question: Question,
  answer: (session: Session) => Promise<T>,
): Promise<T> {
  try {
    return await connected(options, question, answer);
  } catch (error) {
    question.signal?.throwIfAborted();
    const failure = explained(error, question);
    if (mayHideDamage(failure)) await nameDamaged(options, question);
    throw failure;
  }
}

/** Reads every file by itself, every value of it, and throws `data-unreadable` for the first that cannot be read. */
async function nameDamaged(options: DuckdbOptions, { files = [], doing, signal }: Question): Promise<void> {
  for (const file of files) {
    const alone = { doing, files: [file], ...(signal === undefined ? {} : { signal }) };
    await connected(options, alone, async (session) => {
      await session.run(`SELECT max(hash(COLUMNS(*))) FROM ${rowsOf('files')}`, { files: [file] });
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw damaged(file, doing, error);
    });
  }
}

async function connected<T>(
  options: DuckdbOptions,
  question: Question,
  answer: (session: Session) => Promise<T>,
): Promise<T> {
  const { signal } = question;
  signal?.throwIfAborted();
  await mkdir(options.temporaryDirectory, { recursive: true });
  const own = question.load && (await mkdtemp(join(options.temporaryDirectory, 'locked-')));
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: own ?? options.temporaryDirectory,
    memory_limit: options.memoryLimit ?? question.memoryLimit ?? '1GiB',
    threads: String(question.threads ?? options.threads ?? 2),
    // Bins are smallint keys: 17 bits with NULL. At the default of 12 they would fall back to the slower hash aggregate.
    perfect_ht_threshold: '18',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  const interruption = interruptedBy(signal, connection);
  try {
    signal?.throwIfAborted();
    await configure(connection, question);
    return await answer(sessionOn(connection, question));
  } finally {
    interruption.over();
    connection.closeSync();
    instance.closeSync();
    if (own !== undefined) await rm(own, { recursive: true, force: true });
  }
}

const INTERRUPT_AGAIN_MS = 50;

/** Interrupts again and again: an interrupt is forgotten when a statement begins, and one may be about to. */
function interruptedBy(signal: AbortSignal | undefined, connection: DuckDBConnection): { over(): void } {
  let again: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    again = setInterval(() => connection.interrupt(), INTERRUPT_AGAIN_MS);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  return {
    over: () => {
      signal?.removeEventListener('abort', interrupt);
      clearInterval(again);
    },
  };
}

/** The order counts: once external access is off the lists cannot grow, once locked nothing can change. */
async function configure(connection: DuckDBConnection, question: Question): Promise<void> {
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  await connection.run('SET GLOBAL parquet_metadata_cache = true');
  const { load, files = [], directories = [] } = question;
  await load?.(sessionOn(connection, question));
  await connection.run(`SET allowed_paths = ${listLiteral(load ? [] : files)}`);
  await connection.run(`SET allowed_directories = ${listLiteral(load ? [] : await realDirectories(directories))}`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

/** Both spellings of a directory: a temporary directory is often reached through a symbolic link. */
async function realDirectories(directories: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(directories.map((directory) => realpath(directory)));
  return [...new Set([...directories, ...real])].map((directory) => `${directory}/`);
}

function listLiteral(texts: readonly string[]): string {
  return `[${texts.map(textLiteral).join(', ')}]`;
}

function sessionOn(connection: DuckDBConnection, question: Question): Session {
  const rows = async <T extends object>(sql: string, bound: Bound = {}): Promise<readonly T[]> => {
    question.signal?.throwIfAborted();
    const reader = await connection.runAndReadAll(sql, boundValues(bound), boundTypes(bound));
    return reader.getRowObjectsJson() as unknown as readonly T[];
  };
  return {
    connection,
    rows,
    async columns(sql, bound = {}) {
      question.signal?.throwIfAborted();
      return (await connection.runAndReadAll(sql, boundValues(bound), boundTypes(bound))).getColumns();
    },
    async run(sql, bound = {}) {
      question.signal?.throwIfAborted();
      await connection.run(sql, boundValues(bound), boundTypes(bound));
    },
    async row<T extends object>(sql: string, bound?: Bound) {
      const [first] = await rows<T>(sql, bound);
      if (first === undefined) throw new Error(`a statement that answers with one row answered with none: ${sql}`);
      return first;
    },
  };
}

function boundValues(bound: Bound): Record<string, DuckDBValue> {
  return Object.fromEntries(
    Object.entries(bound).map(([name, value]) => [name, isList(value) ? listValue([...value]) : value]),
  );
}

/** An empty list has no item whose type could be guessed. */
function boundTypes(bound: Bound): Record<string, DuckDBType> {
  const lists = Object.entries(bound).filter(([, value]) => isList(value));
  return Object.fromEntries(lists.map(([name]) => [name, LIST(VARCHAR)]));
}

function isList(value: Bound[string]): value is readonly string[] {
  return Array.isArray(value);
}

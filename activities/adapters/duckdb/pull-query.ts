import { isAbsolute, resolve } from 'node:path';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import { parseSelect } from './parse-select.ts';
import { textLiteral } from './sql-text.ts';

/** What a query may leave to be filled in: UTC timestamps. */
const PULL_PARAMETERS = ['as_of', 'from', 'until'] as const;

export interface PullQuery {
  /** The query with the relative paths of its files made absolute. */
  readonly sql: string;
  /** Those of `PULL_PARAMETERS` that it uses. */
  readonly parameters: readonly string[];
  /** Absolute paths and globs of the files that it reads. */
  readonly paths: readonly string[];
}

/**
 * Takes a team's query for what it says by DuckDB's own parser: exactly one SELECT, which can read but not write, attach,
 * install or set anything. Relative paths in its table functions and FROM clauses are resolved against the policy's folder.
 * @throws `bad-request` for anything else.
 */
export async function readQuery(session: Session, sql: string, folder: string): Promise<PullQuery> {
  const statement = await parseSelect(session, sql, refused);
  const parameters = (statement.named_param_map ?? []).map(({ key }) => key);
  const unknown = parameters.find((name) => !PULL_PARAMETERS.some((known) => known === name));
  if (unknown !== undefined)
    throw refused(`it uses $${unknown}; only ${PULL_PARAMETERS.map((name) => `$${name}`).join(', ')} are filled in`);
  const literals = pathsIn(statement);
  const paths = literals.map(({ text }) => resolve(folder, text));
  return { sql: withAbsolutePaths(sql, literals, folder), parameters, paths };
}

function refused(why: string): PortFailure {
  return new PortFailure('bad-request', `the query of spec.data.pull must be exactly one SELECT, but ${why}`);
}

interface PathLiteral {
  /** Byte offset in the query. */
  readonly at: number;
  readonly text: string;
}

interface Node {
  readonly type?: string;
  readonly class?: string;
  readonly query_location?: number;
  readonly table_name?: string;
  readonly function?: Node;
  readonly function_name?: string;
  readonly children?: readonly Node[];
  readonly value?: { readonly value?: unknown };
}

/** Literals that name files: arguments of reading functions and tables whose name is a path. */
function pathsIn(value: unknown): readonly PathLiteral[] {
  if (Array.isArray(value)) return value.flatMap(pathsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [...pathsOfNode(value), ...Object.values(value).flatMap(pathsIn)];
}

function pathsOfNode({ type, query_location: at = -1, table_name: table = '', function: called }: Node) {
  if (type === 'BASE_TABLE') return /[./]/.test(table) ? [{ at, text: table }] : [];
  const reads = /^(read_|parquet_|glob$|sniff_)/.test(called?.function_name ?? '');
  return type === 'TABLE_FUNCTION' && reads ? (called?.children ?? []).flatMap(constants) : [];
}

/** Positional arguments only: `name = value` arrives as a comparison. */
function constants(node: Node): readonly PathLiteral[] {
  if (node.class === 'CONSTANT' && typeof node.value?.value === 'string')
    return [{ at: node.query_location ?? -1, text: node.value.value }];
  return node.function_name === 'list_value' ? (node.children ?? []).flatMap(constants) : [];
}

function withAbsolutePaths(sql: string, paths: readonly PathLiteral[], folder: string): string {
  let bytes = Buffer.from(sql, 'utf8');
  for (const { at, text } of paths.toSorted((a, b) => b.at - a.at)) {
    if (isAbsolute(text) || text.includes('://')) continue;
    const written = [textLiteral(text), `"${text.replaceAll('"', '""')}"`]
      .map((spelling) => Buffer.from(spelling, 'utf8'))
      .find((spelling) => bytes.subarray(at, at + spelling.length).equals(spelling));
    if (at < 0 || written === undefined)
      throw refused(`the path "${text}" is not written as a plain text literal; write it out or make it absolute`);
    const absolute = Buffer.from(textLiteral(resolve(folder, text)), 'utf8');
    bytes = Buffer.concat([bytes.subarray(0, at), absolute, bytes.subarray(at + written.length)]);
  }
  return bytes.toString('utf8');
}

import { nearest } from '../../../scorecards/diagnostics/suggest.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import { parseSelect, type SelectNode } from './parse-select.ts';

/** What somebody's text says about one row. */
export interface RowExpression {
  /** In brackets, so that it can stand wherever an expression can. */
  readonly sql: string;
  /** The columns that it reads, as they were offered. */
  readonly columns: readonly string[];
}

interface Node {
  readonly class: string;
  readonly type: string;
  readonly column_names?: readonly string[];
  readonly function_name?: string;
  readonly cast_type?: { readonly id: string };
}

/**
 * A closed list, because DuckDB's own words for "harmless" are not enough: current_setting() counts as consistent, and neither
 * repeat() nor range() is held by the memory limit. What is here takes no longer and no more than the row it is given.
 */
const FUNCTIONS: ReadonlySet<string> = new Set(
  [
    '+ - * / // % ^ ** ~~ !~~ ~~* !~~*',
    'abs ceil ceiling exp floor fmod greatest isfinite isnan least ln log log10 log2 mod nullif pow power round sign sqrt trunc',
    'contains ends_with length lower starts_with upper',
    'date_diff date_part datediff day dayofweek hour isodow month year',
  ].flatMap((line) => line.split(' ')),
);
const OPERATORS: ReadonlySet<string> = new Set([
  'OPERATOR_NOT',
  'OPERATOR_IS_NULL',
  'OPERATOR_IS_NOT_NULL',
  'OPERATOR_COALESCE',
  'COMPARE_IN',
  'COMPARE_NOT_IN',
]);
const TYPES: ReadonlySet<string> = new Set(
  'BOOLEAN INTEGER BIGINT HUGEINT FLOAT DOUBLE DECIMAL VARCHAR DATE TIMESTAMP'.split(' '),
);
const fine = (): undefined => undefined;

/** Why a node of the tree is refused, by its class; a class that is not here is refused as such. */
const REFUSALS = new Map<string, (node: Node) => string | undefined>([
  ['BETWEEN', fine],
  ['CASE', fine],
  ['COMPARISON', fine],
  ['CONJUNCTION', fine],
  ['CONSTANT', fine],
  ['OPERATOR', ({ type }) => (OPERATORS.has(type) ? undefined : `it uses ${spoken(type)}`)],
  ['CAST', ({ cast_type: to }) => (to && TYPES.has(to.id) ? undefined : `it casts to ${to?.id}`)],
  ['COLUMN_REF', ({ column_names: names = [] }) => (names.length === 1 ? undefined : `it reads ${names.join('.')}`)],
  [
    'FUNCTION',
    ({ function_name: name = '' }) =>
      FUNCTIONS.has(name) ? undefined : `it calls ${name}(); these are there: ${[...FUNCTIONS].join(' ')}`,
  ],
]);

/**
 * Takes a text for one expression over the columns of one row, by DuckDB's own parser: no second statement, no subquery, no
 * aggregate or window, and no function that is not on a closed list. Nothing of it is run.
 * @throws `bad-request` naming `whose` for anything else, and for a column that is not among `offered`.
 */
export async function readExpression(
  session: Session,
  { text, whose, offered }: { readonly text: string; readonly whose: string; readonly offered: readonly string[] },
): Promise<RowExpression> {
  const refused = (why: string) =>
    new PortFailure('bad-request', `${whose}: its sql must be one expression over the columns of a row, but ${why}`);
  // Alone it must be whole, so that it cannot close our bracket; in brackets there is no room for a clause behind it.
  await parseSelect(session, `SELECT ${text}\n`, refused);
  const sql = `(${text}\n)`;
  const { node } = await parseSelect(session, `SELECT ${sql}`, refused);
  if (node === undefined || !isOneExpression(node)) throw refused('it has more parts');
  const nodes = nodesIn(node.select_list);
  const why = nodes
    .map((one) => (REFUSALS.get(one.class) ?? (() => `it holds a ${spoken(one.class)}`))(one))
    .find((found) => found !== undefined);
  if (why !== undefined) throw refused(why);
  const names = new Map(offered.map((name) => [name.toLowerCase(), name]));
  const columns = nodes
    .flatMap(({ column_names: read = [] }) => read)
    .map((name) => names.get(name.toLowerCase()) ?? { name });
  const unknown = columns.find((column) => typeof column === 'object');
  if (unknown !== undefined) {
    const near = nearest(unknown.name, offered);
    throw refused(
      `there is no column "${unknown.name}"${near === undefined ? '' : `; did you mean "${near}"?`} It can read ${offered.join(', ')}`,
    );
  }
  return { sql, columns: [...new Set(columns.filter((column) => typeof column === 'string'))] };
}

function isOneExpression({
  type,
  select_list: list = [],
  from_table: from,
  where_clause: where,
  modifiers = [],
}: SelectNode) {
  return (
    type === 'SELECT_NODE' && list.length === 1 && from?.type === 'EMPTY' && where === null && modifiers.length === 0
  );
}

/** Every node of the tree, wherever it hangs. */
function nodesIn(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(nodesIn);
  return 'class' in value ? [value as Node, ...inside] : inside;
}

const spoken = (word: string): string =>
  word
    .replace(/^OPERATOR_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');

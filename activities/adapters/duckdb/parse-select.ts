import type { Session } from './connection.ts';

/** One statement as DuckDB's own parser sees it. */
export interface Statement {
  readonly node?: SelectNode;
  readonly named_param_map?: readonly { readonly key: string }[];
}

/** The parts of a SELECT that are looked at. */
export interface SelectNode {
  readonly type: string;
  readonly select_list?: readonly unknown[];
  readonly from_table?: { readonly type: string };
  readonly where_clause?: unknown;
  readonly modifiers?: readonly unknown[];
}

interface Parsed {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements?: readonly Statement[];
}

/**
 * The one SELECT that somebody's text is, by DuckDB's own parser; nothing of it is run. Anything but a SELECT cannot be
 * serialised, so no statement that writes, attaches, installs or sets gets past this.
 * @throws what `refused` makes of the reason, for anything but exactly one SELECT.
 */
export async function parseSelect(session: Session, sql: string, refused: (why: string) => Error): Promise<Statement> {
  const { tree } = await session.row<{ tree: string }>('SELECT json_serialize_sql($sql::VARCHAR)::VARCHAR AS tree', {
    sql,
  });
  const parsed = JSON.parse(tree) as Parsed;
  if (parsed.error) throw refused(parsed.error_message ?? 'it could not be parsed');
  const [statement, ...more] = parsed.statements ?? [];
  if (statement === undefined || more.length > 0)
    throw refused(`it has ${more.length + (statement ? 1 : 0)} statements`);
  return statement;
}

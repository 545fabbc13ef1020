import { z } from 'zod';
import { knownNumber } from './evaluation.ts';
import type { EvaluatedRow, Evaluation, KnownNumber } from './evaluation.ts';

export type ReadEvaluation = { readonly evaluation: Evaluation } | { readonly problem: string };

const number = z.number().nullable();
/** `MetricFrame.by_group.to_json(orient="table")`. */
const table = z.looseObject({
  schema: z.looseObject({ primaryKey: z.array(z.string()) }),
  data: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});
/** `MetricFrame.by_group.to_json()`, or its `to_dict()`: metric → group → number. */
const columns = z.record(z.string(), z.record(z.string(), number));
/** `metrics.json` of an `EvaluationResult`: metric → number. */
const metrics = z.record(z.string(), number);

/**
 * Reads a MetricFrame of Fairlearn or the metrics of an MLflow evaluation. Never throws: what cannot be read is a `problem`. `by`
 * is the column whose groups a MetricFrame has that does not name it.
 */
export function readEvaluation(text: string, by: string | undefined): ReadEvaluation {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { problem: `it is not JSON (${error instanceof Error ? error.message : String(error)}; NaN is none)` };
  }
  const read = readTable(document) ?? readColumns(document, by) ?? readMetrics(document);
  if (read === undefined)
    return {
      problem: 'it is neither MetricFrame.by_group.to_json() of Fairlearn nor metrics.json of an MLflow evaluation',
    };
  if ('problem' in read) return read;
  const { evaluation } = read;
  if (evaluation.rows.some(({ numbers }) => [...numbers.keys()].some((name) => name !== 'count'))) return read;
  return {
    problem: `it has no metric that a criterion can ask for (${evaluation.unknown.join(', ') || 'none at all'})`,
  };
}

function readTable(document: unknown): ReadEvaluation | undefined {
  const parsed = table.safeParse(document);
  if (!parsed.success) return undefined;
  const { data, schema } = parsed.data;
  const [column, ...others] = schema.primaryKey;
  if (column === undefined || others.length > 0)
    return { problem: `its groups are of ${schema.primaryKey.length} columns; expected those of one` };
  const rows = data.map((row) => {
    const { [column]: group, ...numbers } = row;
    return rowOf(group === null || group === undefined ? null : String(group), Object.entries(numbers));
  });
  return { evaluation: { tool: 'MetricFrame of Fairlearn', column, rows, unknown: unknownIn(data, column) } };
}

const unknownIn = (rows: readonly Readonly<Record<string, unknown>>[], group?: string): readonly string[] =>
  [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (name) => knownNumber(name) === undefined && name !== group,
  );

function readColumns(document: unknown, by: string | undefined): ReadEvaluation | undefined {
  const parsed = columns.safeParse(document);
  if (!parsed.success || Object.keys(parsed.data).length === 0) return undefined;
  if (by === undefined)
    return {
      problem: 'it does not say whose groups it has; name the column with --import-by, or write it with orient="table"',
    };
  const names = Object.keys(parsed.data);
  const groups = [...new Set(Object.values(parsed.data).flatMap((values) => Object.keys(values)))];
  const rows = groups.map((group) =>
    rowOf(
      group,
      names.map((name) => [name, parsed.data[name]?.[group]]),
    ),
  );
  return {
    evaluation: { tool: 'MetricFrame of Fairlearn', column: by, rows, unknown: unknownIn([parsed.data]) },
  };
}

function readMetrics(document: unknown): ReadEvaluation | undefined {
  const parsed = metrics.safeParse(document);
  if (!parsed.success) return undefined;
  const rows = [rowOf(null, Object.entries(parsed.data))];
  return { evaluation: { tool: 'evaluation of MLflow', rows, unknown: unknownIn([parsed.data]) } };
}

function rowOf(group: string | null, entries: readonly (readonly [string, unknown])[]): EvaluatedRow {
  const known = entries.flatMap(([name, value]): (readonly [KnownNumber, number | null])[] => {
    const ours = knownNumber(name);
    if (ours === undefined || value === undefined) return [];
    return [[ours, typeof value === 'number' && Number.isFinite(value) ? value : null]];
  });
  return { group, numbers: new Map(known) };
}

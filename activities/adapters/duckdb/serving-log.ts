import { stat } from 'node:fs/promises';
import { LOG_FAULTS } from '../../../scorecards/data-checks/judge-log.ts';
import type { LogFault, LogProfile } from '../../../scorecards/data-checks/judge-log.ts';
import type { Work } from '../../ports/data-store.ts';
import type { LogRequest } from '../../ports/serving-log.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { typesOf } from './freeze-grids.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { DAY_MS, listPartitions } from './partitions.ts';
import { pathsOf } from './snapshot-join.ts';
import { instant, isFloating, isNumeric, isTemporal, isWhole, rowsOf, utc } from './sql-text.ts';

/** Files of a log whose days touch the span, each readable; none is `[]`. */
export async function filesOfLog(options: DuckdbOptions, request: LogRequest): Promise<readonly string[]> {
  const files = await listLog(options, request);
  await refuseUnreadable(files);
  return files;
}

async function listLog(options: DuckdbOptions, { log, span }: LogRequest): Promise<readonly string[]> {
  const isFile = await stat(log).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return [log];
  const path = log.includes('*') ? log : `${log.replace(/\/$/, '')}/day=*/*.parquet`;
  const all = await listPartitions(options, { dataset: 'observations', path, bucketMs: DAY_MS });
  if (!span) return pathsOf(all);
  const [from, until] = [Date.parse(span.from), Date.parse(span.until)];
  return pathsOf(all.filter(({ bucket }) => Date.parse(bucket.until) > from && Date.parse(bucket.from) < until));
}

/** Rows of a bound list of files that were answered within the span. */
export function answeredIn(span: LogRequest['span']): string {
  if (!span) return rowsOf('files');
  const time = utc('time');
  return `${rowsOf('files')} WHERE ${time} >= ${instant(span.from)} AND ${time} < ${instant(span.until)}`;
}

/** What a log holds and how many of its rows have which fault; undefined when there is no file. */
export async function profileLog(
  options: DuckdbOptions,
  request: LogRequest,
  work: Work,
): Promise<LogProfile | undefined> {
  const files = await filesOfLog(options, request);
  const [file] = files;
  if (file === undefined) return undefined;
  return await ask(options, { doing: 'look at the serving log', files, signal: work.signal }, async (session) => {
    const types = await typesOf(session, files);
    const columns = [...types].map(([name, type]) => ({ name, type }));
    const span = isTemporal(types.get('time') ?? '') ? request.span : undefined;
    const counts = await countFaults(session, { files, types, span });
    return { file, files: files.length, columns, ...counts };
  });
}

interface Counting {
  readonly files: readonly string[];
  readonly types: ReadonlyMap<string, string>;
  readonly span: LogRequest['span'];
}

/** A fault is counted where its column has a type in which the question makes sense; else the schema is the fault. */
async function countFaults(
  session: Session,
  { files, span, types }: Counting,
): Promise<Pick<LogProfile, 'rows' | 'faults'>> {
  const is = (column: string, fits: (type: string) => boolean) => fits(types.get(column) ?? '');
  const isText = (type: string) => type === 'VARCHAR' || type === 'JSON';
  const score = is('score', isFloating) ? 'NOT isfinite(score)' : 'false';
  const good = is('status', isWhole) ? 'coalesce(status BETWEEN 100 AND 399, false)' : 'true';
  const parsed = 'try_cast(inputs AS JSON)';
  const isObject = `coalesce(json_type(${parsed}) = 'OBJECT', false)`;
  const conditions: Readonly<Record<LogFault, string | false>> = {
    'no-id': types.has('id') && "coalesce(id::VARCHAR, '') = ''",
    'repeated-id': false,
    'no-time': types.has('time') && '"time" IS NULL',
    'no-version': types.has('model_version') && "coalesce(model_version::VARCHAR, '') = ''",
    'bad-status': is('status', isWhole) && 'NOT coalesce(status BETWEEN 100 AND 599, false)',
    'no-score': is('score', isNumeric) && `${good} AND coalesce(${score}, true)`,
    'score-outside': is('score', isNumeric) && `coalesce(NOT (${score}) AND (score < 0 OR score > 1), false)`,
    'bad-inputs': is('inputs', isText) && `NOT ${isObject}`,
    'empty-inputs': is('inputs', isText) && `${isObject} AND coalesce(len(json_keys(${parsed})) = 0, false)`,
  };
  const names = Object.keys(LOG_FAULTS) as LogFault[];
  const sums = names.map((name) => `coalesce(sum((${conditions[name] || 'false'})::INTEGER), 0)::DOUBLE AS "${name}"`);
  const found = await session.row<Record<LogFault | 'rows', number>>(
    `SELECT count(*)::DOUBLE AS rows, ${sums.join(', ')} FROM ${answeredIn(span)}`,
    { files },
  );
  const { rows, ...faults } = found;
  return { rows, faults: { ...faults, 'repeated-id': await repeatedIds(session, { files, types, span }) } };
}

async function repeatedIds(session: Session, { files, span, types }: Counting): Promise<number> {
  if (!types.has('id') || !types.has('model_version')) return 0;
  const { repeated } = await session.row<{ repeated: number }>(
    `SELECT (count(*) - count(DISTINCT (id, model_version)))::DOUBLE AS repeated
     FROM (SELECT id, model_version FROM ${answeredIn(span)})  WHERE coalesce(id::VARCHAR, '') <> ''`,
    { files },
  );
  return repeated;
}

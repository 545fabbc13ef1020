import { SERVED_KEY } from '../../../scorecards/skew/measured.ts';
import type { Parity } from '../../../scorecards/skew/measured.ts';
import type { Work } from '../../ports/data-store.ts';
import type { ParityRequest } from '../../ports/serving-log.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { typesOf } from './freeze-grids.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { doubleLiteral, isNumeric, quoted, rowsOf } from './sql-text.ts';

/**
 * Compares what was served with the observation of the same id, value by value. Two nulls are equal, a null and a value are not.
 * Of an id that stands in the observations several times any row will do: the snapshot refuses such ids.
 */
export async function compareRows(options: DuckdbOptions, request: ParityRequest, work: Work): Promise<Parity> {
  const { features, id, observations, sample, served, tolerance } = request;
  if (observations.length === 0) return { joined: 0, compared: 0, features: [], absent: [] };
  const files = [served.path, ...observations];
  await refuseUnreadable(files);
  return await ask(
    options,
    { doing: 'compare served with observed rows', files, signal: work.signal },
    async (session) => {
      const types = await typesOf(session, observations);
      if (!types.has(id)) return { joined: 0, compared: 0, features: [], absent: [id] };
      const present = features.filter((name) => types.has(name));
      const differences = present.map((name, index) => {
        const [a, b] = [`s.${quoted(name)}`, `o.${quoted(name)}`];
        const apart = `abs(${a}::DOUBLE - ${b}::DOUBLE) > ${doubleLiteral(tolerance)} * greatest(1e0, abs(${b}::DOUBLE))`;
        const differs = isNumeric(types.get(name) ?? '')
          ? `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN (${a} IS NULL) <> (${b} IS NULL) ELSE ${apart} END`
          : `${a}::VARCHAR IS DISTINCT FROM ${b}::VARCHAR`;
        return `(${differs}) AS d${index}`;
      });
      await session.run(
        `CREATE TEMP TABLE pair AS
       SELECT ${[`s.${SERVED_KEY} AS key`, ...differences].join(', ')}
       FROM ${rowsOf('served')} s JOIN ${rowsOf('observed')} o ON s.${SERVED_KEY} = o.${quoted(id)}::VARCHAR
       QUALIFY row_number() OVER (PARTITION BY s.${SERVED_KEY}) = 1`,
        { served: [served.path], observed: observations },
      );
      const { joined } = await session.row<{ joined: number }>('SELECT count(*)::DOUBLE AS joined FROM pair');
      await session.run(`CREATE TEMP TABLE compared AS SELECT * FROM pair ORDER BY md5(key), key LIMIT ${sample}`);
      const compared: Parity['features'][number][] = [];
      for (const [index, name] of present.entries()) {
        const found = await session.row<{ different: number; examples: readonly string[] | null }>(
          `SELECT count(*)::DOUBLE AS different, list(key ORDER BY key)[:3] AS examples FROM compared WHERE d${index}`,
        );
        compared.push({ name, different: found.different, examples: found.examples ?? [] });
      }
      const absent = features.filter((name) => !types.has(name));
      return { joined, compared: Math.min(joined, sample), features: compared, absent };
    },
  );
}

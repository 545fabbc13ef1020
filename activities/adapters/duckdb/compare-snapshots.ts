import type { SourceCounts } from '../../../scorecards/data-checks/profile.ts';
import type { CompareSnapshots, SnapshotFiles } from '../../ports/data-profile.ts';
import type { Work } from '../../ports/data-store.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { typesOf } from './freeze-grids.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { quoted, rowsOf } from './sql-text.ts';

/** Rows, shared rows and changed labels of two snapshots by source; a snapshot without the column is one source, NULL. */
export async function compareSnapshots(
  options: DuckdbOptions,
  { before, by, id, label, now }: CompareSnapshots,
  work: Work,
): Promise<readonly SourceCounts[]> {
  const files = [before, now].flatMap(({ holdout, holdoutLabels, train }) => [
    train.path,
    holdout.path,
    holdoutLabels.path,
  ]);
  await refuseUnreadable(files);
  return await ask(options, { doing: 'compare two snapshots', files, signal: work.signal }, async (session) => {
    await createRows(session, { name: 'was', files: before, id, label, by });
    await createRows(session, { name: 'is_now', files: now, id, label, by });
    const rows = await session.rows<Omit<SourceCounts, 'source'> & { readonly source: string | null }>(
      `SELECT source, coalesce(a.rows, 0)::DOUBLE AS before, coalesce(b.rows, 0)::DOUBLE AS now,
              coalesce(c.shared, 0)::DOUBLE AS shared, coalesce(c.flipped, 0)::DOUBLE AS flipped
       FROM (SELECT source FROM was UNION SELECT source FROM is_now) s
       LEFT JOIN (SELECT source, count(*) AS rows FROM was GROUP BY 1) a USING (source)
       LEFT JOIN (SELECT source, count(*) AS rows FROM is_now GROUP BY 1) b USING (source)
       LEFT JOIN (SELECT n.source AS source, count(*) AS shared, sum((n.y <> w.y)::INTEGER) AS flipped
                  FROM is_now n JOIN was w ON n.id = w.id WHERE n.y IS NOT NULL AND w.y IS NOT NULL GROUP BY 1) c USING (source)
       ORDER BY source`,
    );
    return rows.map(({ source, ...counts }) => ({ ...counts, ...(source === '' ? {} : { source }) }) as SourceCounts);
  });
}

interface Rows {
  readonly name: string;
  readonly files: SnapshotFiles;
  readonly id: string;
  readonly label: string;
  readonly by: string | undefined;
}

/** Id, label and source of every row. NULL cannot be joined: the source of nobody is an empty text. */
async function createRows(session: Session, { by, files, id, label, name }: Rows): Promise<void> {
  const paths = { train: [files.train.path], holdout: [files.holdout.path], labels: [files.holdoutLabels.path] };
  const types = await typesOf(session, paths.train);
  const source = by !== undefined && types.has(by) ? `coalesce(t.${quoted(by)}::VARCHAR, '')` : "''";
  await session.run(
    `CREATE TEMP TABLE ${name} AS
     SELECT t.${quoted(id)}::VARCHAR AS id, t.${quoted(label)}::VARCHAR AS y, ${source} AS source FROM ${rowsOf('train')} t
     UNION ALL
     SELECT t.${quoted(id)}::VARCHAR, l.${quoted(label)}::VARCHAR, ${source}
     FROM ${rowsOf('holdout')} t LEFT JOIN ${rowsOf('labels')} l ON t.${quoted(id)} = l.${quoted(id)}`,
    paths,
  );
}

import type { FeatureAges } from '../../../scorecards/data-checks/profile.ts';
import type { ProfileRequest } from '../../ports/data-profile.ts';
import type { Session } from './connection.ts';
import type { FileColumns } from './parquet-files.ts';
import { isTemporal, utc } from './sql-text.ts';

const WITH_NAMES = 'read_parquet($files, hive_partitioning = false, union_by_name = true, filename = true)';

/** Of each bounded feature the file with the most values that were too old; a feature without its column of times is left out. */
export async function featureAges(
  session: Session,
  { fresh, time }: ProfileRequest,
  schemas: ReadonlyMap<string, FileColumns>,
): Promise<readonly FeatureAges[]> {
  const ages: FeatureAges[] = [];
  const files = [...schemas.keys()];
  for (const { at, feature, withinMs } of fresh) {
    if (![...schemas.values()].every((columns) => isTemporal(columns.get(at) ?? ''))) continue;
    const age = `epoch_ms(${utc(time)}) - epoch_ms(${utc(at)})`;
    const [worst] = await session.rows<Omit<FeatureAges, 'feature'>>(
      `SELECT filename AS file, count(*)::DOUBLE AS rows,
              coalesce(sum((${age} > ${Math.round(withinMs)})::INTEGER), 0)::DOUBLE AS stale,
              sum((${utc(at)} IS NULL)::INTEGER)::DOUBLE AS unknown
       FROM ${WITH_NAMES} GROUP BY 1 ORDER BY stale DESC, unknown DESC, file LIMIT 1`,
      { files },
    );
    if (worst) ages.push({ feature, ...worst });
  }
  return ages;
}

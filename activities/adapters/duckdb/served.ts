import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVED_KEY, SERVED_TIME } from '../../../scorecards/skew/measured.ts';
import type { ServedProfile } from '../../../scorecards/skew/measured.ts';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { Work } from '../../ports/data-store.ts';
import type { ServedFeature, ServedRequest } from '../../ports/serving-log.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { fileRef } from './parquet-files.ts';
import { answeredIn, filesOfLog } from './serving-log.ts';
import { agreedTypes } from './snapshot-columns.ts';
import { quoted, textLiteral, utc } from './sql-text.ts';

export interface Served {
  readonly file: FileRef;
  readonly profile: ServedProfile;
}

/**
 * Writes what a model was given as a table of its features: of each request the first good answer. A value is cast to the type
 * of the training data, so that 3 and 3.0 are one category. Undefined when the log has no file.
 */
export async function writeServed(
  options: DuckdbOptions,
  request: ServedRequest,
  work: Work,
): Promise<Served | undefined> {
  const files = await filesOfLog(options, request);
  if (files.length === 0) return undefined;
  await mkdir(request.into, { recursive: true });
  const target = join(request.into, 'served.parquet');
  const question = { doing: 'read what was served', files, directories: [request.into], signal: work.signal };
  const profile = await ask(options, question, async (session) => {
    await agreedTypes(session, files, ['id', 'time', 'status', 'inputs']);
    await createAnswers(session, request, files);
    const columns = request.features.map((feature, index) => `v${index} AS ${quoted(feature.name)}`);
    await session.run(
      `COPY (SELECT time AS ${SERVED_TIME}, key AS ${SERVED_KEY}${columns.map((column) => `, ${column}`).join('')}
             FROM answer ORDER BY time, id)
       TO ${textLiteral(`${target}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    return await profileOf(session, request.features);
  });
  await rename(`${target}.part`, target);
  return { file: await fileRef(target, 'served.parquet', profile.rows), profile };
}

/** `answer`: per good answer its key, and of feature i the text `t`, the typed value `v` and the instant `a`. */
async function createAnswers(
  session: Session,
  { features, key, span }: ServedRequest,
  files: readonly string[],
): Promise<void> {
  const values = features.flatMap((feature, index) => {
    const text = inputOf(feature.name);
    const at = feature.fresh ? `try_cast(${inputOf(feature.fresh.at)} AS TIMESTAMPTZ)::TIMESTAMP` : 'NULL::TIMESTAMP';
    return [
      `${text} AS t${index}`,
      `try_cast(${text} AS ${typeText(feature.type)}) AS v${index}`,
      `${at} AS a${index}`,
    ];
  });
  const named = features.map(
    (feature, index) => `coalesce(json_exists(doc, ${pointer(feature.name)}), false) AS e${index}`,
  );
  await session.run(
    `CREATE TEMP TABLE answer AS
     SELECT ${['id', 'time', `${key === undefined ? 'id' : inputOf(key)} AS key`, ...values, ...named].join(', ')}
     FROM (SELECT id::VARCHAR AS id, ${utc('time')} AS time, try_cast(inputs AS JSON) AS doc
           FROM (SELECT * FROM ${answeredIn(span)}) WHERE coalesce(try_cast(status AS INTEGER) < 400, false)
           QUALIFY row_number() OVER (PARTITION BY id ORDER BY time) = 1)`,
    { files },
  );
}

const inputOf = (name: string): string => `json_extract_string(doc, ${pointer(name)})`;
/** RFC 6901: of all paths the one that can say any name. */
const pointer = (name: string): string => textLiteral(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
/** Types come from footers; what is none of these is compared as text. */
const typeText = (type: string): string =>
  /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT)|HUGEINT|FLOAT|DOUBLE|BOOLEAN|DATE|TIMESTAMP|DECIMAL\(\d+,\d+\))$/.test(type)
    ? type
    : 'VARCHAR';

async function profileOf(session: Session, features: readonly ServedFeature[]): Promise<ServedProfile> {
  const sum = (condition: string, name: string) => `coalesce(sum((${condition})::INTEGER), 0)::DOUBLE AS ${name}`;
  const counts = features.flatMap(({ fresh }, index) => [
    sum(`NOT e${index}`, `n${index}`),
    sum(`t${index} IS NOT NULL AND v${index} IS NULL`, `m${index}`),
    sum(fresh ? `epoch_ms(time) - epoch_ms(a${index}) > ${Math.round(fresh.withinMs)}` : 'false', `s${index}`),
    sum(`a${index} IS NULL`, `u${index}`),
  ]);
  const found = await session.row<Readonly<Record<string, number>>>(
    `SELECT ${['count(*)::DOUBLE AS rows', ...counts].join(', ')} FROM answer`,
  );
  const count = (name: string): number => found[name] ?? 0;
  return {
    rows: count('rows'),
    features: features.map(({ fresh, name }, index) => ({
      name,
      absent: count(`n${index}`),
      mistyped: count(`m${index}`),
      ...(fresh ? { fresh: { stale: count(`s${index}`), unknown: count(`u${index}`) } } : {}),
    })),
  };
}

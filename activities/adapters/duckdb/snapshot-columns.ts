import type { SnapshotRequest } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { columnsOfFiles, type FileColumns } from './parquet-files.ts';
import type { Session } from './connection.ts';
import { isTemporal, isWhole, quoted } from './sql-text.ts';

/** A column of the snapshot: its name in the files and where it stands in the joined table. */
export interface SnapshotColumn {
  readonly name: string;
  readonly type: string;
  /** Name in the joined table, which cannot collide with anything a team writes. */
  readonly alias: string;
  readonly feature: boolean;
  /** How it is read from the observations `o`. */
  readonly expression: string;
}

type ColumnRequest = Pick<SnapshotRequest, 'data' | 'features'> & Partial<Pick<SnapshotRequest, 'dataset'>>;

/** The columns in the order the trainer sees them: id, time, features, then slices that are not features. */
export function snapshotColumns(request: ColumnRequest, types: FileColumns): readonly SnapshotColumn[] {
  const { observations, labels, slices } = request.data;
  const names = [...new Set([observations.id, observations.time, ...request.features, ...slices])];
  if (names.includes(labels.label))
    throw new PortFailure(
      'data-schema',
      `the label "${labels.label}" is also a feature, a slice, the id or the time; a model must not be given its answer`,
      { details: { column: labels.label } },
    );
  refuseUnlisted(names, request);
  const hashed = new Set(request.dataset?.hash);
  return names.map((name, index) => {
    const type = types.get(name) ?? 'VARCHAR';
    return {
      name,
      type: hashed.has(name) ? 'VARCHAR' : type,
      alias: `c${index}`,
      feature: request.features.includes(name),
      expression: hashed.has(name) ? `sha256(o.${quoted(name)}::VARCHAR)` : `o.${quoted(name)}`,
    };
  });
}

/** `dataset.columns` is the list of what may leave the observations (GV10). */
function refuseUnlisted(names: readonly string[], request: ColumnRequest): void {
  const allowed = request.dataset?.columns;
  const { id, time } = request.data.observations;
  const unlisted = names.find(
    (name) => allowed !== undefined && !allowed.includes(name) && name !== id && name !== time,
  );
  if (unlisted === undefined) return;
  throw new PortFailure(
    'data-schema',
    `the column "${unlisted}" is a feature or slice but not listed in spec.dataset.columns; list it or stop using it`,
    { details: { column: unlisted } },
  );
}

/**
 * Types of the named columns. Each must be in every file, with one type; widths of whole numbers may differ.
 * @throws `data-schema` naming file, column and both types.
 */
export async function agreedTypes(
  session: Session,
  files: readonly string[],
  names: readonly string[],
): Promise<FileColumns> {
  const agreed = new Map<string, { type: string; file: string }>();
  for (const [file, columns] of await columnsOfFiles(session, files)) {
    for (const column of names) {
      const type = columns.get(column);
      if (type === undefined) throw absentColumn(file, column, columns);
      const before = agreed.get(column) ?? { type, file };
      if (type !== before.type && !(isWhole(type) && isWhole(before.type)))
        throw new PortFailure(
          'data-schema',
          `the column "${column}" is ${type} in ${file} but ${before.type} in ${before.file}; expected one type`,
          { details: { file, column, type, expected: before.type } },
        );
      agreed.set(column, before);
    }
  }
  return new Map([...agreed].map(([name, { type }]) => [name, type]));
}

function absentColumn(file: string, column: string, columns: FileColumns): PortFailure {
  const has = [...columns.keys()].slice(0, 20).join(', ');
  return new PortFailure('data-schema', `the column "${column}" is not in ${file}; it has ${has}`, {
    details: { file, column },
  });
}

/** Throws `data-schema` unless the column holds dates or timestamps. */
export function refuseNoTime(column: string, type: string | undefined, file: string | undefined): void {
  if (type !== undefined && isTemporal(type)) return;
  throw new PortFailure(
    'data-schema',
    `the column "${column}" is ${type ?? 'absent'}; expected DATE or TIMESTAMP, because rows are selected by it`,
    { details: { column, file } },
  );
}

/** Throws `data-schema` unless ids of both sides can be equal. */
export function refuseUnjoinable(observation: string | undefined, label: string | undefined, column: string): void {
  if (observation === label || (isWhole(observation ?? '') && isWhole(label ?? ''))) return;
  throw new PortFailure(
    'data-schema',
    `the id of the labels "${column}" is ${label}, the id of the observations ${observation}; rows could not be joined`,
    { details: { column } },
  );
}

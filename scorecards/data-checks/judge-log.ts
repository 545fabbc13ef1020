import { SERVING_LOG_TYPES } from '../contracts/serving-log.ts';
import { counted } from '../counted.ts';
import { broken, held } from './finding.ts';
import type { DataFinding } from './finding.ts';
import type { Column } from './judge-schema.ts';

/** What some files of a serving log hold. */
export interface LogProfile {
  /** The first one, by which a finding is named. */
  readonly file: string;
  readonly files: number;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Rows with each fault; of a column that is not there, or has another type, none. */
  readonly faults: Readonly<Record<LogFault, number>>;
}

/** What can be wrong with a row, with the column that it is about. */
export const LOG_FAULTS = {
  'no-id': { column: 'id', says: 'have no id' },
  'repeated-id': { column: 'id', says: 'repeat an id that the same version has answered already' },
  'no-time': { column: 'time', says: 'have no time' },
  'no-version': { column: 'model_version', says: 'name no version' },
  'bad-status': { column: 'status', says: 'have no status from 100 to 599' },
  'no-score': { column: 'score', says: 'have a good status and no finite score' },
  'score-outside': { column: 'score', says: 'have a score outside 0 to 1' },
  'bad-inputs': { column: 'inputs', says: 'have inputs that are no JSON object' },
  'empty-inputs': { column: 'inputs', says: 'have inputs without a single feature' },
} as const satisfies Record<string, { column: keyof typeof SERVING_LOG_TYPES; says: string }>;
export type LogFault = keyof typeof LOG_FAULTS;

/** Pairs count an id once, and a score of a regression may be any number: these are said and break nothing. */
const ONLY_WARNED: ReadonlySet<LogFault> = new Set(['repeated-id', 'score-outside', 'empty-inputs']);

/** GV6: a serving log against its published schema, `schemas/serving-log.json`: its columns, then its rows. */
export function judgeLog(profile: LogProfile): readonly DataFinding[] {
  const { file, rows } = profile;
  if (rows === 0) return [noRows(file)];
  const columns = judgeLogColumns(profile);
  const faults = Object.entries(LOG_FAULTS).flatMap(([fault, { column, says }]) => {
    const value = profile.faults[fault as LogFault];
    if (value === 0) return [];
    const sentence = `${counted(value)} of ${counted(rows)} rows ${says}.`;
    const facts = {
      check: 'serving-log' as const,
      kind: 'quality' as const,
      column,
      file,
      value,
      rows,
      limit: 0,
      sentence,
    };
    return [broken(facts, ONLY_WARNED.has(fault as LogFault) ? 'warn' : 'fail')];
  });
  const all = [...columns, ...faults];
  if (all.length > 0) return all;
  const sentence = `All ${counted(rows)} rows are as the schema of the serving log says.`;
  return [held({ check: 'serving-log', kind: 'schema', file, rows, sentence })];
}

function noRows(file: string): DataFinding {
  const sentence = 'The log has no rows, so nothing can be said about it.';
  return { check: 'serving-log', kind: 'quality', judged: 'missing', level: 'none', file, rows: 0, sentence };
}

function judgeLogColumns({ columns, file }: LogProfile): readonly DataFinding[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return Object.entries(SERVING_LOG_TYPES).flatMap(([column, allowed]) => {
    const type = types.get(column);
    // Of a decimal its width is part of the name.
    if (type !== undefined && allowed.some((one) => type.replace(/\(.*/, '') === one)) return [];
    const expected = allowed[0];
    const sentence =
      type === undefined
        ? `The column "${column}" is missing; expected ${expected}.`
        : `The column "${column}" is ${type}; expected ${expected}.`;
    return [broken({ check: 'serving-log', kind: 'schema', column, file, sentence }, 'fail')];
  });
}

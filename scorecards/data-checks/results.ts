import { broken, held } from './finding.ts';
import type { DataCheck, DataFinding, Severity } from './finding.ts';

export type ResultTool = Extract<DataCheck, 'great-expectations' | 'evidently' | 'findings'>;

/** One check of another tool, in its own words. */
export interface ForeignCheck {
  readonly name: string;
  readonly outcome: 'held' | 'broken' | 'not-judged';
  readonly severity: Severity;
  readonly column?: string;
  /** How many values broke it, of how many. */
  readonly counts?: { readonly broken: number; readonly of: number };
  /** What the tool says besides. */
  readonly said?: string;
}

/** What a file of another tool says; `problem` when it is not what the tool writes. */
export type ForeignResult =
  | { readonly madeAt?: string; readonly version?: string; readonly checks: readonly ForeignCheck[] }
  | { readonly problem: string };

/** Its checks as findings. A file without a check, or with one that its tool could not judge, is never a pass. */
export function findingsFrom(tool: ResultTool, file: string, result: ForeignResult): readonly DataFinding[] {
  if ('problem' in result)
    return [unusable({ tool, file }, `is no result of ${tool}: ${result.problem}`, 'unreadable')];
  if (result.checks.length === 0)
    return [
      unusable({ tool, file }, `of ${tool} holds no check at all, so it says nothing about the data`, 'unreadable'),
    ];
  return result.checks.map((check) => findingOf({ tool, file }, check));
}

interface Source {
  readonly tool: ResultTool;
  readonly file: string;
}

function findingOf(
  { file, tool }: Source,
  { column, counts, name, outcome, said, severity }: ForeignCheck,
): DataFinding {
  const where = column === undefined ? '' : ` of "${column}"`;
  const how = counts ? `${counts.broken} of ${counts.of} values break it` : undefined;
  const detail = [how, said].filter((text) => text !== undefined).join('; ');
  const tail = `${detail === '' ? '' : `: ${detail}`} (${tool}, ${file}).`;
  const facts = {
    check: tool,
    kind: 'quality' as const,
    file,
    ...(column === undefined ? {} : { column }),
    ...(counts ? { value: counts.broken, rows: counts.of } : {}),
  };
  if (outcome === 'held') return held({ ...facts, sentence: `${name}${where} holds${tail}` });
  if (outcome === 'broken') return broken({ ...facts, sentence: `${name}${where} does not hold${tail}` }, severity);
  return { ...facts, judged: 'missing', level: 'none', sentence: `${name}${where} could not be judged${tail}` };
}

/** Nothing that can be believed: absent, too old, or not what the tool writes. */
export function unusable({ file, tool }: Source, problem: string, why: NonNullable<DataFinding['why']>): DataFinding {
  return { check: tool, kind: 'quality', judged: 'missing', level: 'none', why, file, sentence: `${file} ${problem}.` };
}

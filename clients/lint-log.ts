import path from 'node:path';
import { judgeLog } from '../scorecards/data-checks/judge-log.ts';
import type { LogProfile } from '../scorecards/data-checks/judge-log.ts';
import type { DataFinding } from '../scorecards/data-checks/finding.ts';
import type { Diagnostic } from '../scorecards/diagnostics/diagnostic.ts';
import { loadSettings } from '../workers/settings-file.ts';
import { wirePorts } from '../workers/wiring.ts';
import type { Linted } from './lint-file.ts';

/**
 * Holds a serving log (a file, a glob, or the directory with its days) against the published schema. Throws when there is no
 * such file, or when it is no Parquet.
 */
export async function lintLog(log: string): Promise<Linted> {
  const { data } = wirePorts(await loadSettings(), () => undefined);
  const work = { signal: new AbortController().signal, progress: () => undefined };
  const profile = await data.profileLog({ log: path.resolve(log) }, work);
  if (!profile) throw new Error('there is no such file, and no day=…/*.parquet below it');
  const diagnostics = judgeLog(profile).flatMap((finding) => diagnosticOf(finding, { log, profile }));
  return { file: log, kind: 'ServingLog', ok: !diagnostics.some(({ severity }) => severity === 'error'), diagnostics };
}

/** A log has no lines to point at, so the column stands where a policy shows its line. */
function diagnosticOf(
  { column = '', judged, level, sentence }: DataFinding,
  { log, profile }: { readonly log: string; readonly profile: LogProfile },
): Diagnostic[] {
  if (judged === 'pass' && level === 'none') return [];
  const type = profile.columns.find(({ name }) => name === column)?.type;
  const excerpt = column === '' ? 'no rows' : `${column} ${type ?? '(missing)'}`;
  return [
    {
      code: 'US0301',
      severity: judged === 'pass' ? 'warning' : 'error',
      message: sentence.replace(/\.$/, ''),
      file: log,
      line: 1,
      column: 1,
      length: excerpt.length,
      path: column,
      excerpt,
      caret: 0,
    },
  ];
}

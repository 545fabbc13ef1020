import { findingsFrom, unusable } from '../scorecards/data-checks/results.ts';
import type { ForeignResult, ResultTool } from '../scorecards/data-checks/results.ts';
import type { DataFinding } from '../scorecards/data-checks/finding.ts';
import { readResult } from '../scorecards/data-checks/read-result.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import { formatDuration } from '../scorecards/policy/units.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import type { Ports } from './context.ts';
import { under } from './paths.ts';
import type { Document } from './ports/data-profile.ts';

type Declared = Policy['spec']['dataset']['checks']['results'][number];

/** A file of another tool, kept as it was, with what it says. */
export interface ImportedResult {
  readonly tool: ResultTool;
  readonly path: string;
  readonly findings: readonly DataFinding[];
  /** Absent when there was no file. */
  readonly file?: EvidenceRef;
  readonly madeAt?: string;
}

/**
 * Reads what other tools found: of each declared glob the newest file. None, one that is too old at as-of, and one that cannot
 * be read are findings that end the run: nobody may take silence for a pass.
 */
export async function importResults(
  ports: Pick<Ports, 'data' | 'evidence'>,
  declared: readonly Declared[],
  at: { readonly folder: string; readonly asOf: string },
): Promise<readonly ImportedResult[]> {
  const imported: ImportedResult[] = [];
  for (const one of declared) imported.push(await importOne(ports, one, at));
  return imported;
}

interface Read extends Document {
  readonly result: ForeignResult;
  readonly madeAt: string;
}

async function importOne(
  ports: Pick<Ports, 'data' | 'evidence'>,
  { path, tool, within }: Declared,
  { asOf, folder }: { readonly folder: string; readonly asOf: string },
): Promise<ImportedResult> {
  const documents = await ports.data.documents(under(folder, path));
  const newest = documents
    .map((document): Read => {
      const result = readResult(tool, document.text);
      const said = 'madeAt' in result ? result.madeAt : undefined;
      // Who does not say when it was made is taken by the time of its file.
      const madeAt = said !== undefined && Number.isFinite(Date.parse(said)) ? said : document.modifiedAt;
      return { ...document, result, madeAt: new Date(madeAt).toISOString() };
    })
    .toSorted((a, b) => Date.parse(a.madeAt) - Date.parse(b.madeAt))
    .at(-1);
  if (!newest) {
    const problem = `matches no file, and the policy counts on a result of ${tool} there (spec.dataset.checks.results)`;
    return { tool, path, findings: [unusable({ tool, file: under(folder, path) }, problem, 'absent')] };
  }
  const { madeAt, result, text } = newest;
  const kept = { tool, path: newest.path, madeAt, file: await ports.evidence.put(text, 'application/json') };
  if (Date.parse(asOf) - Date.parse(madeAt) > within) {
    const problem = `was made at ${madeAt}; as of ${asOf} a result of ${tool} must not be older than ${formatDuration(within)}`;
    return { ...kept, findings: [unusable({ tool, file: newest.path }, problem, 'stale')] };
  }
  return { ...kept, findings: findingsFrom(tool, newest.path, result) };
}

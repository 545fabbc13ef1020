import { readFile } from 'node:fs/promises';
import { hasErrors } from '../scorecards/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../scorecards/diagnostics/diagnostic.ts';
import { readSettings } from '../scorecards/diagnostics/read.ts';
import { readScorecard } from '../scorecards/diagnostics/read-scorecard.ts';
import { readSource } from '../scorecards/diagnostics/source.ts';
import { loadPolicyFile, readPresets } from './policy-file.ts';
import type { PolicyFile } from './policy-file.ts';

export interface Linted {
  readonly file: string;
  readonly kind: 'ModelPolicy' | 'Scorecard' | 'OperatorSettings' | 'ServingLog';
  readonly ok: boolean;
  readonly loaded?: PolicyFile;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks one file by what its `kind` says it is; a file that does not say is taken for a policy. */
export async function lintFile(file: string): Promise<Linted> {
  const text = await readFile(file, 'utf8');
  const kind = kindOf(readSource(text, file).value);
  if (kind === 'Scorecard') {
    const { diagnostics } = readScorecard(text, file, { presets: await readPresets() });
    return { file, kind, ok: !hasErrors(diagnostics), diagnostics };
  }
  if (kind === 'OperatorSettings') {
    const { diagnostics } = readSettings(text, file);
    return { file, kind, ok: !hasErrors(diagnostics), diagnostics };
  }
  const { loaded, diagnostics } = await loadPolicyFile(file);
  return { file, kind, ok: loaded !== undefined, diagnostics, ...(loaded === undefined ? {} : { loaded }) };
}

function kindOf(value: unknown): Linted['kind'] {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  return kind === 'Scorecard' || kind === 'OperatorSettings' ? kind : 'ModelPolicy';
}

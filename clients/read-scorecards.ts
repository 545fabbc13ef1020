import { readFile } from 'node:fs/promises';
import { hasErrors } from '../scorecards/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../scorecards/diagnostics/diagnostic.ts';
import { readScorecard } from '../scorecards/diagnostics/read-scorecard.ts';
import { readSource } from '../scorecards/diagnostics/source.ts';
import type { Scorecard } from '../scorecards/scorecard-schema.ts';
import { CliFailure, EXIT } from './failure.ts';
import { digestOf, loadPolicyFile, readPresets } from './policy-file.ts';
import { renderDiagnostics } from './render-diagnostics.ts';
import { talk } from './terminal.ts';
import type { Screen } from './terminal.ts';

export interface ScorecardOf {
  readonly scorecard: Scorecard;
  /** SHA-256, hex, of the resolved scorecard. */
  readonly digest: string;
  /** How a policy calls its columns; absent for a scorecard by itself. */
  readonly columns?: { readonly id: string; readonly label: string; readonly time: string };
}

/** What a command says that cannot go on. */
interface Refusal {
  readonly nothing: string;
  readonly next: string;
}
const COMPARED: Refusal = { nothing: 'nothing was compared', next: 'name two scorecards, or two policies' };

/** The resolved scorecard of a file, or of the policy that the file is. Throws CliFailure 2 or 3 when there is none. */
export async function readScorecardOf(screen: Screen, file: string, refusal = COMPARED): Promise<ScorecardOf> {
  const { columns, diagnostics, scorecard } = await read(file).catch((error: Error) => {
    throw new CliFailure(EXIT.usage, `cannot read ${file}: ${error.message}`, refusal.next);
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (scorecard !== undefined && errors.length === 0)
    return { scorecard, digest: digestOf(scorecard), ...(columns ? { columns } : {}) };
  talk(screen, renderDiagnostics(errors, screen.err));
  const next = 'correct what is marked above; understudy explain CODE says more';
  throw new CliFailure(EXIT.invalid, `${refusal.nothing}: ${file} is invalid`, next);
}

interface Read extends Partial<Pick<ScorecardOf, 'scorecard' | 'columns'>> {
  readonly diagnostics: readonly Diagnostic[];
}

async function read(file: string): Promise<Read> {
  const text = await readFile(file, 'utf8');
  const { value } = readSource(text, file);
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (kind !== 'ModelPolicy') return readScorecard(text, file, { presets: await readPresets() });
  const { diagnostics, loaded } = await loadPolicyFile(file);
  if (hasErrors(diagnostics) || !loaded) return { diagnostics };
  const { labels, observations } = loaded.policy.spec.data;
  return {
    diagnostics,
    scorecard: loaded.scorecard,
    columns: { id: observations.id, label: labels.label, time: observations.time },
  };
}

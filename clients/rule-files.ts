import { lookIntoGit } from '../infra/git.ts';
import { hasErrors, inFileOrder } from '../scorecards/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../scorecards/diagnostics/diagnostic.ts';
import { readSource } from '../scorecards/diagnostics/source.ts';
import { uncommittedRules } from '../scorecards/sign-off.ts';
import type { RuleFiles } from '../scorecards/sign-off.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { PolicyFile } from './policy-file.ts';
import { renderDiagnostics } from './render-diagnostics.ts';
import { talk } from './terminal.ts';
import type { Screen } from './terminal.ts';

/** A policy and where its rules stand in source control. */
export interface KeptPolicy {
  readonly policy: PolicyFile;
  readonly files: RuleFiles;
  readonly diagnostics: readonly Diagnostic[];
}

/** Asks git about a policy and its scorecard; `name` is the policy as a person wrote it. */
export async function rulesInGit(policy: PolicyFile, name: string): Promise<KeptPolicy> {
  const own = await lookIntoGit(policy.path, policy.policyText);
  const apart = policy.scorecardPath !== policy.path;
  const scorecard = apart ? await lookIntoGit(policy.scorecardPath, policy.scorecardText) : own;
  const files = { policy: own, scorecard };
  const source = readSource(policy.policyText, name);
  const diagnostics = uncommittedRules(policy.policy, files).map((one) => source.place(one));
  return { policy, files, diagnostics: inFileOrder(diagnostics, name) };
}

/**
 * The policies with where their rules stand. What no commit holds is shown, and is CliFailure 3 for a policy whose risk asks
 * for a commit: then none is applied.
 */
export async function requireCommitted(
  screen: Screen,
  policies: readonly PolicyFile[],
  names: readonly string[],
): Promise<readonly KeptPolicy[]> {
  const kept = await Promise.all(policies.map((policy, index) => rulesInGit(policy, names[index] ?? policy.path)));
  const diagnostics = kept.flatMap((one) => one.diagnostics);
  if (diagnostics.length > 0) talk(screen, renderDiagnostics(diagnostics, screen.err));
  const refused = kept.filter((one) => hasErrors(one.diagnostics)).map(({ policy }) => policy.policy.metadata.name);
  if (refused.length === 0) return kept;
  throw new CliFailure(
    EXIT.invalid,
    `nothing was applied: the rules of ${refused.join(', ')} are in no commit as they stand`,
    'git commit what is marked above; understudy explain US0302 says more',
  );
}

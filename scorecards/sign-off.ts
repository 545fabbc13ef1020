import type { Problem } from './diagnostics/diagnostic.ts';
import type { Policy } from './policy/schema.ts';
import type { AppliedPolicy } from './trigger.ts';

/** Where a file stands in source control, as git said it at `understudy apply`. */
export interface SourceFile {
  /** From the root of its repository; absolute where there is none. */
  readonly path: string;
  /**
   * `committed`: the text is that of the commit that is checked out. `changed`: that commit has another text.
   * `uncommitted`: it has no such file. `unknown`: there is no repository, or no git to ask.
   */
  readonly state: 'committed' | 'changed' | 'uncommitted' | 'unknown';
  /** The last commit that changed the file, in full; it holds this very text. Only of a `committed` file. */
  readonly commit?: string;
  /** What was in the way; only of an `unknown` file. */
  readonly why?: string;
}

/** What a record keeps of a file; empty for one that was applied before git was asked. */
export type FilePlace = Partial<Pick<SourceFile, 'path' | 'state' | 'commit'>>;

/** The files that a policy in force came from; a scorecard that stands in the policy itself has the policy's. */
export interface RuleFiles {
  readonly policy: SourceFile;
  readonly scorecard: SourceFile;
}

/** What a run was judged by, and who agreed to it (EV2). */
export interface SignedScorecard extends FilePlace {
  /** SHA-256, hex, of the resolved scorecard. */
  readonly digest: string;
  readonly signedOffBy: readonly string[];
}

type Applied = Pick<AppliedPolicy, 'scorecard' | 'scorecardDigest' | 'files'>;

export function signedScorecard({ files, scorecard, scorecardDigest }: Applied): SignedScorecard {
  const { signedOffBy } = scorecard.spec;
  return { ...placeOf(files?.scorecard), digest: scorecardDigest, signedOffBy };
}

export function placeOf(file: SourceFile | undefined): FilePlace {
  if (file === undefined) return {};
  const { commit, path, state } = file;
  return { path, state, ...(commit === undefined ? {} : { commit }) };
}

/** `rules/churn.yaml at commit 1a2b3c4d5e6f`; a file that no commit holds says so. */
export function sayFile({ commit, path, state, why }: SourceFile): string {
  if (state === 'committed') return `${path} at commit ${(commit ?? '').slice(0, 12)}`;
  if (state === 'changed') return `${path}, changed since its last commit`;
  if (state === 'uncommitted') return `${path}, in no commit`;
  return `${path}, not in source control${why === undefined ? '' : `: ${why}`}`;
}

/** The same of a record, with who signed. */
export function saySigned({ signedOffBy, ...file }: SignedScorecard): string {
  const { path, state } = file;
  const place = path === undefined || state === undefined ? [] : [sayFile({ ...file, path, state })];
  return [...place, `signed off by ${saySigners(signedOffBy)}`].join('; ');
}

export const saySigners = (people: readonly string[]): string => (people.length === 0 ? 'nobody' : people.join(', '));

/** EV2: from `risk: consequential` on, nothing comes into force but what a commit holds. Below, it is said. */
export function uncommittedRules({ spec }: Policy, { policy, scorecard }: RuleFiles): Problem[] {
  const asked = [
    { file: scorecard, field: 'scorecard' },
    ...(policy.path === scorecard.path ? [] : [{ file: policy, field: 'risk' }]),
  ];
  return asked
    .filter(({ file }) => file.state !== 'committed')
    .map(({ field, file }) => ({
      code: 'US0302',
      severity: spec.risk === 'routine' ? 'warning' : 'error',
      at: 'value',
      path: ['spec', field],
      message: `${faultOf(file)}${spec.risk === 'routine' ? '' : `; risk ${spec.risk} needs a commit`}`,
      help: file.state === 'unknown' ? 'keep it in a git repository, beside the pipeline' : 'commit it, then apply',
    }));
}

function faultOf({ path, state, why }: SourceFile): string {
  if (state === 'changed') return `${path} differs from its last commit`;
  return state === 'uncommitted' ? `${path} is in no commit` : `${path} is not in source control: ${why ?? ''}`;
}

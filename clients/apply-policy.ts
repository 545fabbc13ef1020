import { watchOperation } from '../activities/door.ts';
import { canonicalJson } from '../scorecards/canonical-json.ts';
import { signedScorecard } from '../scorecards/sign-off.ts';
import type { RuleFiles } from '../scorecards/sign-off.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import { applyPolicyUpdate } from '../workflows/messages.ts';
import type { Session } from './connect.ts';
import type { PolicyFile } from './policy-file.ts';
import type { KeptPolicy } from './rule-files.ts';
import { findWatch } from './runs.ts';
import { reconcileSchedules } from './schedules.ts';

/** What comes into force: values and texts, so that a run needs no file of the policy's folder to know its rules. */
export function appliedPolicy(file: PolicyFile, appliedBy: string, files?: RuleFiles): AppliedPolicy {
  return {
    policy: file.policy,
    policyDigest: file.digests.policy,
    scorecard: file.scorecard,
    scorecardDigest: file.digests.scorecard,
    ...(files === undefined ? {} : { files }),
    ...(file.pullSql === undefined ? {} : { pullSql: file.pullSql }),
    folder: file.folder,
    appliedBy,
    appliedAt: new Date().toISOString(),
  };
}

/** Hands the policy to its model's standing workflow, then makes the Schedules what it declares. */
export async function applyOne(
  session: Session,
  { files, policy: file }: Pick<KeptPolicy, 'files' | 'policy'>,
  options: { readonly as?: string; readonly dryRun?: boolean; readonly paused?: string },
) {
  const { name: model } = file.policy.metadata;
  const applied = appliedPolicy(file, options.as ?? session.identity, files);
  const changed = options.dryRun ? await differs(session, applied) : await putInForce(session, applied);
  const schedules = await reconcileSchedules(session.client, file.policy, options);
  const scorecard = signedScorecard(applied);
  const { policyDigest, scorecardDigest } = applied;
  return { model, policyDigest, scorecardDigest, files, scorecard, changed, schedules };
}

async function putInForce(session: Session, applied: AppliedPolicy): Promise<boolean> {
  const { name } = applied.policy.metadata;
  const { changed } = await session.ask(`a worker to take the policy of ${name}`, () =>
    session.client.workflow.executeUpdateWithStart(applyPolicyUpdate, {
      args: [applied],
      startWorkflowOperation: watchOperation(name),
    }),
  );
  return changed;
}

async function differs(session: Session, applied: AppliedPolicy): Promise<boolean> {
  const now = (await findWatch(session, applied.policy.metadata.name))?.applied;
  return (
    now?.policyDigest !== applied.policyDigest ||
    now.scorecardDigest !== applied.scorecardDigest ||
    now.pullSql !== applied.pullSql ||
    now.folder !== applied.folder ||
    canonicalJson(now.files ?? null) !== canonicalJson(applied.files ?? null)
  );
}

import type { Policy } from '../scorecards/policy/schema.ts';
import type { Scorecard } from '../scorecards/scorecard-schema.ts';
import type { ActivitySettings } from './context.ts';
import type { PreflightFinding } from './ports/preflight.ts';

type Allowing = Pick<ActivitySettings, 'testCommands'>;

/** What somebody may do about tests that no worker runs. */
export const ALLOW_TESTS = 'have worker.testCommands: true set in understudy.config.yaml, or take the criterion out';

/** Where trainers are processes of the worker the team's programs run there already. */
export const areTestsAllowed = ({ spec }: Policy, { testCommands }: Allowing): boolean =>
  spec.training.backend === 'process' || testCommands === true;

/** Why a run must not begin: its tests would be refused when everything else is done. */
export function refusedTests(policy: Policy, { spec }: Scorecard, settings: Allowing): PreflightFinding[] {
  const tests = spec.criteria.filter(({ metric }) => metric === 'command').map(({ name }) => `"${name}"`);
  if (tests.length === 0 || areTestsAllowed(policy, settings)) return [];
  const text = `the tests of ${tests.join(', ')} would run on a worker, which runs none for trainers in pods`;
  return [{ name: 'tests', state: 'problem', text, next: ALLOW_TESTS }];
}

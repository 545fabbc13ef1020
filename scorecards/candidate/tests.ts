import type { TestedResult } from '../contracts/tests.ts';
import { counted } from '../counted.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { exactly } from './measurement.ts';
import type { CriterionMeasurement } from './measurement.ts';

const NAMED = 3;
const LONGEST = 160;

/**
 * EV6: how many findings of the team's own tests failed. An exit code other than 0 counts as one failure where no finding did;
 * `lastLine` of what the command printed then says why. Without findings the exit code is the whole answer.
 */
export function measureTests(
  { name }: Pick<ScorecardCriterion, 'name'>,
  { exitCode, findings }: Omit<TestedResult, 'mode'>,
  lastLine: string,
): CriterionMeasurement {
  const failed = findings?.filter(({ passed }) => !passed) ?? [];
  const value = exitCode === 0 ? failed.length : Math.max(1, failed.length);
  const named = failed.slice(0, NAMED).map((one) => brief(one.message ? `${one.name}: ${one.message}` : one.name));
  const more = failed.length > NAMED ? [`and ${counted(failed.length - NAMED)} more`] : [];
  const ended = `the command ended with exit code ${exitCode}`;
  const said = lastLine === '' ? ended : `${ended}: ${brief(lastLine)}`;
  const whole =
    findings === undefined ? said : `${counted(findings.length)} finding${findings.length === 1 ? '' : 's'}, ${ended}`;
  return {
    criterion: name,
    slice: null,
    n: findings?.length ?? 1,
    challenger: exactly(value),
    point: named.length > 0 ? [...named, ...more].join('; ') : value > 0 ? said : whole,
  };
}

/** One line without control characters: it is a stranger's text. */
function brief(text: string): string {
  const characters = Array.from(text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim());
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : characters.join('');
}

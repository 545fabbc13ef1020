import { judgeDistance } from './judge.ts';
import { isDistance } from './measure.ts';
import type { DriftFinding, Level } from './verdict.ts';

/**
 * The newest window's findings with the levels that the windows before it left behind: a distance that was raised stays so until
 * its value is below 0.7 of the bound that raised it, so that an alert does not flap. What cannot be judged keeps the level it
 * had for the window after. Whether a run starts is decided without this: held levels would make two windows of every spike.
 * Windows oldest first; none gives no findings.
 */
export function withHeldLevels(windows: readonly (readonly DriftFinding[])[]): readonly DriftFinding[] {
  let raised: ReadonlyMap<string, Level> = new Map();
  let newest: readonly DriftFinding[] = [];
  for (const findings of windows) {
    const before = raised;
    newest = findings.map((finding) => heldUp(finding, before.get(finding.criterion.name) ?? 'none'));
    raised = raisedLevels(newest, before);
  }
  return newest;
}

/** Only distances are held: not a person's word, and nothing else that is judged. */
function heldUp(finding: DriftFinding, prior: Level): DriftFinding {
  const { criterion, judged, measurement, reason } = finding;
  const isJudged = judged === 'pass' || judged === 'fail';
  const isHeld = isJudged && prior !== 'none' && reason !== 'benign' && isDistance(criterion.metric);
  return isHeld && measurement ? judgeDistance(criterion, measurement, prior) : finding;
}

/** The levels that the next window starts from, by criterion name; only raised ones are listed. */
function raisedLevels(
  findings: readonly DriftFinding[],
  before: ReadonlyMap<string, Level>,
): ReadonlyMap<string, Level> {
  const after = findings.map(({ criterion, judged, level }): [string, Level] => {
    const isJudged = judged === 'pass' || judged === 'fail';
    return [criterion.name, isJudged ? level : (before.get(criterion.name) ?? 'none')];
  });
  return new Map(after.filter(([, level]) => level !== 'none'));
}

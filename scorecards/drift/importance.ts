/**
 * Weights of features in the share that has drifted, from what a trainer said its model rests on: in proportion, with a mean of 1,
 * so that they stand beside importances that a policy declares. What is no feature of the version (a column that the trainer made
 * of one) is left out, below 0 counts as 0; a feature that the trainer does not name has no entry. None where nothing is left.
 */
export function weightsOf(
  importances: Readonly<Record<string, number>>,
  features: readonly string[],
): Readonly<Record<string, number>> {
  const known = features.flatMap((name): [string, number][] => {
    const told = Object.hasOwn(importances, name) ? importances[name] : undefined;
    return told === undefined ? [] : [[name, Math.max(0, told)]];
  });
  // The largest first makes 1 of it: sums of huge numbers stay finite.
  const most = Math.max(0, ...known.map(([, told]) => told));
  if (most === 0) return {};
  const mean = known.reduce((sum, [, told]) => sum + told / most, 0) / known.length;
  return Object.fromEntries(known.map(([name, told]) => [name, told / most / mean]));
}

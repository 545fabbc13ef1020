const FARTHEST = 2;
/** Longer words are never a typo of a field name, and comparing them would cost time. */
const LONGEST = 64;

/** Number of single-character insertions, deletions and replacements between two words (Levenshtein 1966). */
export function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}

/** The nearest of `known` within two edits; upper and lower case count as one word. Ties go to the first. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const wanted = word.toLowerCase();
  const ranked = known
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    // Two edits turn any two-letter word into any other.
    .filter(({ name, distance }) => distance <= FARTHEST && distance < Math.max(word.length, name.length) / 2)
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

/** `did you mean "retrain"?`, or undefined when nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const name = nearest(word, known);
  return name === undefined ? undefined : `did you mean "${name}"?`;
}

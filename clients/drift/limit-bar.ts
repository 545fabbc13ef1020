/** Cells below the limit, and as many beyond it, where there is room for a long bar. */
export const HALF_BAR = 8;

const PARTS = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/**
 * How far a value is on its way to its limit, which stands in the middle, and beyond; `2 * half + 1` cells.
 * @param reached 1 is the limit; undefined, where there is no way, leaves the cells empty.
 */
export function limitBar(reached: number | undefined, half: number = HALF_BAR): string {
  if (reached === undefined) return ' '.repeat(2 * half + 1);
  const eighths = Math.round(Math.min(2, reached) * half * 8);
  const cell = (place: number) => PARTS[Math.max(0, Math.min(8, eighths - place * 8))] ?? ' ';
  const cells = Array.from({ length: 2 * half }, (_, place) => cell(place));
  return `${cells.slice(0, half).join('')}│${cells.slice(half).join('')}`;
}

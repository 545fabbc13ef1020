import type { KeptFinding } from './judged.ts';

/** With its sign, a real minus, and so many digits. */
export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
}

/** A measured criterion in a few words, in the unit that its size asks for. */
export function words({ challenger, difference, judged, slice, criterion }: KeptFinding): string {
  if (!challenger) return `${slice ?? criterion} ${judged}`;
  const [value] = challenger;
  if (value >= 10_000) return `${(value / 1e6).toFixed(2)} MB`;
  if (value >= 1) return `${value.toFixed(1)} ms`;
  const by = difference ? ` (${signed(difference[0], 3)})` : '';
  return `${value.toFixed(3)}${by}`;
}

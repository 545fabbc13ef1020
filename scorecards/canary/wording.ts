/** `4,560`. Written by hand because workflows must not depend on a locale. */
export function counted(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A fraction as people read it, two digits that matter: `4.1 %`, `0.10 %`, `37 %`, `0 %`. */
export function asPercent(fraction: number): string {
  const percent = 100 * fraction;
  if (percent === 0) return '0 %';
  if (percent >= 9.95) return `${percent.toFixed(0)} %`;
  const decimals = Math.min(6, 1 - Math.floor(Math.log10(percent)));
  return `${percent.toFixed(decimals)} %`;
}

/** Like `asPercent` for a ratio of counts; `nothing` when there was nothing to count. */
export function percentOf(part: number, whole: number): string {
  return whole === 0 ? 'nothing' : asPercent(part / whole);
}

/** An e-value: `0.4`, `412`, `over 1,000,000`. */
export function asEvidence(evidence: number): string {
  if (evidence > 1e6) return 'over 1,000,000';
  return evidence >= 10 ? counted(evidence) : evidence.toFixed(1);
}

/** Milliseconds for a sentence: `45 s`, `10 m`, `24 h`. */
export function asTime(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} m` : `${Math.round(seconds / 3600)} h`;
}

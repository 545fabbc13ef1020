import { readFileSync } from 'node:fs';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import type { ReadPolicy } from '../../../scorecards/diagnostics/read.ts';
import type { PresetTexts } from '../../../scorecards/diagnostics/read-scorecard.ts';
import { PRESET_NAMES } from '../../../scorecards/scorecard-preset.ts';

export const PRESETS: PresetTexts = Object.fromEntries(
  PRESET_NAMES.map((name) => [
    name,
    readFileSync(new URL(`../../../scorecards/presets/${name}.yaml`, import.meta.url), 'utf8'),
  ]),
);

/** The smallest policy of the design, nine lines. */
export const SMALLEST = `apiVersion: understudy/v1
kind: ModelPolicy
metadata: { name: churn, owner: oncall@growth.example }
spec:
  data:
    observations: { path: data/day=*/*.parquet, time: at, id: customer, score: score }
    labels: { path: labels/day=*/*.parquet, id: customer, label: churned, availableAt: known_at }
  training: { command: [python, train.py] }
  scorecard: { extends: classification }
`;

/** The smallest policy with further lines in its `spec`. */
export function readWith(...lines: readonly string[]): ReadPolicy {
  const more = lines.map((line) => `  ${line}\n`).join('');
  return readPolicy(SMALLEST + more, 'policy.yaml', { presets: PRESETS });
}

/** Codes of the errors, in the order of the file. */
export function errorsWith(...lines: readonly string[]): string[] {
  return codes(readWith(...lines), 'error');
}

export function warningsWith(...lines: readonly string[]): string[] {
  return codes(readWith(...lines), 'warning');
}

function codes(read: ReadPolicy, severity: string): string[] {
  return read.diagnostics.filter((one) => one.severity === severity).map(({ code }) => code);
}

/** A team's own scorecard: one bound of a preset, signed. */
export const OWN_SCORECARD = `apiVersion: understudy/v1
kind: Scorecard
metadata: { name: mine }
spec:
  extends: classification
  signedOffBy: [lead@growth.example]
  criteria: [{ name: cost of mistakes, falseNegative: 5 }]
`;

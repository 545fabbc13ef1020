import { CHECK_CODES } from './check-codes.ts';
import { CLASS_CODES } from './class-codes.ts';
import { FILE_CODES } from './file-codes.ts';
import { PART_CODES } from './part-codes.ts';
import { RULE_CODES } from './rule-codes.ts';
import { LOAD_CODES } from './load-codes.ts';
import { OPERATING_POINT_CODES } from './operating-point-codes.ts';
import { SLICE_CODES } from './slice-codes.ts';
import { VALUE_CODES } from './value-codes.ts';
import { SERVICE_CODES } from './service-codes.ts';
import { RUN_METRIC_CODES } from './run-metric-codes.ts';

/** One page of the reference: what a code says, how it comes about, what mends it. */
export interface CodePage {
  readonly title: string;
  readonly meaning: string;
  readonly cause: string;
  readonly cure: string;
}

/**
 * Every diagnostic there is. US00 the YAML, US01 the shape, US02 what holds between fields; US03 live checks, US04 decisions
 * and US05 running join here with the commands that report them. A code is never reused; a test holds the list.
 */
export const CODES = {
  ...FILE_CODES,
  ...RULE_CODES,
  ...RUN_METRIC_CODES,
  ...CHECK_CODES,
  ...SLICE_CODES,
  ...OPERATING_POINT_CODES,
  ...VALUE_CODES,
  ...SERVICE_CODES,
  ...CLASS_CODES,
  ...PART_CODES,
  ...LOAD_CODES,
} as const;
export type DiagnosticCode = keyof typeof CODES;

export function isDiagnosticCode(text: string): text is DiagnosticCode {
  return Object.hasOwn(CODES, text);
}

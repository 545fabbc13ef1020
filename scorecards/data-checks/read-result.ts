import { readEvidently } from './evidently.ts';
import { readGreatExpectations } from './great-expectations.ts';
import { readFindings } from './own-findings.ts';
import type { ForeignResult, ResultTool } from './results.ts';

const READERS: Readonly<Record<ResultTool, (document: unknown) => ForeignResult>> = {
  'great-expectations': readGreatExpectations,
  evidently: readEvidently,
  findings: readFindings,
};

/** What the text of a result file says. Never throws: what cannot be read is a `problem`. */
export function readResult(tool: ResultTool, text: string): ForeignResult {
  try {
    return READERS[tool](JSON.parse(text));
  } catch (error) {
    return { problem: `it is not JSON (${error instanceof Error ? error.message : String(error)})` };
  }
}

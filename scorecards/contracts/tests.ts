import { z } from 'zod';

const MOST_FINDINGS = 10_000;

/** What a team's own tests of a challenger may write to `findings.json` in their output directory. */
export const testFindingsSchema = z
  .array(z.object({ name: z.string().min(1), passed: z.boolean(), message: z.string().optional() }))
  .min(1, 'a list without a finding says nothing')
  .max(MOST_FINDINGS);
export type TestFinding = z.output<typeof testFindingsSchema>[number];

/** How the command of a criterion ended: its exit code, and its findings if it wrote any. */
export interface TestedResult {
  readonly mode: 'test';
  readonly exitCode: number;
  readonly findings?: readonly TestFinding[];
}

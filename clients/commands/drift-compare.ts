import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { Comparison } from '../drift/comparison.ts';
import { namesIn } from '../drift/feature-names.ts';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import type { Screen } from '../terminal.ts';

/** Of the command and of those below it: commander gives `-o` to the upper one, wherever it stands. */
export const DRIFT_FORMS = ['table', 'json', 'html'] as const;

interface CompareOptions {
  readonly features?: readonly string[];
  readonly psi?: string;
  readonly ks?: string;
  readonly share?: string;
  readonly minimum?: string;
  readonly output?: (typeof DRIFT_FORMS)[number];
  readonly out?: string;
}

/** `understudy drift compare`: any two sets of files, without a policy and without a server. */
export function registerCompare(drift: Command): void {
  const command = declare(drift, 'compare', {
    summary: 'say whether one set of Parquet or CSV files has drifted away from another; needs no policy and no server',
    example: 'understudy drift compare "data/day=2001-04-*/*.parquet" "data/day=2001-05-*/*.parquet"',
    forms: DRIFT_FORMS,
  })
    .argument('<baseline>', 'what the current files are held against: a file, a folder or a glob in quotes')
    .argument('<current>', 'file, folder or glob in quotes')
    .option(
      '--features <names>',
      'columns to compare, with commas; one that has a comma in double quotes; may be given again (default: all that can be)',
      namesIn,
    )
    .option('--psi <bound>', 'drift from this PSI on (default: 0.2)')
    .option('--ks <bound>', 'drift of a number from this Kolmogorov–Smirnov distance on (default: 0.15)')
    .option('--share <share>', 'share of drifted features from which the data drift (default: 0.3)')
    .option('--minimum <rows>', 'rows that each side needs to be judged (default: 500)')
    .option('--out <file>', 'write the answer to this file');
  command.addHelpText('after', '\nExit code: 0 steady or warn, 7 drift, blocked (another schema) or inconclusive.');
  does<CompareOptions>(command, compare);
}

async function compare(
  screen: Screen,
  [baseline = '', current = '']: readonly string[],
  options: CompareOptions,
): Promise<number> {
  const { compareFiles } = await import('../drift/compare-files.ts');
  const { rulesFrom } = await import('../drift/compare-rules.ts');
  const { interruptible } = await import('../drift/progress.ts');
  const { deliver } = await import('../drift/deliver.ts');
  const { createFileData } = await import('../../workers/file-data.ts');
  const { features, ks, minimum, psi, share } = options;
  const rules = rulesFrom(JSON.parse(JSON.stringify({ ks, minimum, psi, share })) as Record<string, string>);
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'understudy-compare-'));
  const stopped = {
    message: 'stopped; nothing was compared',
    next: 'the same command, or --features for fewer columns',
  };
  try {
    const comparison = await interruptible(screen, stopped, (work) =>
      compareFiles(
        createFileData(path.join(scratch, 'tmp')),
        { baseline, current, rules, scratch, ...(features ? { features } : {}) },
        work,
      ),
    );
    await deliver(screen, await formOf(screen, comparison, options), options.out);
    return comparison.verdict === 'steady' || comparison.verdict === 'warn' ? EXIT.ok : EXIT.gateFailed;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function formOf(screen: Screen, comparison: Comparison, { out, output }: CompareOptions): Promise<string> {
  if (output === 'json') return `${JSON.stringify({ schemaVersion: 1, ...comparison }, undefined, 2)}\n`;
  if (output === 'html') {
    const { renderComparisonPage } = await import('../drift/comparison-page.ts');
    return renderComparisonPage(comparison);
  }
  const { renderComparison } = await import('../drift/comparison-table.ts');
  const isFile = out !== undefined;
  return `${renderComparison(comparison, isFile ? (screen.columns ?? 100) : screen.columns, screen.out.color && !isFile)}\n`;
}

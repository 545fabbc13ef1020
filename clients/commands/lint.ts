import { Option } from 'commander';
import type { Command } from 'commander';
import type { Linted } from '../lint-file.ts';
import { terminalOf } from '../terminal.ts';

interface LintOptions {
  readonly file?: readonly string[];
  readonly log?: readonly string[];
  readonly resolved?: true;
  readonly output: 'text' | 'json' | 'sarif' | 'junit';
}

/** `understudy lint`: offline; exit 0 when no file has an error, 2 when a file cannot be read, 3 otherwise. */
export function registerLint(program: Command): void {
  program
    .command('lint')
    .summary('check policies, scorecards, settings and serving logs, offline')
    .description(
      'Check policies, scorecards, settings and serving logs without any server; every problem at once, with its cure.',
    )
    .option('-f, --file <files...>', 'files to check')
    .option('--log <logs...>', 'serving logs to check: Parquet files, globs, or directories of days')
    .option('--resolved', 'print each policy with all defaults, and where every value comes from')
    .addOption(
      new Option('-o, --output <form>', 'form of the answer')
        .choices(['text', 'json', 'sarif', 'junit'])
        .default('text'),
    )
    .addHelpText('after', '\nExample:\n  understudy lint -f policy.yaml')
    .action(async (options: LintOptions, command: Command) => lint(options, command));
}

async function lint(options: LintOptions, command: Command): Promise<void> {
  const results = await lintAll(options, command);
  const terminal = terminalOf(command);
  const diagnostics = results.flatMap((result) => result.diagnostics);
  if (options.output === 'text') {
    const { countDiagnostics, renderDiagnostics } = await import('../render-diagnostics.ts');
    // With --resolved the policy is the data, so what is said about it goes to stderr.
    const { write, color } = options.resolved === true ? terminal.err : terminal.out;
    if (diagnostics.length > 0) write(`${renderDiagnostics(diagnostics, { color })}\n`);
    const { ceilingsLine } = await import('../ceilings-line.ts');
    for (const result of results) {
      write(`${result.file}: ${countDiagnostics(result.diagnostics)}\n`);
      if (result.loaded !== undefined) write(ceilingsLine(result.loaded));
    }
  } else {
    terminal.out.write(await reportFor(options.output, results));
  }
  if (options.resolved === true) await printAll(results, terminal.out.write);
  const failed = results.filter(({ ok }) => !ok).length;
  if (failed === 0) return;
  const message = `${failed} of ${results.length} ${results.length === 1 ? 'file is' : 'files are'} invalid; \`understudy explain CODE\` says more`;
  command.error(message, { exitCode: 3, code: 'understudy.invalid' });
}

async function lintAll({ file = [], log = [] }: LintOptions, command: Command): Promise<readonly Linted[]> {
  if (file.length + log.length === 0)
    return command.error("error: nothing to check: name files with '-f, --file' or serving logs with '--log'", {
      exitCode: 2,
      code: 'understudy.usage',
    });
  const { lintFile } = await import('../lint-file.ts');
  const files = await Promise.all(file.map((one) => lintOne(one, lintFile, command)));
  if (log.length === 0) return files;
  const { lintLog } = await import('../lint-log.ts');
  return [...files, ...(await Promise.all(log.map((one) => lintOne(one, lintLog, command))))];
}

async function lintOne(file: string, lintWith: (file: string) => Promise<Linted>, command: Command): Promise<Linted> {
  try {
    return await lintWith(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return command.error(`error: cannot read ${file}: ${reason}`, { exitCode: 2, code: 'understudy.usage' });
  }
}

async function reportFor(form: 'json' | 'sarif' | 'junit', results: readonly Linted[]): Promise<string> {
  const reports = await import('../lint-reports.ts');
  if (form === 'sarif') return reports.sarifReport(results);
  return form === 'junit' ? reports.junitReport(results) : reports.jsonReport(results);
}

async function printAll(results: readonly Linted[], writeOut: (text: string) => void): Promise<void> {
  const { printResolved } = await import('../../scorecards/policy/print.ts');
  const policies = results.flatMap(({ loaded }) => (loaded === undefined ? [] : [printResolved(loaded)]));
  writeOut(policies.join('---\n'));
}

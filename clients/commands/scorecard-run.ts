import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { ScorecardOf } from '../read-scorecards.ts';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import type { FilesByRole } from '../scorecard/given-files.ts';
import type { GivenImports } from '../scorecard/given-imports.ts';
import type { GivenNumbers } from '../scorecard/given-numbers.ts';
import type { GivenPoints } from '../scorecard/given-points.ts';
import type { Judgement } from '../scorecard/told.ts';
import { answer, talk } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface RunOptions extends FilesByRole, GivenNumbers, GivenImports, GivenPoints {
  readonly id?: string;
  readonly label?: string;
  readonly time?: string;
  readonly junit?: string;
  readonly html?: string;
}

/** `understudy scorecard run`: judges files by a scorecard, without a policy and without a server. */
export function registerScorecardRun(scorecard: Command): void {
  const run = declare(scorecard, 'run', {
    summary: 'judge the predictions of a challenger by a scorecard; needs no server',
    example:
      'understudy scorecard run scorecard.yaml --champion champion.parquet --challenger challenger.parquet --labels labels.parquet',
  })
    .argument('<scorecard>', 'scorecard, or policy with its scorecard')
    .option(
      '--challenger <file>',
      'predictions (id, score; class for task multiclass), Parquet or CSV, as all files here',
    )
    .option('--champion <file>', 'predictions of the model that serves; without it relative bounds do not apply')
    .option('--labels <file>', 'what came true (id, label)')
    .option(
      '--holdout <file>',
      'the rows that count (id), with the columns that criteria name in `by`, and the time (default: the challenger’s)',
    )
    .option('--id <column>', 'name of the id in all files (default: as the policy says, else id)')
    .option('--label <column>', 'name of the label (default: as the policy says, else label)')
    .option('--time <column>', 'name of the time, for criteria with `blocks` (default: as the policy says, else time)')
    .option(
      '--challenger-threshold <file|number>',
      'for operatingPoint bestF1: training rows that it did not learn from (id, score, label), or the threshold',
    )
    .option('--champion-threshold <file|number>', 'the same of the champion')
    .option('--latency <file>', 'load run of both: {"challenger": {"latenciesMs": […], "failed": 0}, "champion": {…}}')
    .option('--challenger-size <size>', 'of its artifact, such as 12MB or a number of bytes')
    .option('--champion-size <size>', 'of its artifact')
    .option(
      '--import <file>',
      'what Fairlearn (MetricFrame.by_group) or MLflow (metrics.json) measured of the challenger, as JSON',
    )
    .option('--import-champion <file>', 'the same of the champion')
    .option(
      '--import-by <column>',
      'whose groups a MetricFrame has that does not say it (default: the only `by` of the criteria)',
    )
    .option('--junit <file>', 'write JUnit XML for a CI system: one test case for each finding')
    .option('--html <file>', 'write one page to send around');
  run.addHelpText(
    'after',
    '\nExit code: 0 passed, 7 failed or inconclusive (the answer says which); missing evidence never passes.',
  );
  does<RunOptions>(run, judge);
}

async function judge(screen: Screen, [file = '']: readonly string[], options: RunOptions): Promise<number> {
  const { readScorecardOf } = await import('../read-scorecards.ts');
  const { deliver } = await import('../drift/deliver.ts');
  const { renderJudgement } = await import('../scorecard/judgement-lines.ts');
  requirePredictions(options);
  const read = await readScorecardOf(screen, file, JUDGED_BY);
  const judgement = await judged(screen, read, options);
  if (options.junit !== undefined) {
    const { renderJunit } = await import('../scorecard/junit.ts');
    await deliver(screen, renderJunit(judgement), options.junit);
  }
  if (options.html !== undefined) {
    const { renderJudgementPage } = await import('../scorecard/judgement-page.ts');
    await deliver(screen, renderJudgementPage(judgement), options.html);
  }
  answer(screen, documentOf(judgement, file), () => renderJudgement(judgement, screen.columns, screen.out.color));
  return judgement.verdict.verdict === 'pass' ? EXIT.ok : EXIT.gateFailed;
}

const JUDGED_BY = { nothing: 'nothing was judged', next: 'name a scorecard, or a policy' };

/** An import alone can be judged, too. */
function requirePredictions({ challenger, import: imported, labels }: RunOptions): void {
  if (imported !== undefined && challenger === undefined && labels === undefined) return;
  const absent = [...(challenger === undefined ? ['--challenger'] : []), ...(labels === undefined ? ['--labels'] : [])];
  if (absent.length === 0) return;
  throw new CliFailure(
    EXIT.usage,
    `${absent.join(' and ')} ${absent.length === 1 ? 'is' : 'are'} not given; there is nothing to judge`,
    'name the predictions of the challenger and the labels; understudy scorecard run --help',
  );
}

async function judged(
  screen: Screen,
  { columns, digest, scorecard }: ScorecardOf,
  options: RunOptions,
): Promise<Judgement> {
  const { judgeFiles } = await import('../scorecard/judge-files.ts');
  const { measureGivenImports } = await import('../scorecard/given-imports.ts');
  const { measureGivenNumbers } = await import('../scorecard/given-numbers.ts');
  const { interruptible } = await import('../drift/progress.ts');
  const { createFileData } = await import('../../workers/file-data.ts');
  const { challenger, challengerThreshold, champion, championThreshold, holdout, id, label, labels, time } = options;
  const files: FilesByRole = given({ challenger, champion, holdout, labels });
  const bootstrap = champion === undefined && options.importChampion === undefined;
  const names = { id: 'id', label: 'label', time: 'time', ...columns, ...given({ id, label, time }) };
  const request = {
    scorecard,
    files,
    columns: { id: names.id, label: names.label },
    time: { column: names.time },
    others: [...(await measureGivenNumbers(scorecard, options)), ...(await measureGivenImports(scorecard, options))],
    bootstrap,
    ...given({ challengerThreshold, championThreshold }),
  };
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'understudy-scorecard-'));
  const stopped = { message: 'stopped; nothing was judged', next: 'the same command again' };
  try {
    const found = await interruptible(screen, stopped, (work) =>
      judgeFiles(createFileData(path.join(scratch, 'tmp')), { ...request, scratch }, work),
    );
    if (found.coverage) sayUnknownSlices(screen, scorecard, { ...found, time: request.time.column });
    if (found.unused.length > 0)
      talk(screen, `measured from the predictions, so the import is not used for: ${found.unused.join(', ')}`);
    return { ...found, scorecard, digest, bootstrap };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Without what is undefined. */
const given = <T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  JSON.parse(JSON.stringify(options)) as { [K in keyof T]?: NonNullable<T[K]> };

/** A column that the rows lack makes its criteria missing; what would cure it is said apart from the verdict. */
function sayUnknownSlices(
  screen: Screen,
  { spec }: Judgement['scorecard'],
  { time, verdict }: Pick<Judgement, 'verdict'> & { readonly time: string },
): void {
  const open = verdict.findings.filter(({ judged: word, slice }) => word === 'missing' && slice === null);
  const columns = spec.criteria.flatMap(({ blocks, by = blocks === undefined ? undefined : time, name }) =>
    by !== undefined && open.some(({ criterion }) => criterion === name) ? [by] : [],
  );
  if (columns.length > 0)
    talk(screen, `--holdout names a file of the rows with ${[...new Set(columns)].join(', ')}, by which criteria look`);
}

/** The answer as a document; its keys are stable. */
function documentOf(
  { bootstrap, coverage, digest, files, operatingPoint, operatingPointFrom, scorecard, verdict }: Judgement,
  file: string,
) {
  const { name } = scorecard.metadata;
  return {
    verdict: verdict.verdict,
    reasons: verdict.reasons,
    passed: verdict.passed,
    of: verdict.of,
    notApplicable: verdict.notApplicable,
    notes: verdict.notes ?? [],
    warnings: verdict.warnings ?? [],
    findings: verdict.findings,
    scorecard: { name, file, digest, signedOffBy: scorecard.spec.signedOffBy },
    bootstrap,
    files,
    coverage: coverage ?? null,
    operatingPoint: operatingPoint ?? null,
    operatingPointFrom: operatingPointFrom ?? null,
  };
}

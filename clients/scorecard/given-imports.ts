import { readFile } from 'node:fs/promises';
import type { CriterionMeasurement } from '../../scorecards/candidate/measurement.ts';
import { importedMeasurements } from '../../scorecards/imports/imported-measurements.ts';
import type { ImportedEvaluation } from '../../scorecards/imports/imported-measurements.ts';
import { readEvaluation } from '../../scorecards/imports/read-evaluation.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import { CliFailure, EXIT } from '../failure.ts';

export interface GivenImports {
  readonly import?: string;
  readonly importChampion?: string;
  readonly importBy?: string;
}

/** What other tools measured, for the criteria that ask for it. Throws CliFailure 2 for a file that is not theirs. */
export async function measureGivenImports(
  scorecard: Scorecard,
  { import: file, importBy, importChampion }: GivenImports,
): Promise<readonly CriterionMeasurement[]> {
  if (file === undefined) {
    if (importChampion === undefined) return [];
    throw new CliFailure(EXIT.usage, '--import-champion is given without --import', 'import both, or neither');
  }
  const by = importBy ?? onlyColumnOf(scorecard);
  const challenger = await readOne(file, by);
  const champion = importChampion === undefined ? undefined : await readOne(importChampion, by);
  return importedMeasurements(scorecard, challenger, champion);
}

async function readOne(file: string, by: string | undefined): Promise<ImportedEvaluation> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CliFailure(EXIT.usage, `cannot read ${file}: ${error.message}`, 'name a file of Fairlearn or MLflow');
  });
  const read = readEvaluation(text, by);
  if ('evaluation' in read) return { ...read.evaluation, file };
  const next = 'import MetricFrame.by_group.to_json(orient="table"), or metrics.json of mlflow.models.evaluate';
  throw new CliFailure(EXIT.usage, `${file} cannot be imported: ${read.problem}`, next);
}

/** The column by which criteria look, when there is but one. */
function onlyColumnOf({ spec }: Scorecard): string | undefined {
  const columns = [...new Set(spec.criteria.flatMap(({ by }) => by ?? []))];
  return columns.length === 1 ? columns[0] : undefined;
}

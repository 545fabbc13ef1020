import { asksBestF1, isAtCut } from '../../../scorecards/operating-point.ts';
import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import { UNBOUNDED } from '../../../scorecards/statistics/paired-estimates.ts';
import { pairedMeans } from '../../../scorecards/statistics/paired-means.ts';
import type { CriterionMeasurement, HoldoutMeasurements, MeasureRequest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import type { MomentsRow } from './count-flags.ts';
import { explained } from './failures.ts';
import { filesOf, refsOf } from './join-files.ts';
import { ofMoments } from './measure-losses.ts';
import { measurementOf, whyUncut } from './measure-slices.ts';
import { columnsOfFiles } from './parquet-files.ts';
import { readExpression, type RowExpression } from './row-expression.ts';
import { doubleLiteral, isNumeric, quoted, rowsOf } from './sql-text.ts';
import type { TimeParts } from './time-blocks.ts';

type Known = Pick<HoldoutMeasurements, 'operatingPoint' | 'slices'>;

/** A criterion with its text, taken for one expression. */
interface Written {
  readonly criterion: ScorecardCriterion;
  readonly expression: RowExpression;
  /** The column of `by`, undefined without; null where the holdout does not have it. */
  readonly by: string | null | undefined;
}
type Parts = ReadonlyMap<string, Pick<TimeParts, 'sql'>>;

type Task = MeasureRequest['scorecard']['spec']['task'];

/** What a text may name that is no column of the holdout, by task, and as what types. Without an operating point nothing is flagged. */
const answersOf = (task: Task) =>
  task === 'multiclass'
    ? ({ answer: 'class', type: 'VARCHAR', computed: ['class', 'label'] } as const)
    : ({
        answer: 'score',
        type: 'DOUBLE',
        computed: task === 'regression' ? ['score', 'label'] : ['score', 'flagged', 'label'],
      } as const);

/** Columns of the table `judged` beside those that a text may name. */
const CHALLENGER = quoted('understudy: challenger');
const CHAMPION = quoted('understudy: champion');
const sliceOf = (by: string): string => quoted(`understudy: by ${by}`);

/**
 * Takes every text of `metric: sql` for what it says, before any row is read: see `readExpression`. It may name `score` and
 * `flagged` of the model that is measured (`class` where it names one), `label`, and columns of the holdout; there is no
 * `flagged` where the task has no operating point.
 * @throws `bad-request` naming the criterion for what is no such expression.
 */
export async function readExpressions(
  options: DuckdbOptions,
  { holdout, scorecard }: MeasureRequest,
  { parts, signal }: Pick<Work, 'signal'> & { readonly parts: Parts },
): Promise<readonly Written[]> {
  const { task, criteria } = scorecard.spec;
  const own = criteria.filter(({ metric }) => metric === 'sql');
  if (own.length === 0) return [];
  return await ask(
    options,
    { doing: 'read the sql of the scorecard', files: [holdout.path], signal },
    async (session) => {
      const columns = (await columnsOfFiles(session, [holdout.path])).get(holdout.path) ?? new Map<string, string>();
      const features = [...columns].filter(([, type]) => type !== 'NESTED').map(([name]) => name);
      // Ours come last: they win over columns of the holdout that are called the same.
      const offered = [...features, ...answersOf(task).computed];
      const written: Written[] = [];
      for (const criterion of own) {
        const text = criterion.sql ?? '';
        const expression = await readExpression(session, { text, whose: whose(criterion), offered });
        const by = knows(criterion.by, columns, parts) ? criterion.by : null;
        written.push({ criterion, expression, by });
      }
      return written;
    },
  );
}

const knows = (by: string | undefined, columns: ReadonlyMap<string, unknown>, parts: Parts): boolean =>
  by === undefined || columns.has(by) || parts.has(by);

/**
 * The mean of each expression over the labelled rows, for both models on the same rows, so with the interval of a mean and a
 * paired difference. The rows that the texts need are copied first; only after files, network, extensions and configuration
 * are locked are the texts run. Without labelled rows nothing is estimated, and one row has no interval: n says so.
 * @throws `data-invalid` naming the criterion where its value is no finite number, `bad-request` where it is no number at all.
 */
export async function measureExpressions(
  options: DuckdbOptions,
  request: MeasureRequest,
  known: Known & { readonly written: readonly Written[]; readonly parts: Parts },
  { signal }: Pick<Work, 'signal'>,
): Promise<readonly CriterionMeasurement[]> {
  const { parts, written, operatingPoint: cuts, slices } = known;
  if (written.length === 0) return [];
  const files = refsOf(request).map(({ path }) => path);
  const load = (session: Session) => copyRows(session, request, { parts, written });
  const question = { doing: 'run the sql of the scorecard', files, threads: 1, load, signal };
  return await ask(options, question, async (session) => {
    const measurements: CriterionMeasurement[] = [];
    for (const one of written) {
      // There is no `flagged` of a model whose threshold nobody knows.
      const needsCut = asksBestF1(request.scorecard) && isAtCut(one.criterion);
      const hasChampion = request.champion !== undefined && !(needsCut && cuts?.champion === undefined);
      const expressed = { ...one, cuts, hasChampion, answer: answersOf(request.scorecard.spec.task).answer };
      if (needsCut && cuts === undefined) {
        measurements.push(...perSlice(expressed, slices, []));
        continue;
      }
      const found = await momentsOf(session, expressed).catch((error: unknown) => {
        signal.throwIfAborted();
        throw explained(error, { doing: `run the sql of ${whose(one.criterion)}` });
      });
      measurements.push(...perSlice(expressed, slices, found));
    }
    return measurements;
  });
}

const whose = ({ name }: ScorecardCriterion): string => `criterion "${name}"`;

/** Every labelled row with both scores and the columns that are asked for; ids are compared as texts, as they may differ in type. */
async function copyRows(
  session: Session,
  request: MeasureRequest,
  { parts, written }: { readonly parts: Parts; readonly written: readonly Written[] },
): Promise<void> {
  const { champion, columns, scorecard } = request;
  const { answer, computed, type } = answersOf(scorecard.spec.task);
  const ours: ReadonlySet<string> = new Set(computed);
  const features = new Set(written.flatMap(({ expression }) => expression.columns.filter((name) => !ours.has(name))));
  const slices = new Set(written.flatMap(({ by }) => by ?? []));
  const id = quoted(columns.id);
  const selected = [
    ...[...features].map((name) => `h.${quoted(name)}`),
    ...[...slices].map((name) => `${parts.get(name)?.sql ?? `h.${quoted(name)}::VARCHAR`} AS ${sliceOf(name)}`),
  ];
  const scoresOf = (model: string) => `JOIN ${rowsOf(model)} ${model} ON ${model}.${id}::VARCHAR = h.${id}::VARCHAR`;
  await session.run(
    `CREATE TEMP TABLE judged AS
     SELECT l.${quoted(columns.label)}::${type} AS label, challenger.${answer}::${type} AS ${CHALLENGER},
            ${champion === undefined ? 'NULL' : `champion.${answer}`}::${type} AS ${CHAMPION}${selected.map((one) => `, ${one}`).join('')}
     FROM ${rowsOf('holdout')} h JOIN ${rowsOf('labels')} l ON l.${id} = h.${id}
     ${scoresOf('challenger')} ${champion === undefined ? '' : scoresOf('champion')}
     WHERE l.${quoted(columns.label)} IS NOT NULL`,
    filesOf(request),
  );
}

interface Expressed extends Written {
  readonly cuts: Known['operatingPoint'];
  readonly hasChampion: boolean;
  /** The column of what a model says. */
  readonly answer: string;
}

interface Moments extends MomentsRow {
  /** Rows whose value is no finite number for one of the models. */
  readonly wild: number;
}

const A = quoted('understudy: value of challenger');
const B = quoted('understudy: value of champion');

/** Moments of what the expression gives, by slice; the same text is bound to the columns of one model after the other. */
async function momentsOf(session: Session, expressed: Expressed): Promise<readonly Moments[]> {
  const { answer, criterion, expression, by, cuts, hasChampion } = expressed;
  const ofChallenger = `(SELECT *, ${seen(CHALLENGER, answer, cuts?.challenger)} FROM judged)`;
  await refuseNoNumber(session, expressed, ofChallenger);
  const first = `(SELECT *, ${expression.sql}::DOUBLE AS ${A} FROM ${ofChallenger})`;
  const names = cuts === undefined ? answer : `${answer}, flagged`;
  const ofChampion = `(SELECT * EXCLUDE (${names}), ${seen(CHAMPION, answer, cuts?.champion)} FROM ${first})`;
  const both = hasChampion
    ? `(SELECT *, ${expression.sql}::DOUBLE AS ${B} FROM ${ofChampion})`
    : `(SELECT *, 0e0 AS ${B} FROM ${first})`;
  const found = await session.rows<Moments>(
    `SELECT slice, count(*)::DOUBLE AS rows, count(*) FILTER (a IS NULL OR b IS NULL)::DOUBLE AS wild,
            coalesce(avg(a), 0) AS "meanA", coalesce(var_samp(a), 0) AS "varianceA", coalesce(avg(b), 0) AS "meanB",
            coalesce(var_samp(b), 0) AS "varianceB", coalesce(covar_samp(a, b), 0) AS covariance
     FROM (SELECT ${typeof by === 'string' ? sliceOf(by) : "''"} AS slice, ${finite(A)} AS a, ${finite(B)} AS b FROM ${both})
     GROUP BY 1`,
  );
  refuseWild(criterion, found);
  return found;
}

const seen = (model: string, answer: string, cut: number | undefined): string =>
  `${model} AS ${answer}${cut === undefined ? '' : `, ${model} >= ${doubleLiteral(cut)} AS flagged`}`;

/** Moments of what is not finite cannot be taken. */
const finite = (value: string): string => `CASE WHEN isfinite(${value}) THEN ${value} END`;

async function refuseNoNumber(session: Session, { criterion, expression }: Expressed, rows: string): Promise<void> {
  const described = await session.row<{ column_type: string }>(
    `DESCRIBE SELECT ${expression.sql} AS value FROM ${rows}`,
  );
  if (isNumeric(described.column_type)) return;
  const why = `its sql gives ${described.column_type}, expected a number`;
  throw new PortFailure('bad-request', `${whose(criterion)}: ${why}`);
}

/** What a row is worth must be said for every row: one that is left out would be counted for neither model, or for one of them. */
function refuseWild(criterion: ScorecardCriterion, found: readonly Moments[]): void {
  const sum = (of: 'rows' | 'wild') => found.reduce((total, moments) => total + moments[of], 0);
  if (sum('wild') === 0) return;
  throw new PortFailure(
    'data-invalid',
    `${whose(criterion)}: its sql is NULL, NaN or infinite for ${sum('wild')} of ${sum('rows')} labelled rows; ` +
      'say what such a row is worth, for example with coalesce(…, 0) or else 0',
    { details: { criterion: criterion.name, rows: sum('wild') } },
  );
}

/** One measurement for all rows, or per value of `by` that the holdout has. */
function perSlice(
  { criterion, by, hasChampion }: Expressed,
  slices: Known['slices'],
  found: readonly Moments[],
): readonly CriterionMeasurement[] {
  const { name, confidence } = criterion;
  if (by === null) return [measurementOf(name, null, { n: 0, why: whyUncut(criterion) })];
  const expected = by === undefined ? [null] : slices.filter(({ column }) => column === by);
  return expected.map((slice) => {
    const moments = found.find((one) => slice === null || one.slice === slice.value);
    const means = ofMoments(moments, hasChampion, (both) => pairedMeans(both, confidence, UNBOUNDED));
    return measurementOf(name, slice, means);
  });
}

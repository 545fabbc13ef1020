import { CLASSIFICATION_METRICS } from '../../scorecards/classification-metrics.ts';
import { scorecardSchema, type Scorecard } from '../../scorecards/scorecard-schema.ts';
import { GROUP_METRICS } from '../../scorecards/statistics/group-gaps.ts';

const WHOLE: ReadonlySet<string> = new Set(['precisionAtK', 'cost']);
const BY_SLICE = CLASSIFICATION_METRICS.filter((metric) => !WHOLE.has(metric));

/** Every quality metric of a classification for all rows and for each slice, and every gap between the groups of a column. */
export function criteriaOf(slices: readonly string[]): Scorecard {
  const one = (metric: string, by?: string) => ({
    name: by === undefined ? metric : `${metric} by ${by}`,
    group: 'quality',
    metric,
    versusChampion: { noWorseBy: 0.01 },
    ...(by === undefined ? {} : { by }),
  });
  const criteria = [
    ...[...WHOLE, ...BY_SLICE].map((metric) => one(metric)),
    ...slices.flatMap((by) => [...BY_SLICE, ...GROUP_METRICS].map((metric) => one(metric, by))),
  ];
  const spec = { task: 'classification', operatingPoint: { top: '20%' }, criteria };
  return scorecardSchema.parse({ apiVersion: 'understudy/v1', kind: 'Scorecard', metadata: { name: 'bench' }, spec });
}

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { DuckDBConnection } from '@duckdb/node-api';
import { createDuckdbDataStore } from '../../../../activities/adapters/duckdb/data-store.ts';
import { criterion, scorecard } from '../../../contracts/data-store/measurements.ts';
import { createWorld, refOf, unwatched, type World } from '../../../contracts/data-store/world.ts';

const COLUMNS = ['g', 'h'];
const FEW = ['auc', 'precisionAtK', 'brier', 'equalizedOdds'];
const MANY = [
  ...FEW,
  'averagePrecision',
  'ece',
  'recall',
  'precision',
  'f1',
  'accuracy',
  'cost',
  'logLoss',
  'demographicParity',
  'demographicParityRatio',
  'equalizedOddsRatio',
  'equalOpportunity',
  'equalOpportunityRatio',
  'calibrationGap',
];

/** What DuckDB is asked while something runs. */
async function statementsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
  const watched = (['run', 'runAndReadAll', 'stream'] as const).map((name) =>
    jest.spyOn(DuckDBConnection.prototype, name),
  );
  await run();
  const asked = watched.flatMap(({ mock }) => mock.calls.map(([sql]) => sql));
  for (const one of watched) one.mockRestore();
  return asked;
}

let world: World;
beforeEach(async () => {
  world = await createWorld((temporaryDirectory) => createDuckdbDataStore({ temporaryDirectory }));
});
afterEach(() => world.dispose());

test('EV4: however many criteria there are, the joined rows are read twice for them and twice for the charts', async () => {
  const write = async (name: string, select: string) =>
    await refOf(await world.write(`${name}.parquet`, `SELECT i AS id, ${select} FROM range(400) t(i)`), name);
  const files = {
    holdout: await write('holdout', 'i % 3 AS g, i % 5 AS h'),
    labels: await write('labels', '(i * 7 % 10 < 3)::INTEGER AS y'),
    challenger: await write('challenger', '(i * 37 % 400) / 400e0 AS score'),
    champion: await write('champion', '(i * 31 % 400) / 400e0 AS score'),
    columns: { id: 'id', label: 'y' },
  };
  const asked = async (metrics: readonly string[]) => {
    const criteria = COLUMNS.flatMap((by) =>
      metrics.map((metric) => criterion(metric, { name: `${metric} by ${by}`, by })),
    );
    return await statementsOf(() => world.store.measure({ ...files, scorecard: scorecard(criteria) }, unwatched));
  };
  const [few, many] = [await asked(FEW), await asked(MANY)];
  expect(many).toHaveLength(few.length);
  expect(new Set(many.filter((sql) => sql.includes('FROM scored'))).size).toBe(4);
});

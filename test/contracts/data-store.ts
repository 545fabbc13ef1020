import { afterEach, beforeEach, describe } from '@jest/globals';
import type { DataStore } from '../../activities/ports/data-store.ts';
import { badPredictionTests } from './data-store/bad-predictions.ts';
import { bestF1Tests } from './data-store/best-f1.ts';
import { classTests } from './data-store/classes.ts';
import { deliveryTests } from './data-store/deliveries.ts';
import { logTests } from './data-store/logs.ts';
import { measurementTests } from './data-store/measurements.ts';
import { ownWordTests } from './data-store/own-words.ts';
import { pairTests } from './data-store/pairs.ts';
import { partitionTests } from './data-store/partitions.ts';
import { poisonTests } from './data-store/poison.ts';
import { privacyTests } from './data-store/privacy.ts';
import { profileTests } from './data-store/profiles.ts';
import { pullTests } from './data-store/pulls.ts';
import { scoreChartTests } from './data-store/score-charts.ts';
import { sliceCapTests } from './data-store/slice-caps.ts';
import { rowOrderTests } from './data-store/row-orders.ts';
import { scoreTests } from './data-store/scores.ts';
import { servedTests } from './data-store/served.ts';
import { sketchTests } from './data-store/sketches.ts';
import { snapshotTests } from './data-store/snapshots.ts';
import { sumTests } from './data-store/sums.ts';
import { timeBlockTests } from './data-store/time-blocks.ts';
import { unfinishedSketchTests } from './data-store/unfinished-sketches.ts';
import { weakCellTests } from './data-store/weak-cells.ts';
import { createWorld, type World } from './data-store/world.ts';

type Tests = (world: () => World) => void;
const PARTS: readonly (readonly [string, Tests])[] = [
  ['partitions', partitionTests],
  ['sketches', sketchTests],
  ['unfinished sketches', unfinishedSketchTests],
  ['snapshots', snapshotTests],
  ['privacy', privacyTests],
  ['poisoned data', poisonTests],
  ['profiles', profileTests],
  ['serving logs', logTests],
  ['served values', servedTests],
  ['queries of teams', pullTests],
  ['deliveries', deliveryTests],
  ['measurements', measurementTests],
  ['thresholds of best F1', bestF1Tests],
  ['metrics in the words of teams', ownWordTests],
  ['charts of scores', scoreChartTests],
  ['orders of rows', rowOrderTests],
  ['caps of slices', sliceCapTests],
  ['blocks of time', timeBlockTests],
  ['bad predictions', badPredictionTests],
  ['classes', classTests],
  ['weak cells', weakCellTests],
  ['pairs', pairTests],
  ['scores', scoreTests],
  ['sums', sumTests],
];

/** What every data store must do, on real Parquet files; `make` gets a directory that it may fill while it works. */
export function dataStoreContract(name: string, make: (temporaryDirectory: string) => DataStore): void {
  describe(`${name} keeps the contract of the data store`, () => {
    let world: World;
    beforeEach(async () => {
      world = await createWorld(make);
    });
    afterEach(() => world.dispose());
    describe.each(PARTS)('%s', (_, tests) => {
      tests(() => world);
    });
  });
}

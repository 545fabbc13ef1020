import type { DataStore } from '../../ports/data-store.ts';
import { findBestF1 } from './best-f1.ts';
import { sumBuckets } from './bucket-sums.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { deliverDays } from './deliver.ts';
import { importCsv } from './import-csv.ts';
import { readDocuments } from './documents.ts';
import { partitionFacts } from './facts.ts';
import { freezeGrids, typesOf } from './freeze-grids.ts';
import { measureHoldout } from './measure.ts';
import { pairAnswers, pairPredictions } from './pairs.ts';
import { digestOfFile, refuseUnreadable } from './parquet-files.ts';
import { listPartitions } from './partitions.ts';
import { compareRows } from './parity.ts';
import { profileData } from './profile.ts';
import { pullDays } from './pull.ts';
import { sampleRows, writeFeatures } from './rows.ts';
import { countScores } from './score-counts.ts';
import { writeServed } from './served.ts';
import { profileLog } from './serving-log.ts';
import { sketchPartition } from './sketch.ts';
import { makeSnapshot } from './snapshot.ts';
import { searchCells } from './weak-cells.ts';

/** Answers every question of rows with DuckDB over Parquet files. Each call has a database of its own. */
export function createDuckdbDataStore(options: DuckdbOptions): DataStore {
  return {
    pull: (request, work) => pullDays(options, request, work),
    deliver: (request, work) => deliverDays(options, request, work),
    partitions: (request) => listPartitions(options, request),
    columns: async (files) => {
      await refuseUnreadable(files);
      const types = await ask(options, { doing: 'read the columns', files }, (session) => typesOf(session, files));
      return [...types].map(([name, type]) => ({ name, type }));
    },
    importCsv: (request, work) => importCsv(options, request, work),
    digest: (file, work) => digestOfFile(file, work),
    freezeGrids: (request, work) => freezeGrids(options, request, work),
    sketch: (request, work) => sketchPartition(options, request, work),
    facts: (partition, { time }, work) => partitionFacts(options, { partition, time }, work),
    documents: (pattern) => readDocuments(options, pattern),
    profileLog: (request, work) => profileLog(options, request, work),
    served: (request, work) => writeServed(options, request, work),
    compareRows: (request, work) => compareRows(options, request, work),
    compareSnapshots: (request, work) => compareSnapshots(options, request, work),
    profile: (request, work) => profileData(options, request, work),
    snapshot: (request, work) => makeSnapshot(options, request, work),
    measure: (request, work) => measureHoldout(options, request, work),
    bestF1: (request, work) => findBestF1(options, request, work),
    weakCells: (request, work) => searchCells(options, request, work),
    features: (request, work) => writeFeatures(options, request, work),
    comparePredictions: (request, work) => pairPredictions(options, request, work),
    pairs: (request, work) => pairAnswers(options, request, work),
    scores: (request, work) => countScores(options, request, work),
    sums: (request, work) => sumBuckets(options, request, work),
    sample: (file, rows) => sampleRows(options, file, rows),
  };
}

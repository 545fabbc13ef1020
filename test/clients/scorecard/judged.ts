import path from 'node:path';
import { readScorecardOf } from '../../../clients/read-scorecards.ts';
import type { FilesByRole } from '../../../clients/scorecard/given-files.ts';
import { measureGivenImports } from '../../../clients/scorecard/given-imports.ts';
import type { GivenPoints } from '../../../clients/scorecard/given-points.ts';
import type { GivenImports } from '../../../clients/scorecard/given-imports.ts';
import { measureGivenNumbers } from '../../../clients/scorecard/given-numbers.ts';
import { judgeFiles } from '../../../clients/scorecard/judge-files.ts';
import type { Judgement } from '../../../clients/scorecard/told.ts';
import type { Screen } from '../../../clients/terminal.ts';
import { createFileData } from '../../../workers/file-data.ts';

const silent = { write: () => undefined, color: false };
const SCREEN: Screen = {
  out: silent,
  err: silent,
  json: false,
  columns: undefined,
  canAsk: false,
  config: undefined,
  identity: 'test',
};

export interface Asked extends FilesByRole, GivenImports, GivenPoints {
  /** Name of a load run in the folder, without its ending. */
  readonly load?: string;
}

/** What `understudy scorecard run` does between its options and its exit code, with the files of a folder. */
export async function judgedIn(folder: string, name: string, asked: Asked): Promise<Judgement> {
  const { challenger, challengerThreshold, champion, championThreshold, holdout, labels, load, ...imports } = asked;
  const at = (file: string) => path.join(folder, file);
  const named = Object.entries({ challenger, champion, holdout, labels });
  const files = Object.fromEntries(named.flatMap(([role, file]) => (file === undefined ? [] : [[role, at(file)]])));
  const { digest, scorecard } = await readScorecardOf(SCREEN, at(`${name}.yaml`));
  const sizes = { challengerSize: '12MB', championSize: '11MB' };
  const numbers = load === undefined ? {} : { latency: at(`${load}.json`), ...sizes };
  const bootstrap = champion === undefined && imports.importChampion === undefined;
  const others = [
    ...(await measureGivenNumbers(scorecard, numbers)),
    ...(await measureGivenImports(scorecard, imports)),
  ];
  const columns = { id: 'id', label: 'label' };
  const work = { signal: new AbortController().signal, progress: () => undefined };
  const given = Object.entries({ challengerThreshold, championThreshold });
  const points = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const time = { column: 'time' };
  const request = { ...points, scorecard, files, columns, time, others, bootstrap, scratch: at('scratch') };
  const found = await judgeFiles(createFileData(at('tmp')), request, work);
  return { ...found, scorecard, digest, bootstrap };
}

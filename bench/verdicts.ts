import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../infra/package-root.ts';
import { measureBefore } from './verdicts/before.ts';
import { readKept, JSON_FILE, PAGE_FILE } from './verdicts/kept-verdicts.ts';
import type { KeptVerdicts } from './verdicts/kept-verdicts.ts';
import { boundsOf } from './verdicts/bounds.ts';
import { loadOf } from './verdicts/load.ts';
import { openModels } from './verdicts/models.ts';
import { describe } from './verdicts/page.ts';
import { replay } from './verdicts/replay.ts';

/**
 * `npm run flights:verdicts`: replays half a year of flights week by week and writes `docs/flights-verdicts.md` with the JSON that it is made
 * of. `-- --page` writes the page again from the JSON that is there; `-- --no-load` leaves latency out, for a machine that has other work.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { page: { type: 'boolean' }, 'no-load': { type: 'boolean' } } });
  if (values.page !== true) await measure(values['no-load'] !== true);
  await writeFile(path.join(packageRoot(), PAGE_FILE), describe(await readKept(packageRoot())));
  console.error(`wrote ${PAGE_FILE}`);
}

async function measure(load: boolean): Promise<void> {
  const started = Date.now();
  const say = (line: string) => console.error(`${((Date.now() - started) / 1000).toFixed(0)} s: ${line}`);
  const models = await openModels(path.join(packageRoot(), '.understudy', 'bench', 'verdicts'));
  const before = await measureBefore(models, models.file.scorecard, say);
  const weeks = await replay(models, { load, say });
  const [cpu] = os.cpus();
  const machine = `${os.availableParallelism()} × ${cpu?.model ?? 'unknown processor'}, Node ${process.version}`;
  const { rate, for: forMs } = loadOf(models.file);
  const offered = load ? { ratePerSecond: rate, seconds: forMs / 1000 } : null;
  const made: KeptVerdicts = { machine, load: offered, bounds: boundsOf(models.file.scorecard), before, weeks };
  await writeFile(path.join(packageRoot(), JSON_FILE), `${JSON.stringify(made, undefined, 2)}\n`);
  console.error(`wrote ${JSON_FILE}`);
}

await main();

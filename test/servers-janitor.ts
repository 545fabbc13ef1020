import { setTimeout as sleep } from 'node:timers/promises';
import { endRun, ownerLives } from './servers-run.ts';

const [run] = process.argv.slice(2);
if (run === undefined) throw new Error('usage: servers-janitor.ts FOLDER');
while (ownerLives(run)) await sleep(500);
await endRun(run);

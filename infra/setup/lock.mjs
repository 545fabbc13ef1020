import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { explainDisk } from './failure.mjs';
import { stateFolder } from './root.mjs';

/** Two set-ups at once would build into the same folders; the second waits for the first, or takes over from a dead one. */
export async function withLock(reporter, work) {
  const file = path.join(stateFolder, 'setup.lock');
  makeFolder();
  for (let told = false; !tryLock(file); told = true) {
    if (isAbandoned(file)) rmSync(file, { force: true });
    else if (!told) reporter.say(`waiting for a set-up that already runs (its process id is in ${file})`);
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function makeFolder() {
  try {
    mkdirSync(stateFolder, { recursive: true });
  } catch (cause) {
    throw explainDisk(cause, stateFolder);
  }
}

function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (cause) {
    if (cause.code === 'EEXIST') return false;
    throw explainDisk(cause, file);
  }
}

/** Left by a process that is gone, or by one that died before it could write its id. */
function isAbandoned(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 ? !lives(pid) : Date.now() - statSync(file).mtimeMs > 5000;
  } catch {
    return false;
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause.code === 'EPERM';
  }
}

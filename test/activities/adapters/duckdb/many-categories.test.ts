import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const COUNTER = fileURLToPath(new URL('count-ten-million.ts', import.meta.url));
const ROWS = 10_000_000;
/** Private memory, in KB: an allocation beyond it fails. Node, its threads and its compiled code need a third of it. */
const CAP_KB = 1_000_000;
const MOST_MB = 900;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-many-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('10 M different categories in one column are counted in bounded memory, where more cannot be had', async () => {
  const command = `ulimit -d ${CAP_KB} && exec "$0" --import tsx "$1" "$2" ${ROWS}`;
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command, process.execPath, COUNTER, folder]);
  const counted = JSON.parse(stdout) as { rows: number; beyond: { atLeast: number; atMost: number }; peakMb: number };
  expect(counted.rows).toBe(ROWS);
  expect(counted.beyond.atLeast).toBe(counted.beyond.atMost);
  expect(counted.peakMb).toBeLessThan(MOST_MB);
}, 240_000);

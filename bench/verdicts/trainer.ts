import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { flights } from '../../examples/flights/folder.ts';
import { pythonBin } from '../../infra/python.ts';
import { trainerResultSchema } from '../../scorecards/contracts/trainer.ts';
import type { TrainerResult, TrainerSpec } from '../../scorecards/contracts/trainer.ts';
import { readJson } from './kept.ts';

/**
 * Runs the example's trainer under its contract, in either mode, without MLflow. `output` appears when it has ended well, and what is there
 * already is not made again: a model is trained once, however many weeks and champions it is judged against.
 * @throws Error with what the trainer said, when it ends with another code than 0.
 */
export async function runTrainer(spec: Omit<TrainerSpec, 'output'>, output: string): Promise<TrainerResult> {
  const result = path.join(output, 'result.json');
  const known = await readJson(result);
  if (known !== undefined) return trainerResultSchema.parse(known);
  const doing = `${output}.doing-${process.pid}`;
  await rm(doing, { recursive: true, force: true });
  await mkdir(doing, { recursive: true });
  const specFile = path.join(doing, 'spec.json');
  await writeFile(specFile, JSON.stringify({ ...spec, output: doing }));
  const child = spawn(pythonBin('python'), ['train.py'], {
    cwd: flights,
    env: { PYTHONDONTWRITEBYTECODE: '1', HOME: doing, UNDERSTUDY_SPEC: specFile },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`train.py (${spec.mode} into ${output}) ended with ${code}, expected 0: ${said}`);
  // Another replay beside this one may have made the same, byte for byte.
  await rename(doing, output).catch(async (error: unknown) => {
    if (!existsSync(result)) throw error;
    await rm(doing, { recursive: true, force: true });
  });
  return trainerResultSchema.parse(JSON.parse(await readFile(result, 'utf8')));
}

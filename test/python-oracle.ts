import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pythonBin } from '../infra/python.ts';

/**
 * What a script of `test/fixtures/` answers to a list of cases: one process, JSON in, JSON out. The libraries it asks are those
 * of the project's own Python environment.
 */
export async function askPython<Answer>(script: string, cases: readonly unknown[]): Promise<readonly Answer[]> {
  const file = path.join(import.meta.dirname, 'fixtures', script);
  const python = spawn(pythonBin('python'), [file], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    python.once('error', reject);
    python.once('close', resolve);
  });
  python.stdin.end(JSON.stringify(cases));
  const [answer, complaint, code] = await Promise.all([text(python.stdout), text(python.stderr), ended]);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${complaint}`);
  return JSON.parse(answer) as readonly Answer[];
}

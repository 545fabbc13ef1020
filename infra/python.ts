import { existsSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from './package-root.ts';

/**
 * Absolute path of a program (`python`, `mlflow`, `temporal`, `temporal-test-server`, `traefik`, …) in the Python
 * environment that `infra/setup.mjs` builds. `UNDERSTUDY_PYTHON` names another environment. Throws when the program is
 * not there; the message names the cure.
 */
export function pythonBin(name: string): string {
  const file = path.join(pythonHome(), 'bin', name);
  if (existsSync(file)) return file;
  throw new Error(`${name} is not installed (looked for ${file}); run: node infra/setup.mjs`);
}

/** The folder of that environment's programs, for a PATH; undefined where it is not installed (workers need no Python). */
export function pythonPath(): string | undefined {
  const folder = path.join(pythonHome(), 'bin');
  return existsSync(folder) ? folder : undefined;
}

function pythonHome(): string {
  const chosen = process.env['UNDERSTUDY_PYTHON'];
  return chosen === undefined || chosen === ''
    ? path.join(packageRoot(), '.understudy', 'python')
    : path.resolve(chosen);
}

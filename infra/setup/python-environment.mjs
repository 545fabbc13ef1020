import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SetupFailure, explainDisk } from './failure.mjs';
import { root, stateFolder } from './root.mjs';

const requirements = path.join(root, 'infra', 'python', 'requirements.txt');
const home = path.join(stateFolder, 'python');
/** Written last: an environment without it is one that was interrupted, and is made anew. */
const stamp = path.join(home, 'understudy-requirements.sha256');
const neededGiB = 2;

/** Temporal, MLflow, Traefik and what the demo trains with, in an environment of their own. */
export function pythonStep() {
  return {
    name: 'Python environment',
    roughly: '1.4 GB, about 1 min',
    missing,
    run: async ({ run }) => {
      const python = findPython();
      checkSpace();
      rmSync(home, { recursive: true, force: true });
      const describe = () => ({ exitCode: 69, message: `${python} could not make the environment ${home}:` });
      await run(python, ['-m', 'venv', home], { cwd: root, describe });
      const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--only-binary', ':all:'];
      await run(path.join(home, 'bin', 'python'), [...pip, '-r', requirements], {
        cwd: root,
        describe: () => ({ exitCode: 69, message: 'pip could not install the packages; is PyPI reachable from here?' }),
      });
      writeFileSync(stamp, digest());
    },
  };
}

function missing() {
  const chosen = process.env.UNDERSTUDY_PYTHON;
  if (chosen !== undefined && chosen !== '') {
    const present = existsSync(path.join(chosen, 'bin', 'python'));
    if (present) return undefined;
    throw new SetupFailure(
      78,
      `UNDERSTUDY_PYTHON=${chosen} holds no bin/python; name a virtual environment or unset it`,
    );
  }
  if (!existsSync(path.join(home, 'bin', 'python'))) return 'not installed';
  if (!existsSync(stamp)) return 'the installation was interrupted';
  return readFileSync(stamp, 'utf8') === digest() ? undefined : 'the list of packages has changed';
}

function digest() {
  return createHash('sha256').update(readFileSync(requirements)).digest('hex');
}

/** The first Python on PATH that is new enough and can make environments. Throws with the cure for the best one found. */
function findPython() {
  const names = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python'];
  const found = names.map((name) => ({ name, ...probe(name) })).filter((python) => python.version !== undefined);
  const recent = found.filter(({ version: [major, minor] }) => major > 3 || (major === 3 && minor >= 11));
  const usable = recent.find((python) => python.canMakeEnvironments);
  if (usable !== undefined) return usable.name;
  const [best] = recent;
  if (best !== undefined) {
    const cure = 'on Debian and Ubuntu: apt-get install python3-venv';
    throw new SetupFailure(69, `${best.name} has no module venv with ensurepip; install it (${cure})`);
  }
  const cure = 'install Python 3.11 or later with venv (on Debian and Ubuntu: apt-get install python3-venv)';
  const seen = found.map(({ name, version }) => `${name} is ${version.join('.')}`).join(', ');
  throw new SetupFailure(69, `${seen === '' ? 'no Python on PATH' : `${seen}, which is too old`}; ${cure}`);
}

const question = `
import sys
try:
    import ensurepip, venv
    able = "yes"
except ImportError:
    able = "no"
print(sys.version_info[0], sys.version_info[1], able)
`;

function probe(name) {
  try {
    const answer = execFileSync(name, ['-c', question], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    const [, major, minor, able] = /^(\d+) (\d+) (yes|no)\s*$/.exec(answer) ?? [];
    if (major === undefined) return {};
    return { version: [Number(major), Number(minor)], canMakeEnvironments: able === 'yes' };
  } catch {
    return {};
  }
}

function checkSpace() {
  let disk;
  try {
    disk = statfsSync(stateFolder);
  } catch (cause) {
    throw explainDisk(cause, stateFolder);
  }
  const freeGiB = (disk.bavail * disk.bsize) / 2 ** 30;
  if (freeGiB >= neededGiB) return;
  throw new SetupFailure(
    78,
    `${stateFolder} has ${freeGiB.toFixed(1)} GiB free, ${neededGiB} GiB are needed; free some space`,
  );
}

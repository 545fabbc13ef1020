import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './root.mjs';

/** Installs the npm packages of package-lock.json. An installed package from a registry comes without one: nothing to do. */
export function nodePackagesStep() {
  return {
    name: 'npm packages',
    roughly: 'about 30 s',
    missing,
    run: ({ run }) =>
      run('npm', ['ci', '--no-audit', '--no-fund'], {
        cwd: root,
        describe: () => ({ exitCode: 69, message: '`npm ci` failed; is the npm registry reachable from here?' }),
      }),
  };
}

/**
 * npm writes down what it installed when it has finished, so this notices a changed lock file as well as an interrupted
 * installation. Packages for other platforms are optional and may be absent.
 */
function missing() {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  if (wanted === undefined) return undefined;
  if (!existsSync(path.join(root, 'node_modules'))) return 'not installed';
  const present = packagesOf(path.join(root, 'node_modules', '.package-lock.json'));
  if (present === undefined) return 'the installation was interrupted';
  const outdated = Object.entries(wanted).find(([where, { version, optional }]) => {
    const found = present[where];
    return where !== '' && found?.version !== version && !(optional === true && found === undefined);
  });
  return outdated === undefined ? undefined : `${outdated[0]} ${outdated[1].version} is not installed`;
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

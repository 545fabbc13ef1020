import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SetupFailure } from './failure.mjs';
import { root } from './root.mjs';

const tsconfig = path.join(root, 'tsconfig.json');
const dist = path.join(root, 'dist');
/** Holds the digest of the sources that dist/ was made from; written last. */
const stamp = path.join(dist, '.sources.sha256');

/** Compiles to dist/. An installed package comes without tsconfig.json and with dist/: nothing to do. */
export function buildStep() {
  return {
    name: 'build',
    roughly: 'about 10 s',
    missing: () => {
      if (!existsSync(tsconfig)) return undefined;
      if (!existsSync(stamp)) return 'not built';
      return readFileSync(stamp, 'utf8') === digest() ? undefined : 'the sources have changed';
    },
    run: async ({ run }) => {
      const before = digest();
      rmSync(stamp, { force: true });
      const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      if (!existsSync(tsc)) throw new SetupFailure(69, 'the compiler is not installed; run: npm ci');
      await run(process.execPath, [tsc, '-p', tsconfig], {
        cwd: root,
        describe: () => ({ exitCode: 1, message: 'the sources do not compile:' }),
      });
      removeStale();
      copyAssets();
      writeFileSync(stamp, before);
    },
  };
}

/** Over names and contents, so that a checkout that only touches times builds nothing. */
function digest() {
  const hash = createHash('sha256').update(readFileSync(tsconfig));
  for (const file of sources()) hash.update(`\0${file}\0`).update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

function sources() {
  const rooms = JSON.parse(readFileSync(tsconfig, 'utf8')).include;
  return [...rooms.flatMap((room) => filesBelow(room)).filter((file) => file.endsWith('.ts')), ...assets()];
}

/** What the compiled code reads beside itself at run time: presets, scripts, templates. */
function copyAssets() {
  for (const file of assets()) cpSync(path.join(root, file), path.join(dist, file));
}

function assets() {
  const rooms = ['scorecards', 'workflows', 'activities', 'workers', 'clients'];
  return rooms.flatMap((room) => filesBelow(room)).filter((file) => !file.endsWith('.ts'));
}

/** What an earlier build made from sources that are gone: nobody should import it by accident. */
function removeStale() {
  const made = /\.(?:js|js\.map|d\.ts)$/;
  for (const file of filesBelow('dist').filter((name) => made.test(name))) {
    const source = path.relative('dist', file).replace(made, '.ts');
    if (!existsSync(path.join(root, source))) rmSync(path.join(root, file));
  }
}

/** Paths relative to the root, in a fixed order. */
function filesBelow(folder) {
  const absolute = path.join(root, folder);
  if (!existsSync(absolute)) return [];
  const entries = readdirSync(absolute, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries
    .filter((entry) => entry.name !== 'node_modules' && entry.name !== '__pycache__')
    .flatMap((entry) => {
      const inside = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(inside) : [inside];
    });
}

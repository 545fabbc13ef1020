import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { baseLayer } from './base-layer.ts';
import { loadImage } from './base-images.ts';
import { ClusterFailure, say } from './failure.ts';
import { packLayer, readLayer, type ImageConfig, type Layer } from './oci-archive.ts';
import { cacheDir, inState } from './places.ts';
import { run } from './run.ts';

/** Where the project lies in the images. */
const home = 'opt/understudy';
const projectFiles = ['package.json', 'bin', 'dist', 'examples/flights', 'infra/python', 'infra/kubernetes'];
const leftOut = [
  '--no-anchored',
  '--exclude=__pycache__',
  '--anchored',
  '--exclude=dist/test',
  '--exclude=dist/bench',
  '--exclude=examples/flights/data',
];
const env = [
  'PATH=/usr/local/bin:/usr/bin:/bin',
  'PYTHONPATH=/opt/python',
  'PYTHONUNBUFFERED=1',
  'PYTHONDONTWRITEBYTECODE=1',
  'HOME=/tmp',
];
/** Nobody, as the restricted Pod Security standard demands. */
const user = '65532:65532';
const flights = `/${home}/examples/flights`;

const images: Readonly<Record<string, ImageConfig>> = {
  trainer: { env, user, workingDir: flights, command: ['python3', 'train.py'] },
  server: { env, user, workingDir: flights, command: ['python3', 'serve.py'] },
  worker: {
    env: [...env, 'NODE_ENV=production'],
    user,
    workingDir: '/tmp',
    entrypoint: ['node', `/${home}/dist/workers/worker.js`],
  },
};

/**
 * Assembles and loads `trainer`, `server` and `worker`: three names for the same file system (Debian with Python and the
 * libraries, Node with the production dependencies, this checkout's `dist/`), each with its own command.
 */
export async function loadProjectImages(): Promise<void> {
  const layers = [await baseLayer(), await nodeLayer(), await projectLayer()];
  for (const [name, config] of Object.entries(images)) await loadImage(name, layers, config);
}

/** Node itself and the production dependencies; kept as long as neither changes. */
async function nodeLayer(): Promise<Layer> {
  const lock = readFileSync(path.join(packageRoot(), 'package-lock.json'), 'utf8');
  const key = createHash('sha256').update(`${process.version}\n${lock}`).digest('hex').slice(0, 16);
  const file = path.join(cacheDir(), `node-${key}.layer`);
  if (existsSync(file)) return await readLayer(file);
  say('packing Node and the production dependencies');
  mkdirSync(cacheDir(), { recursive: true });
  const listed = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: packageRoot() });
  const folders = listed
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map((folder) => path.relative(packageRoot(), folder));
  return await packRoot(file, async (root) => {
    mkdirSync(path.join(root, 'usr/local/bin'), { recursive: true });
    await run('cp', [process.execPath, path.join(root, 'usr/local/bin/node')]);
    symlinkSync(`/${home}/bin/understudy.mjs`, path.join(root, 'usr/local/bin/understudy'));
    await copyInto(path.join(root, home), folders);
  });
}

async function projectLayer(): Promise<Layer> {
  if (!existsSync(path.join(packageRoot(), 'dist', 'workers', 'worker.js')))
    throw new ClusterFailure('dist/ is not built, and the images carry it; run: npm run build');
  return await packRoot(inState('images', 'project.layer'), async (root) => {
    await copyInto(path.join(root, home), projectFiles);
  });
}

/** Lets `fill` fill an empty folder and packs it. */
async function packRoot(file: string, fill: (root: string) => Promise<void>): Promise<Layer> {
  const root = inState('images', 'root');
  rmSync(root, { recursive: true, force: true });
  try {
    await fill(root);
    await packLayer(root, `${file}.part`);
    renameSync(`${file}.part`, file);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return await readLayer(file);
}

/** Copies files and folders of the checkout, keeping their relative paths. */
async function copyInto(target: string, names: readonly string[]): Promise<void> {
  mkdirSync(target, { recursive: true });
  const archive = `${target}.tar`;
  await run('tar', ['--create', `--file=${archive}`, `--directory=${packageRoot()}`, ...leftOut, ...names]);
  await run('tar', ['--extract', `--file=${archive}`, `--directory=${target}`]);
  rmSync(archive);
}

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { heldBlobs, importImage } from './containerd.ts';
import { say } from './failure.ts';
import { inState } from './places.ts';
import { packLayer, readLayer, writeOciArchive, type ImageConfig, type Layer } from './oci-archive.ts';
import { run } from './run.ts';

/** Image name → reference pinned by digest. */
export type ImageReferences = Readonly<Record<string, string>>;

const referencesFile = inState('images.json');
const busybox = '/bin/busybox';

/** What was loaded by now; empty before the first. */
export function readImages(): ImageReferences {
  if (!existsSync(referencesFile)) return {};
  const images: ImageReferences = JSON.parse(readFileSync(referencesFile, 'utf8'));
  return images;
}

/** The images every pod or every suite needs: `pause`, and `busybox` with a shell, an HTTP server and a client. */
export async function loadBaseImages(): Promise<void> {
  const layer = await busyboxLayer();
  // A pod's first container does nothing but hold its namespaces.
  await loadImage('pause', [layer], { entrypoint: [busybox, 'sleep', '2147483647'] });
  await loadImage('busybox', [layer], { command: ['/bin/sh'], env: ['PATH=/bin'] });
}

/** Assembles one image, loads it and notes its reference in `images.json`. */
export async function loadImage(name: string, layers: readonly Layer[], config: ImageConfig): Promise<void> {
  const repository = `understudy.local/${name}`;
  const archive = inState('images', `${name}.tar`);
  const image = { name: `${repository}:local`, layers, config };
  const digest = await writeOciArchive(image, archive, await heldBlobs());
  const pinned = await importImage(archive, repository, digest);
  rmSync(archive);
  writeFileSync(`${referencesFile}.part`, `${JSON.stringify({ ...readImages(), [name]: pinned }, null, 2)}\n`);
  renameSync(`${referencesFile}.part`, referencesFile);
  say(`image ${pinned}`);
}

async function busyboxLayer(): Promise<Layer> {
  const file = inState('images', 'busybox.layer');
  if (existsSync(file)) return await readLayer(file);
  const root = inState('images', 'busybox-root');
  rmSync(root, { recursive: true, force: true });
  for (const folder of ['bin', 'etc', 'tmp', 'var', 'home']) mkdirSync(path.join(root, folder), { recursive: true });
  chmodSync(path.join(root, 'tmp'), 0o1777);
  writeFileSync(path.join(root, 'etc', 'passwd'), 'root:x:0:0::/:/bin/sh\n');
  copyFileSync(busybox, path.join(root, 'bin', 'busybox'));
  const applets = (await run(busybox, ['--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox');
  for (const name of applets) symlinkSync('busybox', path.join(root, 'bin', name));
  await packLayer(root, `${file}.part`);
  renameSync(`${file}.part`, file);
  return await readLayer(file);
}

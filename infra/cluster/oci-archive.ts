import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from './run.ts';

/** One uncompressed tar of a file system; images that share it store it once. */
export interface Layer {
  readonly file: string;
  readonly digest: string;
  readonly size: number;
}

export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
}

/** Packs a folder as a layer: root owns everything and every time is zero, so that equal content has an equal digest. */
export async function packLayer(root: string, file: string): Promise<void> {
  await run('tar', [
    '--create',
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    `--file=${file}`,
    `--directory=${root}`,
    '.',
  ]);
}

/** A layer packed earlier. Its digest is computed once and kept beside it, for a gigabyte takes seconds. */
export async function readLayer(file: string): Promise<Layer> {
  const { size, mtimeMs } = statSync(file);
  const note = `${file}.digest`;
  const stamp = `${size} ${mtimeMs}`;
  const [noted, digest] = existsSync(note) ? readFileSync(note, 'utf8').split('\n') : [];
  if (noted === stamp && digest !== undefined) return { file, digest, size };
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const computed = `sha256:${hash.digest('hex')}`;
  writeFileSync(note, `${stamp}\n${computed}`);
  return { file, digest: computed, size };
}

export interface Image {
  /** With its tag. */
  readonly name: string;
  /** From the bottom up. */
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
}

/**
 * Writes an image as an OCI archive, without the layers that the reader already has. Answers with the digest of its
 * manifest.
 */
export async function writeOciArchive(image: Image, archive: string, present: ReadonlySet<string>): Promise<string> {
  const { name, layers, config } = image;
  const folder = `${archive}.layout`;
  rmSync(folder, { recursive: true, force: true });
  const blobs = path.join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  for (const { digest, file } of layers) if (!present.has(digest)) symlinkSync(file, path.join(blobs, hexOf(digest)));
  const configBlob = writeBlob(blobs, configJson(layers, config));
  const manifest = writeBlob(blobs, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...configBlob },
    layers: layers.map(({ digest, size }) => ({ mediaType: mediaTypes.layer, digest, size })),
  });
  const named = { mediaType: mediaTypes.manifest, ...manifest, annotations: { 'io.containerd.image.name': name } };
  writeFileSync(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(path.join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await run('tar', [
    '--create',
    '--dereference',
    `--file=${archive}.part`,
    `--directory=${folder}`,
    'oci-layout',
    'index.json',
    'blobs',
  ]);
  renameSync(`${archive}.part`, archive);
  rmSync(folder, { recursive: true });
  return manifest.digest;
}

const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

function configJson(layers: readonly Layer[], config: ImageConfig): unknown {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return {
    created: '1970-01-01T00:00:00Z',
    architecture,
    os: 'linux',
    config: {
      Entrypoint: config.entrypoint,
      Cmd: config.command,
      Env: config.env,
      WorkingDir: config.workingDir,
      User: config.user,
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
  };
}

function writeBlob(blobs: string, content: unknown): { digest: string; size: number } {
  const text = JSON.stringify(content);
  const hex = createHash('sha256').update(text).digest('hex');
  writeFileSync(path.join(blobs, hex), text);
  return { digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

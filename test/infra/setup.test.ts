import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../infra/package-root.ts';

/** A project of its own: a copy of the set-up beside what each test puts there; on PATH are only the test's programs. */
let project: string;
let bin: string;

beforeEach(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'understudy-setup-'));
  bin = path.join(project, 'path');
  for (const part of ['setup.mjs', 'setup']) {
    await cp(path.join(packageRoot(), 'infra', part), path.join(project, 'infra', part), { recursive: true });
  }
  await put('infra/python/requirements.txt', 'some-package==1.0\n');
  await put('package.json', '{"type":"module"}');
  await mkdir(bin);
  for (const tool of ['sh', 'mkdir', 'cp', 'cat']) await symlink(path.join('/bin', tool), path.join(bin, tool));
});

afterEach(async () => rm(project, { recursive: true, force: true }));

describe('the Python environment', () => {
  test('no Python on PATH is one sentence with the cure, and leaves nothing half done', async () => {
    const { code, stderr } = await setup();
    expect(code).toBe(69);
    expect(stderr).toContain('no Python on PATH; install Python 3.11 or later');
    expect(await read('.understudy/python/bin/python')).toBeUndefined();
    expect(await read('.understudy/setup.lock')).toBeUndefined();
  });

  test('a Python that is too old is named with its version', async () => {
    await fakePython('python3', { version: '3 9 yes' });
    const { code, stderr } = await setup();
    expect(code).toBe(69);
    expect(stderr).toContain('python3 is 3.9, which is too old');
  });

  test('a newer Python beside one that is too old is taken', async () => {
    await fakePython('python3', { version: '3 9 yes' });
    await fakePython('python3.12', { version: '3 12 yes' });
    expect(await setup()).toMatchObject({ code: 0 });
    expect(await read('calls')).toContain('python3.12 -m venv');
  });

  test('a Python without venv names the Debian package', async () => {
    await fakePython('python3', { version: '3 11 no' });
    const { code, stderr } = await setup();
    expect(code).toBe(69);
    expect(stderr).toContain('apt-get install python3-venv');
  });

  test('when everything is there nothing is started and nothing is said', async () => {
    await fakePython('python3', { version: '3 11 yes' });
    await setup();
    await put('calls', '');
    expect(await setup('--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await read('calls')).toBe('');
  });

  test('an installation that failed shows the last lines and is made anew by the next run', async () => {
    await fakePython('python3', { version: '3 11 yes', pip: 'echo no such package; exit 1' });
    const { code, stderr } = await setup();
    expect(code).toBe(69);
    expect(stderr).toContain('no such package');
    expect(await setup('--check')).toMatchObject({ code: 1, stderr: expect.stringContaining('interrupted') });
    await fakePython('python3', { version: '3 11 yes' });
    expect(await setup()).toMatchObject({ code: 0 });
    expect(await setup('--check')).toMatchObject({ code: 0 });
  });

  test('a changed list of packages is installed', async () => {
    await fakePython('python3', { version: '3 11 yes' });
    await setup();
    await put('infra/python/requirements.txt', 'some-package==2.0\n');
    expect(await setup('--check')).toMatchObject({
      stderr: expect.stringContaining('the list of packages has changed'),
    });
    expect(await setup()).toMatchObject({ code: 0 });
    expect(await setup('--check')).toMatchObject({ code: 0 });
  });

  test('a lock left by a killed set-up does not stop the next one', async () => {
    await fakePython('python3', { version: '3 11 yes' });
    await put('.understudy/setup.lock', '999999999');
    expect(await setup()).toMatchObject({ code: 0 });
  });

  test('a place that cannot be written is one sentence', async () => {
    await fakePython('python3', { version: '3 11 yes' });
    await put('.understudy', 'a file');
    const { code, stderr } = await setup();
    expect(code).toBe(78);
    expect(stderr).toMatch(/^setup: cannot write .*\.understudy: a file stands where a folder is needed.*\n$/);
  });
});

describe('npm packages', () => {
  const lock = (version: string) => JSON.stringify({ packages: { '': {}, 'node_modules/a': { version } } });

  beforeEach(async () => {
    await put('package-lock.json', lock('1.0.0'));
    const installs = 'mkdir -p node_modules && cp package-lock.json node_modules/.package-lock.json';
    await put('path/npm', `#!/bin/sh\necho "npm $*" >> ${project}/calls\n${installs}\n`, 0o755);
  });

  test('are installed when missing, and again when the lock file has changed', async () => {
    expect(await setup('--no-python')).toMatchObject({ code: 0 });
    expect(await setup('--check', '--no-python')).toMatchObject({ code: 0 });
    await put('package-lock.json', lock('2.0.0'));
    expect(await setup('--no-python')).toMatchObject({ code: 0 });
    expect((await read('calls'))?.match(/npm ci/g)).toHaveLength(2);
  });

  test('an installation without npm names what failed', async () => {
    await rm(path.join(bin, 'npm'));
    const { code, stderr } = await setup('--no-python');
    expect(code).toBe(69);
    expect(stderr).toContain('npm ci');
  });
});

describe('the build', () => {
  beforeEach(async () => {
    await put('tsconfig.json', '{"include":["scorecards"]}');
    await put('scorecards/a.ts', '1');
    const emit = "import { cpSync } from 'node:fs'; cpSync('scorecards/a.ts', 'dist/scorecards/a.js');";
    await put('node_modules/typescript/bin/tsc', emit);
    await put('node_modules/typescript/package.json', '{"type":"module"}');
  });

  test('happens again only when a source has changed', async () => {
    expect(await setup('--no-python')).toMatchObject({ code: 0 });
    expect(await setup('--no-python', '--check')).toMatchObject({ code: 0 });
    await put('scorecards/a.ts', '2');
    expect(await setup('--no-python', '--check')).toMatchObject({ code: 1 });
    await setup('--no-python');
    expect(await read('dist/scorecards/a.js')).toBe('2');
  });

  test('removes what was made from sources that are gone', async () => {
    await put('dist/scorecards/gone.js', 'old');
    await setup('--no-python');
    expect(await read('dist/scorecards/gone.js')).toBeUndefined();
  });

  test('sources that do not compile are shown, and the build stays open', async () => {
    await put('node_modules/typescript/bin/tsc', "console.log('a.ts(1,1): wrong'); process.exit(2);");
    const { code, stderr } = await setup('--no-python');
    expect(code).toBe(1);
    expect(stderr).toContain('a.ts(1,1): wrong');
    expect(await setup('--no-python', '--check')).toMatchObject({ code: 1 });
  });
});

test('an unknown option is refused with the usage', async () => {
  expect(await setup('--nope')).toMatchObject({ code: 2, stderr: expect.stringContaining('--no-python') });
});

/** A Python that answers what the set-up asks, makes an "environment" and writes down how it was called. */
async function fakePython(name: string, says: { version: string; pip?: string }): Promise<void> {
  const script = `#!/bin/sh
[ "$1" = -c ] && { echo "${says.version}"; exit 0; }
echo "${name} $*" >> ${project}/calls
case "$3" in
install) ${says.pip ?? 'exit 0'} ;;
*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
esac
`;
  await put(path.join('path', name), script, 0o755);
}

async function setup(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const script = path.join(project, 'infra', 'setup.mjs');
    execFile(process.execPath, [script, ...args], { env: { PATH: bin }, cwd: project }, (failure, stdout, stderr) => {
      resolve({ code: failure === null ? 0 : Number(failure.code), stdout, stderr });
    });
  });
}

async function put(file: string, content: string, mode = 0o644): Promise<void> {
  const absolute = path.join(project, file);
  await mkdir(path.dirname(absolute), { recursive: true });
  await writeFile(absolute, content, { mode });
}

async function read(file: string): Promise<string | undefined> {
  return readFile(path.join(project, file), 'utf8').catch(() => undefined);
}

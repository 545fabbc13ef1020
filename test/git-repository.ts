import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs git in a folder, by an author of its own and by nobody's configuration; answers with what it printed. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const author = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example', '-c', 'commit.gpgsign=false'];
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const { stdout } = await execute('git', [...author, ...args], { cwd: folder, env });
  return stdout.trim();
}

/** Makes a folder a repository, once, and commits these files; answers with the commit. */
export async function commit(folder: string, ...files: readonly string[]): Promise<string> {
  await git(folder, 'init', '--quiet');
  await git(folder, 'add', '--', ...files);
  await git(folder, 'commit', '--quiet', '--message', 'Agree to the rules');
  return git(folder, 'rev-parse', 'HEAD');
}

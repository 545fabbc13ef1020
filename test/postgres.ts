import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '../infra/stack/free-port.ts';

const run = promisify(execFile);

/** Where Debian puts the programs of each major version, outside of the PATH. */
const DEBIAN = '/usr/lib/postgresql';
const ADMIN = 'admin';
/** Changes to another user, and ends what it started when this process ends; part of every Linux. */
const SETPRIV = '/usr/bin/setpriv';

export interface Postgres {
  /** Home folder of whoever asks: `~/.pg_service.conf` names `warehouse`, `~/.pgpass` its reader's password. */
  readonly home: string;
  /** Runs statements as the one who owns the tables. */
  sql(statements: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A PostgreSQL of its own on loopback, with password, under a user who is not root; ended with the test's process whatever
 * happens to it. Throws with the cure when PostgreSQL is not installed.
 */
export async function startPostgres(): Promise<Postgres> {
  const programs = programsFolder();
  const home = await mkdtemp(join(tmpdir(), 'understudy-postgres-'));
  const data = join(home, 'data');
  const user = await unprivileged();
  await writeFile(join(home, 'password'), 'secret\n');
  if (user) await Promise.all([home, join(home, 'password')].map(async (path) => chown(path, user.uid, user.gid)));
  const become = user ? ['--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups'] : [];
  const initial = [
    '-D',
    data,
    '-U',
    ADMIN,
    '--auth=scram-sha-256',
    `--pwfile=${join(home, 'password')}`,
    '-N',
    '-E',
    'UTF8',
  ];
  await run(SETPRIV, [...become, join(programs, 'initdb'), ...initial, '--locale=C'], { cwd: home });

  const [port = 0] = await freePorts(1);
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'max_connections=10',
    'shared_buffers=16MB',
  ];
  const server = spawn(
    SETPRIV,
    [
      '--pdeathsig',
      'INT',
      ...become,
      join(programs, 'postgres'),
      '-D',
      data,
      '-p',
      `${port}`,
      ...settings.flatMap((one) => ['-c', one]),
    ],
    { cwd: home, stdio: 'ignore' },
  );
  const ended = once(server, 'exit');
  await writeFile(
    join(home, '.pg_service.conf'),
    `[warehouse]\nhost=127.0.0.1\nport=${port}\nuser=reader\ndbname=postgres\n\n[owner]\nhost=127.0.0.1\nport=${port}\nuser=${ADMIN}\ndbname=postgres\n`,
  );
  await writeFile(join(home, '.pgpass'), `127.0.0.1:${port}:*:reader:read\n127.0.0.1:${port}:*:${ADMIN}:secret\n`, {
    mode: 0o600,
  });
  const sql = async (statements: string): Promise<void> => {
    const options = [
      '--no-psqlrc',
      '--no-password',
      '--set',
      'ON_ERROR_STOP=1',
      '--command',
      statements,
      'service=owner',
    ];
    await run(join(programs, 'psql'), options, { env: { HOME: home, PATH: process.env['PATH'] } });
  };
  await untilAnswering(sql);
  return {
    home,
    sql,
    close: async () => {
      server.kill('SIGINT');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

function programsFolder(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folder = versions.map((version) => join(DEBIAN, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
  if (folder !== undefined) return folder;
  throw new Error(
    `PostgreSQL is not installed (looked for ${DEBIAN}/*/bin/initdb); on Debian and Ubuntu: apt-get install --no-install-recommends postgresql`,
  );
}

/** PostgreSQL does not run as root: then it runs as the user whom its package made. */
async function unprivileged(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((one) => one.startsWith('postgres:')) ?? '';
  const [, , uid = '65534', gid = '65534'] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function untilAnswering(sql: (statements: string) => Promise<void>): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  for (;;) {
    const failure: unknown = await sql('SELECT 1').then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    if (Date.now() > giveUpAt) throw new Error('PostgreSQL does not answer', { cause: failure });
    await pause(100);
  }
}

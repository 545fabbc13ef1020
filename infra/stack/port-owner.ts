import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/**
 * Who listens on this port of this machine, as `process 4711 (/usr/bin/mlflow server …)`. Best effort, from /proc: processes
 * of other users and other systems than Linux are `undefined`.
 */
export function portOwner(port: number): string | undefined {
  const sockets = new Set([...listening('/proc/net/tcp', port), ...listening('/proc/net/tcp6', port)]);
  if (sockets.size === 0) return undefined;
  const pid = namesIn('/proc').find((name) => /^\d+$/.test(name) && holdsOne(name, sockets));
  if (pid === undefined) return undefined;
  const command = textOf(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();
  return `process ${pid} (${command.length > 100 ? `${command.slice(0, 100)}…` : command})`;
}

/** Inodes of the sockets in state LISTEN (0A) on this port. The columns are explained in proc(5). */
function listening(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return textOf(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${hex}`))
    .map((columns) => `socket:[${columns[9]}]`);
}

function holdsOne(pid: string, sockets: ReadonlySet<string>): boolean {
  return namesIn(`/proc/${pid}/fd`).some((descriptor) => {
    try {
      return sockets.has(readlinkSync(`/proc/${pid}/fd/${descriptor}`));
    } catch {
      return false;
    }
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

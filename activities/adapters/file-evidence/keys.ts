import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { EvidenceRef } from '../../../scorecards/vocabulary.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { codeOf, linkInto, writeThen } from './atomic.ts';

/** Not allowed in a key, so that the file of `a` and the directory of `a/b` never want the same name. */
const SUFFIX = '@ref';

export interface Keys {
  remember(key: string, ref: EvidenceRef): Promise<EvidenceRef>;
  recall(key: string): Promise<EvidenceRef | undefined>;
  list(prefix: string): Promise<readonly string[]>;
}

interface Options {
  readonly directory: string;
  readonly temporary: string;
  readonly prepared: () => Promise<void>;
}

/** One small file per key; the first that gets the name wins, between processes too. */
export function createKeys({ directory, temporary, prepared }: Options): Keys {
  const pathOf = (key: string) => `${join(directory, ...checkedKey(key).split('/'))}${SUFFIX}`;

  async function recall(key: string): Promise<EvidenceRef | undefined> {
    const path = pathOf(key);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw new PortFailure('storage', `cannot read what is remembered under ${key}`, { cause: error });
    });
    return text === undefined ? undefined : parseRef(key, text);
  }

  return {
    async remember(key, ref) {
      const path = pathOf(key);
      await prepared();
      const { uri, sha256, bytes } = ref;
      const won = await writeThen(
        temporary,
        (handle) => handle.writeFile(JSON.stringify({ uri, sha256, bytes })),
        (written) => linkInto(written, path),
      );
      const kept = won ? ref : await recall(key);
      if (kept === undefined)
        throw new PortFailure('storage', `the key ${key} was taken and has vanished again`, { details: { key } });
      return kept;
    },

    recall,

    async list(prefix) {
      const found = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw new PortFailure('storage', 'cannot list the keys of the evidence store', { cause: error });
      });
      return found
        .filter((entry) => entry.isFile() && entry.name.endsWith(SUFFIX))
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .map((name) => name.slice(0, -SUFFIX.length))
        .filter((key) => key.startsWith(prefix))
        .toSorted();
    },
  };
}

/** `a/b/c` of letters, digits and `._:-`; no part may be empty, `.` or `..`. */
export function checkedKey(key: string): string {
  const parts = key.split('/');
  if (parts.every((part) => /^[A-Za-z0-9._:-]{1,200}$/.test(part) && part !== '.' && part !== '..')) return key;
  throw new PortFailure(
    'bad-request',
    `"${key}" is not a key of the evidence store; expected parts of letters, digits and ._:- joined by /`,
    { details: { key } },
  );
}

/** What was written under a key. Throws `evidence-corrupt` when it is no reference. */
export function parseRef(key: string, text: string): EvidenceRef {
  try {
    const { uri, sha256, bytes } = JSON.parse(text) as Partial<EvidenceRef>;
    if (typeof uri === 'string' && typeof sha256 === 'string' && typeof bytes === 'number')
      return { uri, sha256, bytes };
  } catch {
    // Not JSON: the same failure as JSON of another shape.
  }
  throw new PortFailure('evidence-corrupt', `what is remembered under ${key} is not a reference: ${text.slice(0, 80)}`);
}

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { testFindingsSchema } from '../scorecards/contracts/tests.ts';
import type { TestedResult } from '../scorecards/contracts/tests.ts';
import { underContract } from './contract-text.ts';
import { errorCode } from './error-code.ts';
import { PortFailure } from './ports/port-failure.ts';

const FINDINGS = 'findings.json';
const MOST_BYTES = 1_048_576;
/** Whatever lies there was put there by somebody's program: no link is followed, and no pipe is waited for. */
const CAREFULLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** How a command in mode `test` ended. Throws `trainer-no-result` for findings that are too long or break the contract. */
export async function testedResult(output: string, exitCode: number): Promise<TestedResult> {
  const text = await textOf(join(output, FINDINGS));
  return {
    mode: 'test',
    exitCode,
    ...(text === undefined ? {} : { findings: underContract(testFindingsSchema, text, FINDINGS) }),
  };
}

/** No more of the file is read than is allowed; undefined: there is none. */
async function textOf(path: string): Promise<string | undefined> {
  const file = await open(path, CAREFULLY).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new PortFailure('trainer-no-result', `${FINDINGS} cannot be read: ${String(error)}`, { cause: error });
  });
  if (file === undefined) return undefined;
  try {
    if (!(await file.stat()).isFile()) throw new PortFailure('trainer-no-result', `${FINDINGS} is no file`);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MOST_BYTES + 1), 0, MOST_BYTES + 1, 0);
    if (bytesRead <= MOST_BYTES) return buffer.toString('utf8', 0, bytesRead);
    throw new PortFailure(
      'trainer-no-result',
      `${FINDINGS} has more than ${MOST_BYTES} bytes; list what failed, briefly`,
    );
  } finally {
    await file.close();
  }
}

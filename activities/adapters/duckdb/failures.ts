import { PortFailure, type PortFailureCode } from '../../ports/port-failure.ts';
import type { Question } from './connection.ts';

/** What DuckDB says (1.5) → what it means. The first that fits counts; the file and the column are named where DuckDB does. */
const MEANINGS: readonly { readonly says: RegExp; readonly code: PortFailureCode; readonly hint: string }[] = [
  {
    says: /too small to be a Parquet file|No magic bytes|decompress|Invalid string encoding|Failed to read file|TProtocolException|TType|know what type|Could not read enough bytes|corrupt/i,
    code: 'data-unreadable',
    hint: 'the file is damaged or was not written to its end; write it again',
  },
  {
    says: /No files found|No such file|Cannot open file/i,
    code: 'data-missing',
    hint: 'the file is not there any more',
  },
  {
    says: /Referenced column|column .* (not found|does not exist)|Binder Error/i,
    code: 'data-schema',
    hint: 'compare the columns of the file with the policy',
  },
  {
    says: /Conversion Error|Could not convert|Cast/i,
    code: 'data-schema',
    hint: 'a value does not have the type that is asked for',
  },
  {
    says: /No space left|Could not write|failed to offload/i,
    code: 'storage',
    hint: 'free space in the temporary directory or at the target',
  },
  {
    says: /Out of Memory/i,
    code: 'query-failed',
    hint: 'raise the memory limit of the data worker or shorten the span',
  },
];

/** DuckDB's error as a failure of the port; failures of our own pass unchanged. */
export function explained(error: unknown, question: Pick<Question, 'doing' | 'files'>): unknown {
  if (error instanceof PortFailure) return error;
  const said = messageOf(error);
  const meaning = MEANINGS.find(({ says }) => says.test(said));
  const file = fileIn(said, question.files ?? []);
  const column = /(?:column|field) ["']([^"']+)["']/i.exec(said)?.[1];
  const [firstLine = ''] = said.split('\n');
  const hint = meaning === undefined ? '' : ` Hint: ${meaning.hint}.`;
  return new PortFailure(meaning?.code ?? 'query-failed', `cannot ${question.doing}: ${firstLine}${hint}`, {
    cause: error,
    details: { ...(file === undefined ? {} : { file }), ...(column === undefined ? {} : { column }) },
  });
}

/** A damaged file whose name DuckDB did not say. */
export function damaged(file: string, doing: string, cause: unknown): PortFailure {
  const [firstLine = ''] = messageOf(cause).split('\n');
  return new PortFailure('data-unreadable', `cannot ${doing}: ${file} is damaged (${firstLine}); write it again`, {
    cause,
    details: { file },
  });
}

/** Whether a failure may come from a damaged file that it does not name. */
export function mayHideDamage(failure: unknown): boolean {
  if (!(failure instanceof PortFailure) || /Out of Memory/i.test(failure.message)) return false;
  return failure.details['file'] === undefined && ['query-failed', 'data-unreadable'].includes(failure.code);
}

function fileIn(said: string, files: readonly string[]): string | undefined {
  const named = /["']([^"']+\.parquet)["']/.exec(said)?.[1];
  return files.find((file) => said.includes(file)) ?? named;
}

/** What an error says, asked by shape: DuckDB's own come from native code. */
export function messageOf(error: unknown): string {
  return String((error as { message?: unknown } | undefined)?.message ?? error);
}

import { PortFailure, type PortFailureCode } from '../../ports/port-failure.ts';
import type { Question } from './connection.ts';

/** What DuckDB says (1.5) → what it means. The first that fits counts; the file and the column are named where DuckDB does. */
const MEANINGS: readonly { readonly says: RegExp; readonly code: PortFailureCode; readonly hint: string }[] = [
  {
    says: /too small to be a Parquet file|No magic bytes|not a Parquet file|Snappy|decompress|Invalid string encoding|Failed to read file|Failed to read Parquet|metadata|thrift|TProtocol|page header|corrupt/i,
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

function fileIn(said: string, files: readonly string[]): string | undefined {
  const named = /["']([^"']+\.parquet)["']/.exec(said)?.[1];
  return files.find((file) => said.includes(file)) ?? named ?? (files.length === 1 ? files[0] : undefined);
}

function messageOf(error: unknown): string {
  return String((error as { message?: unknown } | undefined)?.message ?? error);
}

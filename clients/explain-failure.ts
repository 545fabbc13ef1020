import { PortFailure } from '../activities/ports/port-failure.ts';
import type { PortFailureCode } from '../activities/ports/port-failure.ts';
import { CliFailure, EXIT } from './failure.ts';

const UNKNOWN = 'this should not happen: please report it with the lines above';

/** Whatever a command threw, as a sentence, an exit code and a next step. */
export function explainFailure(error: unknown): CliFailure {
  if (error instanceof CliFailure) return error;
  if (error instanceof PortFailure) return explainPort(error);
  if (!(error instanceof Error)) return new CliFailure(EXIT.failure, String(error), UNKNOWN);
  const exitCode = 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : undefined;
  if (exitCode !== undefined) return new CliFailure(exitCode, error.message, nextFor(exitCode), { cause: error });
  return explainTemporal(error) ?? new CliFailure(EXIT.failure, error.stack ?? error.message, UNKNOWN);
}

function nextFor(exitCode: number): string {
  if (exitCode === EXIT.configuration) return 'correct the settings; understudy lint -f understudy.config.yaml';
  if (exitCode === EXIT.unavailable) return 'understudy stack up';
  return 'understudy --help';
}

const PORT_EXITS: Partial<Record<PortFailureCode, readonly [exit: number, next: string]>> = {
  unavailable: [EXIT.unavailable, 'understudy doctor'],
  timeout: [EXIT.unavailable, 'understudy doctor'],
  'not-ready': [EXIT.unavailable, 'understudy doctor'],
  'malformed-answer': [EXIT.unavailable, 'understudy doctor'],
  'rate-limited': [EXIT.unavailable, 'try again in a minute'],
  unauthorised: [EXIT.notAuthorised, 'renew the credentials'],
  forbidden: [EXIT.notAuthorised, 'ask for the permission named above'],
  'not-found': [EXIT.notFound, 'understudy get'],
  'pointer-moved': [EXIT.conflict, 'understudy get, then decide by hand which version is right'],
  'foreign-write': [EXIT.conflict, 'find out who else edits the route'],
  'data-missing': [EXIT.failure, 'check the path and the days'],
  'data-unreadable': [EXIT.failure, 'write the file again, under another name first, and rename it when it is whole'],
  'data-schema': [EXIT.failure, 'compare the columns of the files with what is asked for'],
  'data-invalid': [EXIT.failure, 'correct the rows that are named above'],
  'data-changed': [EXIT.failure, 'the same command again, when nobody writes to the files'],
  'command-not-found': [EXIT.configuration, 'install the program or correct the command in the policy'],
};

function explainPort(error: PortFailure): CliFailure {
  const [exit, next] = PORT_EXITS[error.code] ?? [EXIT.failure, 'understudy doctor'];
  return new CliFailure(exit, error.message, error.next ?? next, { cause: error });
}

/** What a gRPC status number, or the name of an error of Temporal's client, means to a person. */
const TEMPORAL_EXITS: Readonly<Record<string, readonly [exit: number, message: string, next: string]>> = {
  WorkflowNotFoundError: [EXIT.notFound, 'Temporal knows no such workflow', 'understudy get'],
  WorkflowUpdateFailedError: [EXIT.failure, 'the workflow refused', 'understudy --help'],
  WorkflowUpdateRPCTimeoutOrCancelledError: [EXIT.unavailable, 'no worker answers', 'understudy doctor'],
  1: [EXIT.unavailable, 'no worker answers', 'understudy doctor'],
  4: [EXIT.unavailable, 'no worker answers', 'understudy doctor'],
  5: [EXIT.notFound, 'Temporal knows no such thing', 'understudy get'],
  7: [EXIT.notAuthorised, 'Temporal refuses', 'renew the credentials, or ask for access'],
  14: [EXIT.unavailable, 'Temporal does not answer', 'understudy stack up'],
  16: [EXIT.notAuthorised, 'Temporal refuses', 'renew the credentials, or ask for access'],
};

/** By name and number, so that a failure that has nothing to do with Temporal does not load its client. */
function explainTemporal(error: Error): CliFailure | undefined {
  const { cause } = error;
  const known = TEMPORAL_EXITS[error.name] ?? TEMPORAL_EXITS[grpcStatus(error) ?? grpcStatus(cause) ?? ''];
  if (known === undefined) return undefined;
  const [exit, message, next] = known;
  const details = cause instanceof Error ? cause.message : error.message;
  return new CliFailure(exit, `${message}: ${details}`, next, { cause: error });
}

function grpcStatus(error: unknown): number | undefined {
  const isGrpc = error instanceof Error && 'code' in error && 'details' in error;
  return isGrpc && typeof error.code === 'number' ? error.code : undefined;
}

/** The table of exit codes (documented in the CLI reference; one test triggers each). */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  invalid: 3,
  notAuthorised: 4,
  notFound: 5,
  conflict: 6,
  gateFailed: 7,
  rolledBack: 8,
  rejected: 9,
  timedOut: 10,
  unavailable: 69,
  configuration: 78,
  interrupted: 130,
} as const;

/** What ends a command: one sentence for a person, the exit code, and what to do next. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exitCode: number;
  /** A command or an instruction; every error has one. */
  readonly next: string;

  constructor(exitCode: number, message: string, next: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.next = next;
  }
}

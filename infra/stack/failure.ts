/** What a person must see, as one sentence, with the exit code of the command: 69 a dependency is unavailable, 78 wrong configuration. */
export class StackFailure extends Error {
  override readonly name = 'StackFailure';
  readonly exitCode: 69 | 78 | 130;

  constructor(exitCode: 69 | 78 | 130, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

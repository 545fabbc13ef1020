import { Command, CommanderError } from 'commander';

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command in this process as the binary would, with both streams caught. */
export async function runCommand(register: (program: Command) => void, ...args: readonly string[]): Promise<Ran> {
  let [out, err, exitCode] = ['', '', 0];
  const program = new Command('understudy').exitOverride().configureOutput({
    writeOut: (text) => (out += text),
    writeErr: (text) => (err += text),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  register(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitCode = error instanceof CommanderError ? error.exitCode : 70;
    err += error instanceof CommanderError ? '' : String(error);
  }
  return { exitCode, out, err };
}

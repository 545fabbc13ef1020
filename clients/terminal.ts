import type { Command } from 'commander';

export interface Stream {
  readonly write: (text: string) => void;
  readonly color: boolean;
}

/** The two streams of a command: stdout is data, stderr is talk. Tests replace them by `configureOutput`. */
export function terminalOf(command: Command): { readonly out: Stream; readonly err: Stream } {
  const output = command.configureOutput();
  return {
    out: { write: (text) => output.writeOut?.(text), color: output.getOutHasColors?.() ?? false },
    err: { write: (text) => output.writeErr?.(text), color: output.getErrHasColors?.() ?? false },
  };
}

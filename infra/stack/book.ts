import { messageOf } from '../error-code.ts';
import { StackFailure } from './failure.ts';
import { addressesOf, foldersOf, type Part, type StackPlan } from './parts.ts';
import { identify } from './processes.ts';
import { partLog, removeStack, writeStack, type PartName, type PartState, type StackState } from './state.ts';

/** The supervisor's view of the stack, written down at every change: whoever comes after a crash needs the process ids. */
export interface Book {
  part(name: PartName, change: Partial<PartState>): void;
  phase(phase: StackState['phase'], reason?: string): void;
  close(): void;
}

export function openBook(plan: StackPlan, parts: readonly Part[]): Book {
  const self = identify(process.pid);
  if (self === undefined) throw new StackFailure(69, `process ${process.pid} cannot be found among the running ones`);
  const { routes: watched, staging } = foldersOf(plan.stateDir);
  let state: StackState = {
    schemaVersion: 1,
    phase: 'starting',
    startedAt: new Date().toISOString(),
    supervisor: { ...self, log: partLog(plan.stateDir, 'supervisor') },
    parts: Object.fromEntries(parts.map((part) => [part.name, initial(part)])),
    addresses: addressesOf(plan),
    routes: { watched, staging },
  };
  writeStack(plan.stateDir, state);
  const change = (next: Partial<StackState>) => {
    state = { ...state, ...next };
    try {
      writeStack(plan.stateDir, state);
    } catch (cause) {
      // A full disk is no reason to leave the servers without a supervisor.
      console.error(`cannot write the state of the stack: ${messageOf(cause)}`);
    }
  };
  return {
    part(name, next) {
      const now = state.parts[name];
      if (now !== undefined) change({ parts: { ...state.parts, [name]: { ...now, ...next } } });
    },
    phase: (phase, reason) => change({ phase, ...(reason === undefined ? {} : { reason }) }),
    close: () => removeStack(plan.stateDir),
  };
}

function initial({ ports, url, health, log }: Part): PartState {
  return { phase: 'starting', ports, url, health, log, restarts: 0 };
}

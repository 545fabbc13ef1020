import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import type { Check } from '../doctor.ts';
import { EXIT } from '../failure.ts';
import { painter } from '../paint.ts';
import type { Paint } from '../paint.ts';
import { answer } from '../terminal.ts';

interface DoctorOptions {
  readonly file?: readonly string[];
}

/** `understudy doctor`: whether everything that a run needs is there; exit 1 when something is not. */
export function registerDoctor(program: Command): void {
  const command = declare(program, 'doctor', {
    summary: 'check everything that a run needs',
    example: 'understudy doctor -f policy.yaml',
  }).option('-f, --file <files...>', 'policies: also check what they ask of cluster, gateway and S3');
  does(command, async (screen, _: readonly string[], { file = [] }: DoctorOptions) => {
    const { readValid } = await import('../read-policies.ts');
    const policies = file.length === 0 ? [] : await readValid(screen, file, 'nothing was looked at');
    const { examine } = await import('../doctor.ts');
    const checks = await examine(screen, policies);
    const problems = checks.filter(({ state }) => state === 'problem').length;
    const warnings = checks.filter(({ state }) => state === 'warning').length;
    const summary = `${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}`;
    const paint = painter(screen.out.color);
    answer(screen, { ok: problems === 0, checks }, () =>
      [...checks.flatMap((check) => linesOf(check, paint)), summary].join('\n'),
    );
    return problems === 0 ? EXIT.ok : EXIT.failure;
  });
}

const ICONS = { ok: '✔', problem: '✖', warning: '!' } as const;
const STYLES = { ok: 'green', problem: 'red', warning: 'yellow' } as const;

function linesOf({ name, next, state, text }: Check, paint: Paint): string[] {
  const line = `${paint(STYLES[state], ICONS[state])} ${name.padEnd(18)} ${text}`;
  if (next === undefined) return [line];
  // What is to be pasted keeps its own indentation.
  const [first = '', ...pasted] = next.trimEnd().split('\n');
  return [line, `    → ${first}`, ...pasted.map((text) => `      ${text}`)];
}

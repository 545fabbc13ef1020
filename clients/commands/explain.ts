import { Option } from 'commander';
import type { Command } from 'commander';
import type { Explanation } from '../explanation.ts';
import { terminalOf } from '../terminal.ts';

/** `understudy explain`: a field of the policy, a diagnostic code, or a metric; offline. Exit 5 when there is no such thing. */
export function registerExplain(program: Command): void {
  program
    .command('explain')
    .summary('say what a field, a code or a metric means')
    .description(
      'Say what a field of the policy, a diagnostic code or a metric means: type, unit, default, rule, example.',
    )
    .argument('<what>', 'spec.rollout.steps, rollout.steps, US0211, auc, psi …')
    .addOption(new Option('-o, --output <form>', 'form of the answer').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExample:\n  understudy explain spec.rollout.steps')
    .action(async (what: string, { output }: { readonly output: string }, command: Command) => {
      const { explain, renderExplanation } = await import('../explanation.ts');
      const found = explain(what);
      if (found.kind === 'unknown') {
        const hint = found.near.length === 0 ? 'try spec, US0102 or auc' : `did you mean ${found.near.join(' or ')}?`;
        return command.error(`error: nothing is called "${what}": ${hint}`, {
          exitCode: 5,
          code: 'understudy.not-found',
        });
      }
      const text = output === 'json' ? asJson(found) : renderExplanation(found);
      terminalOf(command).out.write(text);
    });
}

function asJson(found: Explanation): string {
  return `${JSON.stringify({ schemaVersion: 1, ...found }, undefined, 2)}\n`;
}

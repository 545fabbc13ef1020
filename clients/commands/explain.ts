import { Option } from 'commander';
import type { Command } from 'commander';
import type { Explanation } from '../explanation.ts';
import { screenOf, terminalOf } from '../terminal.ts';

/** `understudy explain`: a field of the policy, a diagnostic code, a metric or a criterion; offline. Exit 5 when there is no such thing. */
export function registerExplain(program: Command): void {
  program
    .command('explain')
    .summary('say what a field, a code or a metric means')
    .description(
      'Say what a field of the policy, a diagnostic code or a metric means: type, unit, default, rule, example.',
    )
    .argument(
      '<what>',
      'spec.rollout.steps, rollout.steps, US0211, auc, psi …; with --scorecard a criterion or its metric',
    )
    .option('--scorecard <file>', 'explain a criterion of this scorecard, or of the scorecard of this policy')
    .addOption(new Option('-o, --output <form>', 'form of the answer').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExample:\n  understudy explain spec.rollout.steps')
    .action(async (what: string, { output, scorecard }: ExplainOptions, command: Command) => {
      if (scorecard !== undefined) return explainCriterion(command, what, { file: scorecard, output });
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

interface ExplainOptions {
  readonly output: string;
  readonly scorecard?: string;
}

/** What one criterion of a file asks for, then the page of its metric. */
async function explainCriterion(
  command: Command,
  what: string,
  { file, output }: { readonly file: string; readonly output: string },
): Promise<void> {
  const { explain, renderExplanation } = await import('../explanation.ts');
  const { readScorecardOf } = await import('../read-scorecards.ts');
  const { criterionLines } = await import('../criterion-lines.ts');
  const refusal = { nothing: 'nothing was explained', next: 'name a scorecard, or a policy' };
  const { scorecard } = await readScorecardOf(screenOf(command), file, refusal);
  const { criteria } = scorecard.spec;
  const named = criteria.filter(({ metric, name }) => name === what || metric === what);
  if (named.length === 0)
    return command.error(
      `error: ${file} has no criterion "${what}": it has ${criteria.map(({ name }) => name).join(', ')}`,
      { exitCode: 5, code: 'understudy.not-found' },
    );
  const pages = named.map((criterion) => ({
    criterion,
    words: criterionLines(criterion, scorecard),
    metric: explain(criterion.metric),
  }));
  const text = pages.map(({ metric, words }) => `${words.join('\n')}\n\n${renderExplanation(metric)}`).join('\n');
  const document = { schemaVersion: 1, kind: 'criteria', criteria: pages };
  terminalOf(command).out.write(output === 'json' ? `${JSON.stringify(document, undefined, 2)}\n` : text);
}

function asJson(found: Explanation): string {
  return `${JSON.stringify({ schemaVersion: 1, ...found }, undefined, 2)}\n`;
}

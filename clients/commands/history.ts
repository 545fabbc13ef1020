import type { Command } from 'commander';
import type { DecisionRecord } from '../../scorecards/trigger.ts';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { answer, talk } from '../terminal.ts';

interface HistoryOptions {
  readonly triggers?: true;
  readonly limit: string;
}

/** `understudy history`: how each run ended; with `--triggers` what became of every knock. Reads the evidence store alone. */
export function registerHistory(program: Command): void {
  const command = declare(program, 'history', {
    summary: 'list how a model’s runs ended, newest first',
    example: 'understudy history flights-late --triggers',
  })
    .argument('<model>', 'name of the policy')
    .option('--triggers', 'every trigger with its decision, also those that started nothing')
    .option('-n, --limit <count>', 'how many', '20');
  does<HistoryOptions>(command, async (screen, [model = ''], options) => {
    const limit = Number(options.limit);
    if (!Number.isInteger(limit) || limit < 1)
      throw new CliFailure(EXIT.usage, `--limit ${options.limit}: expected a whole number from 1`, 'write it as -n 20');
    const { keptDecisions } = await import('../kept-run.ts');
    const { portsFor } = await import('../wired-ports.ts');
    const { renderTable } = await import('../table.ts');
    const all = await keptDecisions(await portsFor(screen), model);
    const shown = all.filter((record) => options.triggers || record.outcome !== undefined).slice(0, limit);
    if (shown.length === 0) talk(screen, `nothing is on record for ${model}; next: understudy trigger ${model}`);
    const table = options.triggers
      ? { head: ['AS OF', 'TRIGGER', 'BY', 'DECISION', 'REASON'], rows: shown.map(triggerCells) }
      : { head: ['DECIDED', 'OUTCOME', 'RUN', 'REASON'], rows: shown.map(runCells) };
    answer(screen, { model, items: shown }, () => renderTable(table, screen.columns));
    return EXIT.ok;
  });
}

function runCells({ decidedAt, outcome, reason, run }: DecisionRecord): string[] {
  return [minute(decidedAt), outcome ?? '', run ?? '', reason];
}

function triggerCells({ decision, outcome, reason, trigger }: DecisionRecord): string[] {
  return [minute(trigger.asOf), trigger.kind, trigger.by, outcome ?? decision, reason];
}

const minute = (iso: string): string => `${iso.slice(0, 16)}Z`;

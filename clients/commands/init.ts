import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Column } from '../../scorecards/policy/infer.ts';
import { PRESET_NAMES } from '../../scorecards/scorecard-preset.ts';
import type { InitOptions } from '../first-policy.ts';
import { terminalOf } from '../terminal.ts';

/** Columns and types of the Parquet files that a glob names; the store that reads them is the caller's. */
export type ReadColumns = (glob: string) => Promise<readonly Column[]>;

/**
 * `understudy init`: writes a first policy from what the Parquet files look like. Asks for what it cannot tell; without a
 * terminal that is exit 2, naming the flag that answers.
 */
export function registerInit(program: Command, readColumns: ReadColumns): void {
  program
    .command('init')
    .summary('write a first policy from your data')
    .description('Write a first policy: columns and types are read from Parquet, their parts guessed from names.')
    .requiredOption('--data <glob>', 'Parquet files of the observations, such as "data/day=*/*.parquet"')
    .requiredOption('--train <command>', 'the trainer, such as "python train.py"')
    .option('--labels <glob>', 'Parquet files of the labels, when they are not in the observations')
    .option('--name <name>', 'name of the model (default: the folder)', modelName)
    .option('--owner <who>', 'who answers for the model')
    .option('--time <column>', 'column: when the model was asked')
    .option('--id <column>', 'column that joins observations and labels')
    .option('--label <column>', 'column: the truth')
    .option('--available-at <column>', 'column: when the label was known')
    .option('--score <column>', 'column: what the model answered')
    .option('--model-version <column>', 'column: which version answered')
    .addOption(new Option('--preset <name>', 'scorecard to extend').choices([...PRESET_NAMES]))
    .option('-f, --file <path>', 'where to write', 'policy.yaml')
    .option('--schema <url>', 'JSON Schema that editors check against')
    .option('--yes', 'take every guess without asking')
    .option('--force', 'overwrite an existing file')
    .addHelpText(
      'after',
      '\nExample:\n  understudy init --data "data/day=*/*.parquet" --train "python train.py" --owner me@example.org',
    )
    .action(async (options: InitOptions, command: Command) => {
      const { init } = await import('../first-policy.ts');
      const result = await init(options, readColumns);
      if (!result.ok)
        command.error(`error: ${result.message}`, { exitCode: result.exitCode, code: 'understudy.usage' });
      else terminalOf(command).err.write(result.message);
    });
}

function modelName(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('expected lower-case letters, digits and dashes, at most 40.');
}

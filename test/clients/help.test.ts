import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../clients/program.ts';
import { runCli } from './run-cli.ts';

const program = createProgram('0.0.0');
const commands = (command: Command): Command[] => [command, ...command.commands.flatMap(commands)];
const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
const all = commands(program).map((command) => [pathOf(command), command] as const);

/** Those that only hold other commands have nothing to run. */
const runnable = all.filter(([, { commands: inside }]) =>
  inside.every((child) => ['benign', 'compare', 'regrid', 'replay'].includes(child.name())),
);

/** The help as the command prints it, the texts added after it included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ ...command.configureOutput(), writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe('help', () => {
  test.each(runnable)('%s shows one example, which is a command line that the tree understands', (name, command) => {
    const example = exampleIn(helpOf(command));
    expect(example).toContain(name);
    const words = example.replace(/^source <\((.*)\)$| > \S+$/, '$1').split(/ +(?=(?:[^"]*"[^"]*")*[^"]*$)/);
    expect(parsedBy(words.slice(1))).toBe(name);
  });

  test.each(all)('%s says in one line what it does', (_, command) => {
    expect(`${command.summary()}${command.description()}`).toMatch(/^.+$/);
  });

  test.each([['--help'], ['--version'], ['status --help']])('%s loads neither zod nor Temporal', async (args) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-help-'));
    const witness = path.join(folder, 'witness.mjs');
    await writeFile(witness, WITNESS);
    const { code, stderr } = await runCli(args.split(' '), { node: ['--import', witness] });
    await rm(folder, { recursive: true });
    expect(code).toBe(0);
    const loaded = stderr.split('\n').filter((line) => line.startsWith('loaded '));
    expect(loaded.some((line) => line.includes('/commander/'))).toBe(true);
    expect(loaded.filter((line) => /node_modules\/(?!commander\/)/.test(line))).toEqual([]);
  });
});

function exampleIn(help: string): string {
  return /\nExample:\n {2}(.*)\n/.exec(help)?.[1] ?? '';
}

/** Which command a line of words ends in; its action is not carried out. */
function parsedBy(words: readonly string[]): string {
  let reached = '';
  const fresh = createProgram('0.0.0').hook('preAction', (_, action) => {
    reached = pathOf(action);
    throw new Error('enough');
  });
  try {
    fresh.parse(
      words.map((word) => word.replaceAll('"', '')),
      { from: 'user' },
    );
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'enough') throw error;
  }
  return reached;
}

/** Names every module that is loaded on stderr. */
const WITNESS = `import { register } from 'node:module';
const hooks = \`import { writeSync } from 'node:fs';
export async function load(url, context, next) { writeSync(2, 'loaded ' + url + '\\\\n'); return next(url, context); }\`;
register('data:text/javascript,' + encodeURIComponent(hooks));
`;

import type { Argument, Command, Option } from 'commander';
import { EXIT } from '../../clients/failure.ts';
import { createProgram } from '../../clients/program.ts';
import { code, generatedFrom, table } from './markdown.ts';
import type { Page } from './markdown.ts';

const INTRODUCTION = `# Commands

\`npx understudy COMMAND\` inside the checkout, \`understudy COMMAND\` where the package is installed. MODEL is the policy's
\`metadata.name\`; RUN is the id of a run, or a model's name for its active, else its last run. What a program reads is on
stdout, what a person reads is on stderr; \`-o json\` prints one document.`;

/** What each exit code means; \`wait\`, \`status\` and \`trigger --wait\` answer with the verdict of the run. */
const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done; a run that was waited for was promoted, or ended as asked',
  failure: 'a failure that is ours, or a difference that was asked for',
  usage: 'wrong usage, or a question that nobody is there to answer',
  invalid: 'a policy, a scorecard or settings are invalid',
  notAuthorised: 'not authenticated, or not among those who may decide',
  notFound: 'no such thing, or it is over',
  conflict: 'a stale digest, a run already active, cooling down, paused, or already decided',
  gateFailed:
    'the run ended at a gate: no drift, blocked, rejected by the scorecard, inconclusive; or compared files drifted',
  rolledBack: 'the run was rolled back',
  rejected: 'a person rejected the candidate, or nobody answered in time',
  timedOut: 'the time of --timeout is over; the run goes on',
  unavailable: 'a service that is needed does not answer',
  configuration: 'the operators’ settings or this machine’s are wrong',
  interrupted: 'interrupted; what runs goes on',
};

/** Every command with its options, read from the command tree, and the table of exit codes. */
export function commandsPage(): Page {
  const program = createProgram('');
  const globals = `Options of every command:\n\n${optionTable(program)}`;
  const commands = leavesOf(program).map(({ name, command }) => section(name, command));
  const codes = table(
    ['exit code', 'meaning'],
    Object.entries(EXIT).map(([name, value]) => [String(value), MEANINGS[name as keyof typeof EXIT]]),
  );
  const parts = [generatedFrom('the command tree'), INTRODUCTION, globals, ...commands, '## Exit codes', codes];
  return { path: 'docs/commands.md', text: `${parts.join('\n\n')}\n` };
}

interface Leaf {
  /** All words: `understudy stack up`. */
  readonly name: string;
  readonly command: Command;
}

/** Commands that do something, in the order of the tree. */
export function leavesOf(command: Command, before = ''): Leaf[] {
  const name = `${before}${command.name()}`;
  const inside = command.commands.flatMap((child) => leavesOf(child, `${name} `));
  // A command with children may do something of its own: then it takes arguments.
  const acts = inside.length === 0 || command.registeredArguments.length > 0;
  return before !== '' && acts ? [{ name, command }, ...inside] : inside;
}

function section(name: string, command: Command): string {
  const usage = [name, ...command.registeredArguments.map(argumentText)].join(' ');
  const rows = command.registeredArguments
    .filter((one) => one.description !== '')
    .map((one) => `- ${code(argumentText(one))}: ${inText(one.description)}`);
  const options = command.options.some((option) => !option.hidden) ? optionTable(command) : '';
  const parts = [`## ${code(usage)}`, sentence(command.description()), rows.join('\n'), options, exampleOf(command)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '…' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionTable(command: Command): string {
  const shown = command.options.filter((option) => !option.hidden);
  return table(
    ['option', 'meaning'],
    shown.map((option) => [code(option.flags), [sentence(option.description), ...factsOf(option)].join(' ')]),
  );
}

function factsOf({ argChoices, defaultValue, envVar, mandatory }: Option): string[] {
  const isTold = defaultValue !== undefined && typeof defaultValue !== 'boolean';
  return [
    argChoices === undefined ? '' : `${argChoices.length === 1 ? '' : 'One of '}${argChoices.map(code).join(', ')}.`,
    isTold ? `Default ${code(String(defaultValue))}.` : '',
    envVar === undefined ? '' : `Environment: ${code(envVar)}.`,
    mandatory ? '**Required.**' : '',
  ].filter((fact) => fact !== '');
}

/** The example that \`--help\` ends with. */
function exampleOf(command: Command): string {
  const lines: string[] = [];
  command.configureOutput({ writeOut: (text) => lines.push(text), getOutHasColors: () => false });
  command.outputHelp();
  const [, example = ''] = lines.join('').split('\nExample:\n');
  return example.trim() === '' ? '' : `\`\`\`\n${example.trim().replaceAll(/\n +/g, '\n')}\n\`\`\``;
}

/** Help texts are written for the terminal, without a full stop. */
function sentence(text: string): string {
  if (text === '') return '';
  const whole = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return inText(/[.…!?]$/.test(whole) ? whole : `${whole}.`);
}

function inText(text: string): string {
  return text.replaceAll(/[<>*_]/g, '\\$&');
}

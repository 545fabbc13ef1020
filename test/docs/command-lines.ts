import type { Command } from 'commander';
import { blocksOf } from './pages.ts';

/** Command lines of ours: in code blocks, and between backticks in the text. */
export function commandLines(text: string): string[] {
  const blocks = ['', 'sh'].flatMap((language) => blocksOf({ text }, language));
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, line = '']) => line);
  return [...blocks.flatMap((block) => block.split('\n')), ...inline].flatMap(
    (line) => /^(?:\$ )?(?:npx )?(understudy(?: .*?)?)(?: [>|] .*)?$/.exec(line.trim())?.[1] ?? [],
  );
}

/** What `understudy explain` is asked for. */
export function explained(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /^understudy explain (\S+)$/.exec(line)?.[1] ?? []);
}

/** What is wrong with a command line, by the tree of commands; nothing when it would be understood. */
export function faultIn(program: Command, line: string): string | undefined {
  const { command, rest } = commandOf(program, wordsOf(line));
  const { flags, given } = split([...command.options, ...program.options], rest);
  const unknown = flags.find((flag) => !flag.known);
  if (unknown) return `${line}: no option ${unknown.word}`;
  const [first] = given;
  const takes = command.registeredArguments.length;
  // COMMAND, FIELD and the like stand for what the reader fills in.
  if (first !== undefined && takes === 0 && !/^[A-Z]+$/.test(first)) return `${line}: no command ${first}`;
  return given.length > Math.max(1, takes) ? `${line}: too many words` : undefined;
}

function wordsOf(line: string): string[] {
  return (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).slice(1);
}

/** Goes down the tree as long as the words name commands. */
function commandOf(command: Command, words: readonly string[]): { command: Command; rest: readonly string[] } {
  const [word, ...rest] = words;
  const next = command.commands.find((one) => one.name() === word);
  return next ? commandOf(next, rest) : { command, rest: words };
}

function split(options: Command['options'], words: readonly string[]) {
  const flags: { word: string; known: boolean }[] = [];
  const given: string[] = [];
  let isValue = false;
  for (const word of words) {
    if (isValue) {
      isValue = false;
    } else if (word.startsWith('-')) {
      const [name = ''] = word.split('=');
      const option = options.find(({ long, short }) => long === name || short === name);
      flags.push({ word, known: option !== undefined });
      isValue = option !== undefined && !option.isBoolean() && !word.includes('=');
    } else {
      given.push(word);
    }
  }
  return { flags, given };
}

import path from 'node:path';
import { Option, type Command } from 'commander';
import type { StackUpOptions } from '../../infra/stack/up.ts';
import type { StackStatus } from '../../infra/stack/status.ts';
import type { PartName, StackState } from '../../infra/stack/state.ts';

interface Common {
  readonly state?: string;
  readonly settings?: string;
  readonly output?: 'json';
}

/** `understudy stack up|down|status|logs`: Temporal, MLflow, a gateway and a worker on this machine. */
export function registerStack(program: Command): void {
  const stack = program.command('stack').description('the embedded stack: Temporal, MLflow, Traefik and a worker');

  withCommon(stack.command('up').description('start the stack and wait until every part is ready'))
    .option('--parts <names>', 'only these, separated by commas: temporal, mlflow, traefik, worker')
    .addHelpText('after', '\nExample:\n  understudy stack up')
    .action(async (options: Common & { parts?: string }, command: Command) =>
      explain(command, async () => up(options, command)),
    );

  withCommon(stack.command('down').description('stop the stack; its data stays'))
    .addHelpText('after', '\nExample:\n  understudy stack down')
    .action(async (options: Common, command: Command) => explain(command, async () => down(options, command)));

  withCommon(stack.command('status').argument('[part]').description('what runs; exit 69 unless everything is well'))
    .addHelpText('after', '\nExample:\n  understudy stack status -o json')
    .action(async (part: string | undefined, options: Common, command: Command) =>
      explain(command, async () => status(part, options, command)),
    );

  withCommon(
    stack.command('logs').argument('[part]').description('the last lines that a part, or each of them, printed'),
  )
    .option('-n, --lines <count>', 'how many', '40')
    .addHelpText('after', '\nExample:\n  understudy stack logs mlflow -n 100')
    .action(async (part: string | undefined, options: Common & { lines: string }, command: Command) =>
      explain(command, async () => logs(part, options, command)),
    );
}

function withCommon(command: Command): Command {
  return command
    .option('--state <folder>', 'where the stack keeps its data (default: the setting `state`, .understudy)')
    .option('--settings <file>', 'operator settings (default: understudy.config.yaml if it is there)')
    .addOption(new Option('-o, --output <format>', 'one JSON document').choices(['json']));
}

async function up(options: Common & { parts?: string }, command: Command): Promise<number> {
  // One after the other: jest cannot link two graphs of modules that meet.
  const { stackUp } = await import('../../infra/stack/up.ts');
  const { stackStatus } = await import('../../infra/stack/status.ts');
  const { loadSettings } = await import('../../workers/settings-file.ts');
  const { settings, stateDir, file } = await loadSettings(options.settings);
  const where = options.state ?? stateDir;
  const wasUp = (await stackStatus(where)).phase === 'ready';
  const parts = options.parts === undefined ? undefined : await partsFrom(options.parts.split(','));
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const state = await stackUp({
      stateDir: where,
      settings,
      signal: interrupt.signal,
      ...(wasUp ? {} : { onProgress: reporter(command) }),
      ...(parts === undefined ? {} : { parts }),
      ...(file === undefined ? {} : { workerEnv: { UNDERSTUDY_CONFIG: file } }),
    });
    if (wasUp) talk(command, 'the stack is already up');
    if (options.output === 'json') say(command, json(state));
    else say(command, addresses(state));
    return 0;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function down(options: Common, command: Command): Promise<number> {
  const { stackDown } = await import('../../infra/stack/down.ts');
  const started = Date.now();
  const stateDir = await folder(options);
  const state = await stackDown(stateDir);
  // Model servers outlive a worker on purpose; they do not outlive the stack. The next `up` serves the champions again.
  const { stopLeftovers } = await import('../../workers/wiring.ts');
  const { servers } = await stopLeftovers(path.resolve(stateDir));
  if (options.output === 'json') say(command, json({ schemaVersion: 1, wasRunning: state !== undefined }));
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const also = servers === 0 ? '' : `, and ${servers} model server(s)`;
  talk(
    command,
    state === undefined && servers === 0
      ? 'the stack is not running'
      : `the stack${also} is stopped (${took}); its data stays`,
  );
  return 0;
}

async function status(part: string | undefined, options: Common, command: Command): Promise<number> {
  const { stackStatus } = await import('../../infra/stack/status.ts');
  const [only] = part === undefined ? [undefined] : await partsFrom([part]);
  const found = await stackStatus(await folder(options));
  const parts = found.parts.filter(({ name }) => only === undefined || name === only);
  const healthy = only === undefined ? found.healthy : parts.some((one) => one.alive && one.answering);
  if (options.output === 'json') say(command, json({ schemaVersion: 1, ...found, parts, healthy }));
  else if (parts.length === 0)
    talk(command, `${only ?? 'the stack'} is not running; start it with: understudy stack up`);
  else say(command, parts.map(partLine).join('\n'));
  return healthy ? 0 : 69;
}

async function logs(part: string | undefined, options: Common & { lines: string }, command: Command): Promise<number> {
  const { lastLines } = await import('../../infra/stack/launch.ts');
  const { partLog, partNames } = await import('../../infra/stack/state.ts');
  const count = Number(options.lines);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageFailure(`--lines ${options.lines}: expected a whole number from 1`);
  const stateDir = await folder(options);
  const names = part === undefined ? partNames : await partsFrom([part]);
  for (const name of names) {
    const file = partLog(stateDir, name);
    talk(command, `${name}: ${file}`);
    say(command, await lastLines(file, count));
  }
  return 0;
}

async function folder(options: Common): Promise<string> {
  const { loadSettings } = await import('../../workers/settings-file.ts');
  return options.state ?? (await loadSettings(options.settings)).stateDir;
}

async function partsFrom(names: readonly string[]): Promise<PartName[]> {
  const { partNames } = await import('../../infra/stack/state.ts');
  return names.map((given) => {
    const name = partNames.find((known) => known === given.trim());
    if (name === undefined) throw new UsageFailure(`there is no part "${given}"; there are ${partNames.join(', ')}`);
    return name;
  });
}

class UsageFailure extends Error {
  readonly exitCode = 2;
}

/** How long each part usually takes, so that nobody wonders whether it hangs. */
const usually: Record<PartName, string> = { temporal: '2 s', mlflow: '10 s', traefik: '1 s', worker: '15 s' };

function reporter(command: Command): NonNullable<StackUpOptions['onProgress']> {
  return (name, part, elapsedMs) => {
    const after = `${(elapsedMs / 1000).toFixed(1)} s`;
    if (part.phase === 'starting') talk(command, `${name}: starting (usually ${usually[name]})`);
    else if (part.phase === 'ready') talk(command, `${name}: ready after ${after}`);
    else talk(command, `${name}: ${part.phase} after ${after}: ${part.reason ?? ''}`);
  };
}

function addresses(state: StackState): string {
  const parts = Object.entries(state.parts).map(([name, part]) => `${name}\t${part.url}`);
  return ['the stack is up; stop it with: understudy stack down', ...parts].join('\n');
}

function partLine(part: StackStatus['parts'][number]): string {
  const truth = part.alive ? (part.answering ? part.phase : `${part.phase}, does not answer`) : 'not running';
  const more = [part.restarts > 0 ? `restarted ${part.restarts} times` : '', part.reason ?? ''].filter(
    (text) => text !== '',
  );
  return [part.name, truth, part.url, part.pid ?? '', ...more].join('\t');
}

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}

/** Data goes to stdout, talk to stderr, both through commander so that a caller can catch them. */
function say(command: Command, text: string): void {
  command.configureOutput().writeOut?.(`${text}\n`);
}

function talk(command: Command, text: string): void {
  command.configureOutput().writeErr?.(`${text}\n`);
}

/** Failures that carry an exit code are for people: their sentence, no stack trace. Everything else is a defect. */
async function explain(command: Command, action: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await action();
  } catch (failure) {
    if (!(failure instanceof Error) || !('exitCode' in failure) || typeof failure.exitCode !== 'number') throw failure;
    talk(command, `error: ${failure.message}`);
    process.exitCode = failure.exitCode;
  }
}

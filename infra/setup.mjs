#!/usr/bin/env node
// Makes everything that the stack, the demo and the tests need on a fresh machine: npm packages, the Python environment,
// dist/. What is already there is left alone, so it may run before every start. Plain JavaScript without packages: it runs
// when nothing is installed yet.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildStep } from './setup/build.mjs';
import { SetupFailure } from './setup/failure.mjs';
import { withLock } from './setup/lock.mjs';
import { nodePackagesStep } from './setup/node-packages.mjs';
import { createReporter } from './setup/progress.mjs';
import { pythonStep } from './setup/python-environment.mjs';

const usage = `usage: node infra/setup.mjs [--check] [--no-python] [--quiet]

  --check      change nothing; exit 1 and name what is missing
  --no-python  leave out the Python environment (workers and offline commands need Node only)
  --quiet      say nothing unless something fails
`;

/**
 * Carries out the steps whose work is not done yet. Each step is { name, roughly, missing(): string | undefined, run(tools) }.
 * Throws SetupFailure with the exit code and one sentence.
 */
export async function setUp({ python = true, quiet = false } = {}) {
  const open = missingSteps({ python });
  if (open.length === 0) return;
  const reporter = createReporter({ quiet });
  await withLock(reporter, async () => {
    for (const step of stepsFor({ python })) {
      if (step.missing() !== undefined) await reporter.during(step, async (tools) => step.run(tools));
    }
  });
}

/** The steps whose work is not done, each with the reason why not. */
export function missingSteps({ python = true } = {}) {
  return stepsFor({ python })
    .map((step) => ({ name: step.name, reason: step.missing() }))
    .filter((step) => step.reason !== undefined);
}

function stepsFor({ python }) {
  return [nodePackagesStep(), ...(python ? [pythonStep()] : []), buildStep()];
}

async function main(args) {
  const unknown = args.find((arg) => !['--check', '--no-python', '--quiet', '--help'].includes(arg));
  if (unknown !== undefined) throw new SetupFailure(2, `unknown option ${unknown}\n${usage}`);
  if (args.includes('--help')) return void process.stdout.write(usage);
  const options = { python: !args.includes('--no-python'), quiet: args.includes('--quiet') };
  if (!args.includes('--check')) {
    await setUp(options);
    if (!options.quiet) process.stderr.write('setup: everything is there\n');
    return;
  }
  const open = missingSteps(options);
  for (const { name, reason } of open) process.stderr.write(`setup: ${name}: ${reason}\n`);
  if (open.length > 0) throw new SetupFailure(1, 'not everything is there; run: node infra/setup.mjs');
}

function isMain() {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url);
}

if (isMain()) {
  try {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major < 20 || (major === 20 && minor < 19)) {
      throw new SetupFailure(78, `Node ${process.versions.node} is too old; install Node 20.19 or later`);
    }
    await main(process.argv.slice(2));
  } catch (failure) {
    if (!(failure instanceof SetupFailure)) throw failure;
    process.stderr.write(`setup: ${failure.message}\n`);
    process.exitCode = failure.exitCode;
  }
}

import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { answer, talk } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface PlanOptions {
  readonly file: string;
  readonly rate?: string;
  readonly rateQuery?: string;
  readonly bad?: string;
  readonly for: string;
}

/** `understudy plan`: what a rollout can see at this traffic; exit 3 when a step could not decide and nobody accepts that. */
export function registerPlan(program: Command): void {
  const command = declare(program, 'plan', {
    summary: 'say what each step of a rollout would see, how long it takes and what it may cost',
    example: 'understudy plan -f policy.yaml --rate 200/s',
  })
    .requiredOption('-f, --file <policy>', 'the policy to plan for')
    .option('--rate <rate>', 'requests per second on the whole route, as 200/s; without it they are counted')
    .option('--rate-query <promql>', 'ask the Prometheus of the settings for the requests per second')
    .option('--bad <share>', 'usual share of bad answers (default: counted beside the requests, else 0.1%)')
    .option('--for <duration>', 'how long the gateway’s requests are counted', '10s');
  does<PlanOptions>(command, plan);
}

async function plan(screen: Screen, _: readonly string[], options: PlanOptions): Promise<number> {
  const wishes = await wishesOf(options);
  const { readValid } = await import('../read-policies.ts');
  const [file] = await readValid(screen, [options.file], 'nothing was planned');
  if (!file) throw new CliFailure(EXIT.usage, 'there is no policy', 'understudy plan --help');
  const { policy } = file;
  if (!policy.spec.traffic) {
    const says = 'a batch policy shares no traffic: both models predict the newest day, and a person decides';
    answer(screen, { policy: options.file, phases: [], undecided: [], acceptable: true }, () => says);
    return EXIT.ok;
  }
  const { trafficFor } = await import('../plan-traffic.ts');
  const { forecastRollout } = await import('../../scorecards/canary/rollout-forecast.ts');
  const { planLines } = await import('../plan-lines.ts');
  const traffic = await trafficFor(async () => wired(screen, options), policy, wishes);
  const forecast = forecastRollout(policy, traffic);
  answer(screen, { policy: options.file, traffic, ...forecast }, () => planLines(traffic, forecast, screen.columns));
  return forecast.acceptable ? EXIT.ok : EXIT.invalid;
}

async function wired(screen: Screen, options: PlanOptions) {
  if (options.rateQuery === undefined) talk(screen, `counting requests at the gateway for ${options.for}`);
  const { portsFor } = await import('../wired-ports.ts');
  return portsFor(screen);
}

async function wishesOf({ bad, rate, rateQuery, ...options }: PlanOptions) {
  const { parseDuration, parseRate, parseShare } = await import('../../scorecards/policy/units.ts');
  if (rate !== undefined && rateQuery !== undefined)
    throw new CliFailure(EXIT.usage, '--rate and --rate-query were both given', 'give one of them');
  const read = (name: string, text: string, parse: (text: string) => number | undefined, expected: string) => {
    const value = parse(text);
    if (value !== undefined) return value;
    throw new CliFailure(EXIT.usage, `${name} ${text} is not ${expected}`, 'understudy plan --help');
  };
  return {
    forMs: read('--for', options.for, parseDuration, 'a duration such as 10s'),
    ...(rate === undefined ? {} : { rate: read('--rate', rate, asRate(parseRate), 'a rate such as 200/s') }),
    ...(bad === undefined ? {} : { bad: read('--bad', bad, parseShare, 'a share such as 0.1%') }),
    ...(rateQuery === undefined ? {} : { query: rateQuery }),
  };
}

/** `200` means `200/s` here. */
function asRate(parse: (text: string) => number | undefined) {
  return (text: string) => parse(/^[\d.]+$/.test(text) ? `${text}/s` : text);
}

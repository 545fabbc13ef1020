import type { Command } from 'commander';
import type { Ports } from '../../activities/context.ts';
import type { Session } from '../connect.ts';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import type { RestorePlan, Restored } from '../restore-version.ts';
import { answer, talk } from '../terminal.ts';
import type { Screen } from '../terminal.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';

interface RollbackOptions {
  readonly to?: string;
  readonly reason: string;
  readonly as?: string;
  readonly yes?: true;
}

/** `understudy rollback`: a run in flight returns the traffic; without one, an earlier version is restored directly. */
export function registerRollback(program: Command): void {
  const command = declare(program, 'rollback', {
    summary: 'return all traffic to the champion, or restore an earlier version',
    example: 'understudy rollback flights-late --reason "complaints" --yes',
  })
    .argument('<model>', 'name of the policy, or a run id')
    .option('--to <version>', 'the version to restore (default: the one before the champion)')
    .option('--reason <text>', 'kept with the record', 'rolled back by a person')
    .option('--as <person>', 'who rolls back (default: user@host)')
    .option('--yes', 'do not ask for the model’s name');
  does<RollbackOptions>(command, rollback);
}

async function rollback(screen: Screen, [name = '']: readonly string[], options: RollbackOptions): Promise<number> {
  const { isRunId, modelOf } = await import('../runs.ts');
  const model = isRunId(name) ? modelOf(name) : name;
  const found = await lookAt(screen, name, options);
  if (found.done !== undefined) return found.done;
  return restoreDirectly(screen, model, options, found);
}

interface Looked {
  /** Exit code, when a run has taken the order. */
  readonly done?: number;
  readonly applied?: AppliedPolicy;
  /** Why Temporal could not be asked. */
  readonly away?: string;
}

/** Asks Temporal for a run that can obey. Temporal is not needed for a direct restore. */
async function lookAt(screen: Screen, name: string, options: RollbackOptions): Promise<Looked> {
  const { withSession } = await import('../connect.ts');
  try {
    return await withSession(screen, async (session) => lookIn(session, screen, name, options));
  } catch (error) {
    if (!(error instanceof CliFailure) || error.exitCode !== EXIT.unavailable) throw error;
    talk(screen, `${error.message}; restoring directly`);
    return { away: error.message };
  }
}

async function lookIn(session: Session, screen: Screen, name: string, options: RollbackOptions): Promise<Looked> {
  const { isRunId, modelOf, sheetOf, watchOf } = await import('../runs.ts');
  const { active, applied } = await watchOf(session, isRunId(name) ? modelOf(name) : name);
  const run = isRunId(name) ? name : active?.run;
  const isOver = run === undefined || options.to !== undefined || (await sheetOf(session, run)).ended !== undefined;
  if (isOver) return applied ? { applied } : {};
  return { done: await stopAndFollow(session, screen, run, options) };
}

/** The run returns the traffic itself; it is over when that is verified. */
async function stopAndFollow(session: Session, screen: Screen, run: string, options: RollbackOptions): Promise<number> {
  const { follow } = await import('../follow.ts');
  const { stopRun } = await import('../stop-run.ts');
  const word = { by: options.as ?? session.identity, reason: options.reason };
  const stopped = await stopRun(session, screen, { name: run, kind: 'rollback', word, yes: options.yes === true });
  if (!stopped.accepted) throw new CliFailure(EXIT.conflict, `${run}: ${stopped.reason}`, `understudy status ${run}`);
  talk(screen, stopped.reason);
  const { ended } = await follow({ session, screen, run, onSheet: (seen) => seen.ended !== undefined });
  const { outcome = 'lost', reason = stopped.reason } = ended ?? {};
  answer(screen, { run, model: stopped.model, outcome, reason }, () => `${outcome}: ${reason}`);
  return EXIT.ok;
}

async function restoreDirectly(
  screen: Screen,
  model: string,
  options: RollbackOptions,
  found: Looked,
): Promise<number> {
  const { planRestore, restore } = await import('../restore-version.ts');
  const { confirmModel } = await import('../confirm.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const { registryAway } = await import('../registry-away.ts');
  const ports = await portsFor(screen);
  const wanted = wantedOf(options, found);
  const planned = await registryAway(async () => planRestore(ports, model, wanted));
  if ('away' in planned) {
    talk(screen, `${planned.away}; returning the traffic alone`);
    const away = [...(found.away === undefined ? [] : [found.away]), planned.away];
    return restoreTrafficAlone(screen, { ports, model, wanted, away }, options);
  }
  const plan = planned.answer;
  for (const line of nowAndAfter(plan)) talk(screen, line);
  if (options.yes !== true) await confirmModel(screen, 'roll back', model);
  const restored = await restore(ports, plan, { by: options.as ?? screen.identity, reason: options.reason });
  answer(screen, { restored }, () => textOf(restored));
  return restored.route?.loaded === false ? EXIT.unavailable : EXIT.ok;
}

function wantedOf({ to }: RollbackOptions, { applied }: Looked): Wanted {
  const version = to?.replace(/^.*@/, '').replace(/^v/, '');
  return { ...(version === undefined ? {} : { to: version }), ...(applied ? { applied } : {}) };
}

type Wanted = { readonly to?: string; readonly applied?: AppliedPolicy };
interface Alone {
  readonly ports: Ports;
  readonly model: string;
  readonly wanted: Wanted;
  readonly away: readonly string[];
}

/** RB6: the gateway is written by what is known here; the pointer follows when a worker can move it. */
async function restoreTrafficAlone(
  screen: Screen,
  { away, model, ports, wanted }: Alone,
  options: RollbackOptions,
): Promise<number> {
  const { planOffline, restoreOffline } = await import('../offline-restore.ts');
  const { confirmModel } = await import('../confirm.ts');
  const plan = await planOffline(ports, model, wanted);
  const percent = plan.route.challenger?.percent ?? 0;
  const shared = percent > 0 ? `, v${plan.route.challenger?.version} ${percent} %` : '';
  talk(screen, `now     v${plan.from} ${100 - percent} %${shared}`);
  talk(screen, `after   v${plan.to} 100 %; the pointer follows when a worker can move it`);
  if (options.yes !== true) await confirmModel(screen, 'roll back', model);
  const word = { by: options.as ?? screen.identity, reason: options.reason, away };
  const { kept, pending } = await restoreOffline(ports, plan, word);
  if (!kept) talk(screen, 'the evidence store did not keep the record of it: keep this output and tell the owner');
  const since = ((Date.parse(pending.writtenAt) - Date.parse(pending.startedAt)) / 1000).toFixed(1);
  answer(screen, { pending, kept }, () =>
    [
      `route ${plan.route.name} written   ${since} s: v${plan.to} has 100 % of the traffic`,
      kept ? 'the pointer was not asked; a worker that can lets it follow' : JSON.stringify(pending),
    ].join('\n'),
  );
  return EXIT.ok;
}

function nowAndAfter({ applied, from, route, to }: RestorePlan): string[] {
  const percent = route?.challenger?.percent ?? 0;
  const shared = percent > 0 ? `; v${route?.challenger?.version} has ${percent} % of the traffic` : '';
  return [
    `now     v${from} is champion${shared}`,
    `after   v${to} is champion${applied.policy.spec.traffic ? ' and has 100 % of the traffic' : ''}`,
  ];
}

function textOf({ evidence, from, pointerAt, route, startedAt, to }: Restored): string {
  const since = (iso: string) => `${((Date.parse(iso) - Date.parse(startedAt)) / 1000).toFixed(1)} s`;
  const pointerLine = () => {
    if (to === from) return `pointer v${to}, unchanged: it had not moved`;
    if (pointerAt === undefined) return 'pointer not moved: the registry went away; a worker that can lets it follow';
    return `pointer v${from} → v${to}   ${since(pointerAt)}`;
  };
  const loaded = route?.loaded === false ? '; the gateway has not loaded it yet: understudy doctor' : '';
  return [
    ...(route ? [`route ${route.name} written   ${since(route.writtenAt)}${loaded}`] : []),
    pointerLine(),
    `rolled back; evidence sha256:${evidence.sha256}`,
  ].join('\n');
}

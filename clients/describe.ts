import { getJson } from '../activities/context.ts';
import type { Ports } from '../activities/context.ts';
import type { Dataset } from '../activities/dataset.ts';
import { erasedSentence, tombstoneOf } from '../activities/erasure.ts';
import type { ScorecardResult } from '../activities/scorecard.ts';
import type { Cuts } from '../activities/shadow.ts';
import { printable } from '../scorecards/diagnostics/diagnostic.ts';
import { formatDuration } from '../scorecards/policy/units.ts';
import { sayFile, saySigned, signedScorecard } from '../scorecards/sign-off.ts';
import type { RunSheet } from '../scorecards/run-sheet.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import type { WatchState } from '../scorecards/watch.ts';
import type { Session } from './connect.ts';
import { judgedFacts } from './report/judged-facts.ts';
import { sheetOf, watchOf } from './runs.ts';
import { scheduleStates } from './schedules.ts';
import type { ScheduleState } from './schedules.ts';

export interface Described {
  readonly document: object;
  readonly lines: readonly (readonly [key: string, text: string])[];
}

/** Policy in force, champion, Schedules, what runs, what holds triggers back. */
export async function describeModel(
  session: Session,
  ports: Pick<Ports, 'registry'>,
  model: string,
): Promise<Described> {
  const state = await watchOf(session, model);
  const schedules = await session.ask(`the Schedules of ${model}`, () => scheduleStates(session.client, model));
  // A registry that is away hides the champion, not the rest.
  const aliases = await ports.registry.aliases(model).catch(() => null);
  const pointers = Object.entries(aliases ?? {}).map(([alias, version]) => `${alias} v${version}`);
  return {
    document: { ...state, aliases, schedules },
    lines: shown([
      ['model', model],
      ...(state.applied ? policyLines(state.applied) : [['policy', 'none is applied'] as const]),
      ['versions', aliases ? pointers.join(', ') || 'none yet' : 'the registry does not answer'],
      ...schedules.map((schedule) => ['schedule', scheduleText(schedule)] as const),
      ...stateLines(state),
    ]),
  };
}

function stateLines({ active, paused, runs, trained }: WatchState) {
  return [
    ['running', active ? active.run : 'nothing'],
    ['paused', paused ? `by ${paused.by} since ${paused.at}: ${paused.reason}` : 'no'],
    ['last trained', trained.at(-1) ?? 'never'],
    ['last run', runs.at(-1) ?? 'none'],
  ] as const;
}

function policyLines(applied: AppliedPolicy) {
  const { appliedAt, appliedBy, files, folder, policy, policyDigest, scorecardDigest } = applied;
  const { metadata, spec } = policy;
  const { cooldown, maxRunsPerWeek } = spec.triggers;
  return [
    ['owner', metadata.owner],
    ['risk', `${spec.risk}, tier ${spec.tier}`],
    ['policy', `sha256:${policyDigest}`],
    ...(files ? ([['policy file', printable(sayFile(files.policy))]] as const) : []),
    ['scorecard', `sha256:${scorecardDigest}`],
    ['agreed', printable(saySigned(signedScorecard(applied)))],
    ['applied', `${appliedAt} by ${appliedBy} from ${folder}`],
    ['approval', `${spec.approval.quorum} of ${(spec.approval.from ?? []).join(', ')}`],
    ['holds back', `cooldown ${formatDuration(cooldown)}, at most ${maxRunsPerWeek} trainings in 7 days`],
  ] as const;
}

function scheduleText({ id, next, paused }: ScheduleState): string {
  if (paused) return `${id}, paused: ${paused.note}`;
  return next === undefined ? id : `${id}, next ${next}`;
}

/** The sheet, with every piece of evidence that the run left. */
export async function describeRun(session: Session, ports: Pick<Ports, 'evidence'>, run: string): Promise<Described> {
  const sheet = await sheetOf(session, run);
  const keys = await ports.evidence.keys(`runs/${run}/`);
  const refs = await Promise.all(
    keys.map(async (key) => ({ key: key.slice(`runs/${run}/`.length), ref: await ports.evidence.recall(key) })),
  );
  const evidence = refs.flatMap(({ key, ref }) => (ref ? [{ key, ...ref }] : []));
  const dataset = refs.find(({ key }) => key.startsWith('dataset-'))?.ref;
  const snapshot = dataset && (await getJson<Dataset>(ports.evidence, dataset)).digest;
  const erased = snapshot && (await tombstoneOf(ports, snapshot));
  const judged = refs.find(({ key }) => JUDGED.test(key))?.ref;
  const { cuts, notes, warnings } = judged ? await getJson<Partial<ScorecardResult>>(ports.evidence, judged) : {};
  const told = { ...(notes ? { notes } : {}), ...(warnings ? { warnings } : {}) };
  return {
    document: { ...sheet, evidence, ...(cuts ? { cuts } : {}), ...told, ...(erased ? { erased } : {}) },
    lines: shown([
      ...sheetLines(sheet),
      ...(cuts ? [['flagged from', cutsText(cuts, sheet.champion !== undefined)] as const] : []),
      ...judgedFacts(told),
      ...(erased ? [['erased', erasedSentence(erased)] as const] : []),
      ...evidence.map(evidenceLine),
    ]),
  };
}

/** The run's own word, not that of one of its variants. */
const JUDGED = /^scorecard-\d+$/;

function cutsText({ challenger, champion }: Cuts, hasChampion: boolean): string {
  const edge = (cut: number): string => String(Number(cut.toPrecision(6)));
  return hasChampion ? `${edge(challenger)} (challenger), ${edge(champion)} (champion)` : edge(challenger);
}

function sheetLines({ approval, champion, challenger, ended, next, run, stage, stages, trigger }: RunSheet) {
  const { request } = approval;
  return [
    ['run', run],
    ['asked by', `${trigger.by} (${trigger.kind}, as of ${trigger.asOf})`],
    ['champion', champion ? `v${champion.version} sha256:${champion.digest}` : 'none yet'],
    ['challenger', challenger ? `v${challenger.version ?? '?'} sha256:${challenger.digest}` : 'none yet'],
    ...stages.map((line) => [line.stage, `${line.state}: ${line.result}`] as const),
    ...(request
      ? ([
          ['candidate', `sha256:${request.candidate}`],
          ['scorecard', `sha256:${request.scorecard}`],
        ] as const)
      : []),
    ...approval.accepted.map((one) => ['decision', `${one.decision} by ${one.approver}: ${one.reason}`] as const),
    ...approval.refused.map((one) => ['refused', `${one.answer}: ${one.reason}`] as const),
    [
      'state',
      ended ? `${ended.outcome} at ${ended.at}: ${ended.reason}` : `${stage}; next ${next ?? 'see the stages'}`,
    ],
  ] as const;
}

function evidenceLine({ key, sha256 }: EvidenceRef & { readonly key: string }) {
  return ['evidence', `${key}  sha256:${sha256}`] as const;
}

function shown(lines: readonly (readonly [string, string])[]): Described['lines'] {
  return lines.map(([key, text]) => [key, printable(text)] as const);
}

import { stripVTControlCharacters } from 'node:util';
import { formatSeconds } from '../../scorecards/run-sheet.ts';
import type { CandidateFinding } from '../../scorecards/candidate/verdict.ts';
import type { RecordedData, RunRecord } from '../../scorecards/records/run-record.ts';
import { sliceText } from '../../scorecards/parts.ts';
import { dataFacts } from './data-facts.ts';
import type { RunReport } from './gather.ts';
import { estimateText, unitOf } from './quantity.ts';
import { worstFirst } from './scorecard/worst-of.ts';
import { scorecardFacts } from './scorecard-facts.ts';

/** What every form of a report says, in the same order. */
export interface Story {
  readonly title: string;
  readonly state: 'running' | 'good' | 'bad';
  readonly why: string;
  /** The five questions: what serves, since when, approved by whom, what next, how to stop. */
  readonly answers: readonly Fact[];
  readonly facts: readonly Fact[];
  readonly findings: readonly FindingRow[];
  readonly timeline: readonly TimelineRow[];
  readonly lineage: readonly Fact[];
  /** The last lines of trainers that failed, in the order of their ends. */
  readonly logs: readonly LogTail[];
}

export interface LogTail {
  readonly whose: string;
  readonly text: string;
}

/** How a report shows at once how a run stands. */
export const STATE_MARKS: Readonly<Record<Story['state'], string>> = { running: '▶', good: '✔', bad: '✖' };

export type Fact = readonly [name: string, value: string];

export interface FindingRow {
  readonly judged: CandidateFinding['judged'];
  readonly criterion: string;
  readonly champion: string;
  readonly candidate: string;
  readonly difference: string;
  readonly sentence: string;
}

export interface TimelineRow {
  readonly at: string;
  readonly percent: number;
  readonly what: string;
}

export function tell(report: RunReport): Story {
  const { end, model, run } = report;
  const version = end?.challenger === undefined ? '' : ` v${end.challenger}`;
  return {
    title: `${model}${version}: ${end?.outcome ?? 'still running'}`,
    state: stateOf(end),
    why: end?.reason ?? `the run has not ended: understudy status ${run}`,
    answers: answersOf(report),
    facts: factsOf(report),
    findings: findingsOf(report),
    timeline: timelineOf(report),
    lineage: lineageOf(report),
    logs: logsOf(report),
  };
}

function stateOf(end: RunReport['end']): Story['state'] {
  if (end === undefined) return 'running';
  return end.outcome === 'promoted' || end.outcome === 'no-drift' ? 'good' : 'bad';
}

function answersOf(report: RunReport): Fact[] {
  const { end, opened, promotion, run } = report;
  const serves = end?.champion ?? opened.champion?.version;
  return [
    ['serves', serves === undefined ? 'nothing yet' : `v${serves}`],
    ['since', promotion?.promotedAt ?? 'before this run'],
    ['approved by', approvedBy(report)],
    ['next', end ? 'nothing until the next trigger' : `understudy status ${run} --watch`],
    ['stop', stopOf(report)],
  ];
}

function approvedBy({ approval, end }: RunReport): string {
  const decisions = approval?.decisions ?? [];
  if (end?.outcome !== 'promoted' || decisions.length === 0) return 'see the run that promoted it';
  return decisions.map(({ approver }) => approver).join(', ');
}

function stopOf({ end, model, run }: RunReport): string {
  if (!end) return `understudy abort ${run}`;
  return end.outcome === 'promoted' ? `understudy rollback ${model}` : `understudy pause ${model}`;
}

function factsOf(report: RunReport): Fact[] {
  const { approval, end, opened, training } = report;
  const { trigger } = opened;
  const decisions = (approval?.decisions ?? []).map(
    ({ approver, decision, reason }) => `${decision} by ${approver}: ${reason}`,
  );
  return [
    ['run', report.run],
    ['asked by', `${trigger.by} (${trigger.kind}${trigger.reason === undefined ? '' : `: ${trigger.reason}`})`],
    ['as of', trigger.asOf],
    ['began', opened.receivedAt],
    ...(end ? [['ended', `${end.endedAt} in stage ${end.stage}`] as const] : []),
    ['policy', digest(opened.policyDigest)],
    ...(training ? [['candidate', digest(training.digest)] as const] : []),
    ...scorecardFacts(report),
    ...(report.logs ?? []).map(({ job, sha256 }) => ['log', `${digest(sha256)} (job ${job} of the training)`] as const),
    ...dataFacts(report),
    ...decisions.map((text) => ['decision', text] as const),
    ...(training?.advice ?? []).map((text) => ['advice', text] as const),
    ...(end ? [['machine time', formatSeconds(machineSeconds(report))] as const] : []),
    ['human wait', approval ? formatSeconds(approval.waitedSeconds) : 'nobody was asked'],
  ];
}

/** Jobs that another one followed, then the one that ended the run. */
function logsOf({ attempts = [], end }: RunReport): LogTail[] {
  const earlier = attempts.flatMap(({ again, generation, logTail, sentence }) =>
    again && logTail !== undefined ? [{ whose: `job ${generation} of the training: ${sentence}`, text: logTail }] : [],
  );
  const last = end?.logTail === undefined ? [] : [{ whose: 'the trainer that ended the run', text: end.logTail }];
  return [...earlier, ...last].map(({ whose, text }) => ({ whose, text: printable(text) }));
}

/** Of control characters only the ends of lines stay: a log must not steer the terminal that shows the report. */
function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n]/gu, ' ');
}

/** Without the stage in which people decide: their time is told apart. */
function machineSeconds({ end }: RunReport): number {
  const worked = (end?.stages ?? []).filter(({ endedAt, stage }) => stage !== 'approval' && endedAt !== undefined);
  return worked.reduce((sum, line) => sum + (Date.parse(line.endedAt ?? '') - Date.parse(line.startedAt)) / 1000, 0);
}

function findingsOf({ verdict }: RunReport): FindingRow[] {
  return worstFirst(verdict?.findings ?? []).map(
    ({ challenger, champion, criterion, difference, judged, metric, sentence, slice }) => ({
      judged,
      criterion: slice === null ? criterion : `${criterion} (${sliceText(slice)})`,
      champion: estimateText(champion, unitOf(metric)),
      candidate: estimateText(challenger, unitOf(metric)),
      difference: estimateText(difference, unitOf(metric), { isChange: true }),
      sentence,
    }),
  );
}

function timelineOf({ phases, routes, version }: RunReport): TimelineRow[] {
  const writes = routes.map(({ challenger, champion, reason, writtenAt }) => ({
    at: writtenAt,
    // Once promoted it is the champion, and has all of it.
    percent: challenger?.percent ?? (version !== undefined && champion.version === version ? 100 : 0),
    what: reason,
  }));
  const words = phases.map(({ challenger, champion, endedAt, name, reason, word }) => ({
    at: endedAt,
    percent: NaN,
    what: `${name}: ${word}; ${challenger.bad} of ${challenger.requests} bad against ${champion.bad} of ${champion.requests}. ${reason}`,
  }));
  const rows = [...writes, ...words].toSorted((a, b) => (a.at < b.at ? -1 : 1));
  let percent = 0;
  return rows.map((row) => {
    percent = Number.isNaN(row.percent) ? percent : row.percent;
    return { ...row, percent };
  });
}

const SOURCES_SHOWN = 3;

/** What brought the rows, and who was left out. Files that lay there are in the manifest, which the digest names. */
function originOf(dataset: RunReport['dataset'], sources: RecordedData['sources']): Fact[] {
  const { queryDigest, exclusionsDigest } = dataset ?? {};
  const worthNaming = queryDigest !== undefined || sources.some(({ uri }) => !uri.startsWith('file:'));
  const named = sources.map(({ uri, etag, version }) => `${uri} (${version ?? etag ?? 'of no known state'})`);
  const more = named.length - SOURCES_SHOWN;
  const shown = [...named.slice(0, SOURCES_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
  return [
    ...(queryDigest === undefined ? [] : [['pulled by', digest(queryDigest)] as const]),
    ...(worthNaming && named.length > 0 ? [['sources', shown.join(', ')] as const] : []),
    ...(exclusionsDigest === undefined
      ? []
      : [['left out', `the ids of the list ${digest(exclusionsDigest)}`] as const]),
  ];
}

function labelsOf({ labelCoverage, labelSurrogates, labelWatermark }: NonNullable<RunReport['dataset']>): string {
  const standIns = labelSurrogates ? `, ${(labelSurrogates * 100).toFixed(1)} % of them surrogates` : '';
  return `${(labelCoverage * 100).toFixed(1)} % known${standIns}, until ${labelWatermark}`;
}

function lineageOf({ dataset, record }: RunReport): Fact[] {
  const environment = record?.environment;
  const libraries = Object.entries(environment?.libraryVersions ?? {}).map(([name, version]) => `${name} ${version}`);
  const days = (span: { from: string; until: string }) => `${span.from.slice(0, 10)} until ${span.until.slice(0, 10)}`;
  return [
    ...(dataset
      ? ([
          ['dataset', digest(dataset.digest)],
          ['trained on', `${days(dataset.trainSpan)}, ${(dataset.train.rows ?? 0).toLocaleString('en-US')} rows`],
          ['judged on', `${days(dataset.holdoutSpan)}, ${(dataset.holdout.rows ?? 0).toLocaleString('en-US')} rows`],
          ['labels', labelsOf(dataset)],
        ] as const)
      : []),
    ...originOf(dataset, record?.data?.sources ?? []),
    ...(record
      ? ([
          ['trainer', record.training.command.join(' ')],
          ['trained by', trainedBy(record.compute)],
          ['seed', String(record.seeds.training)],
          ['environment', environment ? digest(environment.hash) : 'not recorded'],
          ['libraries', libraries.join(', ')],
        ] as const)
      : []),
  ];
}

/** `Job us-churn-… on a cluster, 2 attempts, 61 s, 122 GPU-seconds on NVIDIA-A100`; what was not counted is not said. */
function trainedBy(compute: RunRecord['compute']): string {
  const { attempts, backend, evictions = 0, gpuModel, gpuSeconds = 0, job, runSeconds } = compute;
  const accelerator = gpuModel === undefined ? '' : ` on ${gpuModel}`;
  return [
    backend === 'kubernetes' ? `Job ${job} on a cluster` : `process ${job}`,
    `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    ...(evictions > 0 ? [`${evictions} evictions`] : []),
    ...(runSeconds === undefined ? [] : [formatSeconds(runSeconds)]),
    ...(gpuSeconds > 0 ? [`${Math.round(gpuSeconds)} GPU-seconds${accelerator}`] : []),
  ].join(', ');
}

const digest = (hex: string): string => `sha256:${hex}`;

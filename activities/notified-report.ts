import { printable } from '../scorecards/diagnostics/diagnostic.ts';
import { cutBytes } from '../scorecards/run-sheet.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { getJson } from './context.ts';
import type { Ports } from './context.ts';
import type { NotifiedReport } from './ports/notifier.ts';
import type { KeptVerdict } from './scorecard.ts';

/** Chats and pagers cut longer texts off; what leads to the report comes after the reasons and must not be what is lost. */
const REASON_BYTES = 1000;
const SENTENCE_BYTES = 300;
const REASONS_BYTES = 2500;
const MOST_FAILED = 25;

interface Ended {
  readonly run: string;
  readonly links: NotifiedReport['links'];
  readonly scorecard?: EvidenceRef;
}

/** Where the report of a run is, and what its scorecard did not let pass. An outage of the evidence store costs the sentences. */
export async function reportOf({ evidence }: Pick<Ports, 'evidence'>, ended: Ended): Promise<NotifiedReport> {
  const { links, run, scorecard } = ended;
  const command = `understudy report ${run} -o html > report.html`;
  if (scorecard === undefined) return { command, links, failed: [] };
  const { sha256, uri } = scorecard;
  const verdict = await getJson<KeptVerdict>(evidence, scorecard).catch(() => undefined);
  const failed = (verdict?.reasons ?? [])
    .slice(0, MOST_FAILED)
    .map((text) => cutBytes(printable(text), SENTENCE_BYTES));
  return { command, links, result: { sha256, uri }, failed };
}

/** The same for people: why, what did not pass, and how to get at the report. */
export function tellReport(reason: string, { command, failed, links, result }: NotifiedReport): string {
  const why = cutBytes(reason.split('\n').map(printable).join('\n'), REASON_BYTES);
  const sentences = failed.filter((sentence) => !why.includes(sentence)).map((sentence) => `- ${sentence}`);
  return [
    cutBytes([why, ...sentences].join('\n'), REASONS_BYTES),
    ...(result ? [`scorecard result sha256:${result.sha256} at ${result.uri}`] : []),
    command,
    ...links.map(({ name, url }) => `${name}: ${url}`),
  ].join('\n');
}

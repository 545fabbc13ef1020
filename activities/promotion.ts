import type { CandidateVerdict } from '../scorecards/candidate/verdict.ts';
import type { Baseline } from '../scorecards/drift/baseline.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { Champion, RunContext } from '../scorecards/run.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import type { ApprovalEvidence } from './approval.ts';
import { frozenWith } from './baseline.ts';
import { appliedOf, getJson, noteStage } from './context.ts';
import type { Ports } from './context.ts';
import { versionWithRecord } from './opening.ts';
import { PortFailure } from './ports/port-failure.ts';

export interface PromotionOrder {
  readonly context: RunContext;
  readonly version: string;
  /** Digest of the candidate's artifact. */
  readonly candidate: string;
  /** Result of the scorecard; its SHA-256 is what the approval names. */
  readonly scorecard: EvidenceRef;
  readonly approval: EvidenceRef;
  /** The champion when the run began; absent at bootstrap. */
  readonly expected?: Champion;
}

/** So many features are named in a sentence. */
const SHOWN = 5;

const ALIASES = ['challenger', 'shadow', 'canary'] as const;

export function createPromotion(ports: Pick<Ports, 'registry' | 'evidence'>) {
  return {
    /** Says which stage a version is in: an alias for people, a tag for machines. Never touches the champion. */
    async markStage(input: {
      readonly model: string;
      readonly version: string;
      readonly alias?: (typeof ALIASES)[number];
      readonly stage: string;
    }): Promise<void> {
      if (input.alias) await ports.registry.setAlias(input.model, input.alias, input.version);
      await ports.registry.setVersionTags(input.model, input.version, { 'understudy.stage': input.stage });
    },

    /**
     * Moves the pointer, last of all. Every attempt starts from the top: verify the approval against the digests, read the baseline and the
     * pointer, compare with what the run began with, write, read back. Safe to repeat after a lost answer.
     */
    promote: (input: PromotionOrder) => promote(ports, input),

    /** Takes a promotion back that may or may not have been carried out; a pointer that is not ours stays where it is. */
    async withdraw(input: PromotionOrder): Promise<void> {
      const { context, version, expected } = input;
      const { mine } = await pointerOf(ports, input);
      if (!mine) return;
      if (expected) await ports.registry.setAlias(context.model, 'champion', expected.version);
      else await ports.registry.removeAlias(context.model, 'champion');
      await ports.registry.setVersionTags(context.model, version, { 'understudy.stage': 'withdrawn' });
    },

    /** Marks a version that was taken off the stage, with the reason; the pointer had not moved or is moved by `repoint`. */
    async markRolledBack(input: {
      readonly model: string;
      readonly version: string;
      readonly reason: string;
    }): Promise<void> {
      await ports.registry.setVersionTags(input.model, input.version, {
        'understudy.rolled_back': input.reason.slice(0, 500),
        'understudy.stage': 'rolled-back',
      });
    },

    /** Moves the pointer back to an earlier champion, only while it still is what the caller saw. */
    async repoint(input: {
      readonly model: string;
      readonly from: string;
      readonly to: string;
      readonly reason: string;
    }): Promise<void> {
      const current = (await ports.registry.aliases(input.model))['champion'];
      if (current !== input.to && current !== input.from) throw movedOutOfBand(input.model, input.from, current);
      await ports.registry.setAlias(input.model, 'champion', input.to);
      await ports.registry.setAlias(input.model, 'previous', input.from);
      const after = (await ports.registry.aliases(input.model))['champion'];
      if (after !== input.to) throw movedOutOfBand(input.model, input.to, after);
    },
  };
}

async function promote(
  ports: Pick<Ports, 'registry' | 'evidence'>,
  input: PromotionOrder,
): Promise<{ readonly promotedAt: string; readonly previous?: string }> {
  const { context, version, expected } = input;
  await verifyApproval(ports, input);
  await verifyArtifact(ports, input);
  await verifyBaseline(ports, input);
  const { current, mine } = await pointerOf(ports, input);
  if (!mine && current !== expected?.version) throw movedOutOfBand(context.model, expected?.version, current);
  await ports.registry.setVersionTags(context.model, version, {
    'understudy.promotion_id': promotionId(context),
    'understudy.approval_id': input.approval.sha256,
    'understudy.scorecard_digest': input.scorecard.sha256,
    'understudy.stage': 'champion',
    ...(expected ? { 'understudy.promoted_from': expected.version } : {}),
  });
  if (expected) await ports.registry.setAlias(context.model, 'previous', expected.version);
  await ports.registry.setAlias(context.model, 'champion', version);
  const after = (await ports.registry.aliases(context.model))['champion'];
  if (after !== version) throw movedOutOfBand(context.model, version, after);
  const result = { promotedAt: new Date().toISOString(), ...(expected ? { previous: expected.version } : {}) };
  await noteStage(ports.evidence, context, 'promotion', result);
  return result;
}

const promotionId = ({ run, generation }: RunContext) => `${run}/${generation}`;

/** Where the pointer is, and whether this very promotion put it there. */
async function pointerOf(ports: Pick<Ports, 'registry'>, { context, version }: PromotionOrder) {
  const current = (await ports.registry.aliases(context.model))['champion'];
  const tags = (await ports.registry.version(context.model, version))?.tags ?? {};
  return { current, mine: current === version && tags['understudy.promotion_id'] === promotionId(context) };
}

/** The promoter believes nobody: the scorecard must have passed and the approval must name exactly these digests (AP3). */
async function verifyApproval(ports: Pick<Ports, 'evidence'>, order: PromotionOrder): Promise<void> {
  const approval = await getJson<ApprovalEvidence>(ports.evidence, order.approval);
  const scorecard = await getJson<{ verdict: CandidateVerdict['verdict']; candidate: string }>(
    ports.evidence,
    order.scorecard,
  );
  const wanted = order.context.bootstrap ? 'bootstrap' : 'approve';
  const names = approval.decisions.filter(
    (decision) => decision.candidate === order.candidate && decision.scorecard === order.scorecard.sha256,
  );
  const faults = [
    scorecard.verdict === 'pass' ? '' : `the scorecard's verdict is ${scorecard.verdict}`,
    scorecard.candidate === order.candidate ? '' : 'the scorecard judged another candidate',
    approval.outcome === 'approved' ? '' : `the approval's outcome is ${approval.outcome}`,
    names.some((decision) => decision.decision === wanted)
      ? ''
      : `no decision "${wanted}" names this candidate and this scorecard`,
  ].filter((fault) => fault !== '');
  if (faults.length > 0) throw new PortFailure('forbidden', `promotion refused: ${faults.join('; ')}`);
}

async function verifyArtifact(ports: Pick<Ports, 'registry'>, order: PromotionOrder): Promise<void> {
  const registered = await ports.registry.version(order.context.model, order.version);
  if (registered?.ready && registered.artifactDigest === order.candidate) return;
  throw new PortFailure(
    'artifact-changed',
    `version ${order.version} is not the approved artifact ${order.candidate}, or is not ready`,
  );
}

/**
 * A champion without the counts of what it was trained on could never be seen to drift. Throws `record-incomplete` that names the
 * features of the policy and of the record whose counts are not in the baseline, `not-found` when the baseline is nowhere.
 */
async function verifyBaseline(
  ports: Pick<Ports, 'registry' | 'evidence'>,
  { context, version }: PromotionOrder,
): Promise<void> {
  const candidate = await versionWithRecord(ports, context.model, version);
  const ref = await frozenWith(ports, candidate);
  const { grids = [], sketches = {} } = await getJson<Partial<Baseline>>(ports.evidence, ref);
  const { features: trained = [] } = await getJson<RunRecord>(ports.evidence, candidate.record);
  const declared = (await appliedOf(ports.evidence, context)).policy.spec.data.features ?? [];
  const features = [...new Set([...declared.map(({ name }) => name), ...trained])];
  const gridded = new Set(grids.map(({ feature }) => feature));
  const uncounted = features.filter((name) => !gridded.has(name) || (sketches[name]?.rows ?? 0) === 0);
  if (features.length > 0 && uncounted.length === 0) return;
  const what = features.length === 0 ? 'any feature: its record names none' : quotedList(uncounted);
  throw new PortFailure(
    'record-incomplete',
    `the drift baseline of version ${version} has no counts of ${what}; it could never be seen to drift there`,
  );
}

const quotedList = (names: readonly string[]): string => {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names
    .slice(0, SHOWN)
    .map((name) => `"${name}"`)
    .join(', ')}${more}`;
};

function movedOutOfBand(model: string, expected: string | undefined, found: string | undefined): PortFailure {
  const name = (version: string | undefined) => (version === undefined ? 'none' : `v${version}`);
  return new PortFailure(
    'pointer-moved',
    `the champion of ${model} was moved by somebody else: expected ${name(expected)}, found ${name(found)}; nothing was overwritten`,
  );
}

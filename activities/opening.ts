import type { Champion, RetrainInput, RunContext } from '../scorecards/run.ts';
import type { TriggerRequest } from '../scorecards/trigger.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { getJson, noteStage, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { PortFailure } from './ports/port-failure.ts';
import { lookAhead, planOf, sayObstacles } from './preflight.ts';

/** What a run knows of the world before its first stage. */
export interface OpenedRun {
  readonly context: RunContext;
  readonly champion?: Champion;
  /** Set when the run cannot begin; it ends `blocked` with this reason. */
  readonly refused?: string;
  readonly links: readonly { readonly name: string; readonly url: string }[];
}

export const RECORD_TAG = 'understudy.record';

export function createOpening(
  ports: Pick<Ports, 'registry' | 'evidence' | 'gateway' | 'preflight'>,
  settings: Pick<ActivitySettings, 'links' | 'testCommands'>,
) {
  return {
    /**
     * Binds the run to its policy and to the champion of this moment; promotion will expect exactly this one. Refuses a run
     * whose policy asks for what is not there: that would break it off on the way.
     */
    async openRun(input: RetrainInput): Promise<OpenedRun> {
      const applied = await putJson(ports.evidence, input.applied);
      const champion = await championOf(ports, input.model);
      const context: RunContext = {
        run: input.run,
        model: input.model,
        asOf: input.trigger.asOf,
        folder: input.applied.folder,
        generation: 1,
        applied,
        bootstrap: champion === undefined,
        ...(input.trigger.retryOf ? { reuseBefore: input.trigger.retryOf.from } : {}),
      };
      const { policy, scorecard } = input.applied;
      const ahead = await lookAhead({ ...ports, ...settings }, planOf(policy, scorecard, champion !== undefined));
      const refused = refusal(input, champion) ?? sayObstacles(ahead);
      await noteStage(ports.evidence, context, 'opened', {
        trigger: input.trigger,
        receivedAt: input.receivedAt,
        champion,
        policyDigest: input.applied.policyDigest,
        ahead,
      });
      const links = Object.entries(settings.links).map(([name, template]) => ({ name, url: fill(template, input) }));
      return { context, links, ...(champion ? { champion } : {}), ...(refused ? { refused } : {}) };
    },
  };
}

function fill(template: string, { model, run }: RetrainInput): string {
  return template.replaceAll('{model}', encodeURIComponent(model)).replaceAll('{run}', encodeURIComponent(run));
}

function refusal(input: RetrainInput, champion: Champion | undefined): string | undefined {
  const { kind } = input.trigger;
  if (kind === 'bootstrap' && champion)
    return `${input.model} already has champion v${champion.version}; bootstrap is for the first one`;
  if (champion || kind === 'bootstrap' || kind === 'manual' || kind === 'retry') return undefined;
  return `${input.model} has no champion yet: understudy trigger ${input.model} --kind bootstrap`;
}

/** How a run began, as it was noted; undefined when there is no such record. */
export async function openedOf(
  ports: Pick<Ports, 'evidence'>,
  run: string,
): Promise<{ readonly receivedAt: string; readonly trigger: TriggerRequest } | undefined> {
  const ref = await ports.evidence.recall(`runs/${run}/opened-1`);
  return ref && getJson(ports.evidence, ref);
}

/** The champion with its run record; undefined when the model has none. */
export async function championOf(ports: Pick<Ports, 'registry'>, model: string): Promise<Champion | undefined> {
  const version = (await ports.registry.aliases(model))['champion'];
  if (version === undefined) return undefined;
  return versionWithRecord(ports, model, version);
}

/** Any version registered by Understudy, with its run record. Throws `record-incomplete` for one that was not. */
export async function versionWithRecord(
  ports: Pick<Ports, 'registry'>,
  model: string,
  version: string,
): Promise<Champion> {
  const registered = await ports.registry.version(model, version);
  const record = registered?.tags[RECORD_TAG];
  if (!registered || !record) {
    throw new PortFailure(
      'record-incomplete',
      `version ${version} of ${model} has no run record (tag ${RECORD_TAG}): it was not registered by Understudy`,
    );
  }
  return { version, digest: registered.artifactDigest, record: JSON.parse(record) as EvidenceRef };
}

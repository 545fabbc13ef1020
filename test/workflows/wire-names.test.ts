import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
import { watchId } from '../../activities/door.ts';
import { searchAttributes } from '../../infra/stack/search-attributes.ts';
import { isDecision } from '../../scorecards/decision.ts';
import { QUEUES } from '../../workers/queues.ts';
import * as workflows from '../../workflows/index.ts';
import * as messages from '../../workflows/messages.ts';
import { createServedWorld } from '../lifecycle/served-world.ts';
import type { ServedWorld } from '../lifecycle/served-world.ts';
import { present } from '../present.ts';

/** A name that is once in a history, a schedule, a dashboard or a script of somebody else is never changed or removed. */
const FROZEN = {
  workflows: ['retrainModel', 'rollOutModel', 'triggerRetraining', 'watchModel'],
  activities: [
    'askForDecision',
    'buildBaseline',
    'buildDataset',
    'checkDataset',
    'checkGateway',
    'closeRun',
    'closeTracking',
    'collectPrediction',
    'collectTraining',
    'compareNewest',
    'countRefusal',
    'countUnit',
    'ensureServer',
    'escalate',
    'judgeScorecard',
    'judgeSkew',
    'keepScorecard',
    'knockOnDoor',
    'markRolledBack',
    'markStage',
    'measureDrift',
    'measureLatency',
    'newestDay',
    'noteAttempt',
    'openApproval',
    'openRun',
    'planBaseline',
    'planDrift',
    'prepareTraining',
    'probeRun',
    'promote',
    'pullData',
    'recallTraining',
    'recordApproval',
    'recordDecision',
    'registerCandidate',
    'removeJob',
    'removeRoute',
    'repoint',
    'returnTraffic',
    'routeAddress',
    'setRoute',
    'stopServer',
    'submitPrediction',
    'submitTraining',
    'sumUnit',
    'tellHeld',
    'tellMissedCheck',
    'tellOwner',
    'verifyRollback',
    'watchJob',
    'watchPhase',
    'watchShadow',
    'withdraw',
  ],
  messages: [
    'query runSheet',
    'query watchState',
    'signal abort',
    'signal decide',
    'signal goOn',
    'signal halt',
    'signal lift',
    'signal pause',
    'signal resume',
    'signal rollback',
    'signal rolloutNews',
    'signal runEnded',
    'signal trainingNews',
    'update abort',
    'update applyPolicy',
    'update decide',
    'update goOn',
    'update pause',
    'update requestRetrain',
    'update resume',
    'update rollback',
  ],
  searchAttributes: [
    'RetrainCanaryPercent: Int',
    'RetrainCandidate: Keyword',
    'RetrainDriftScore: Double',
    'RetrainGpuPool: Keyword',
    'RetrainModel: Keyword',
    'RetrainNeedsHuman: Bool',
    'RetrainReasons: KeywordList',
    'RetrainStage: Keyword',
    'RetrainTeam: Keyword',
    'RetrainTrigger: Keyword',
  ],
  queues: ['control', 'data', 'rollback', 'rollout', 'training'],
};

const MODEL = 'named';

interface Described {
  readonly name: string;
  readonly description?: string;
}

interface Metadata {
  readonly definition: {
    readonly queryDefinitions: readonly Described[];
    readonly signalDefinitions: readonly Described[];
    readonly updateDefinitions: readonly Described[];
  };
}

describe('the names on the wire', () => {
  let world: ServedWorld;
  let heard: { readonly who: string; readonly what: string; readonly description: string }[];
  let options: string;

  beforeAll(async () => {
    options = await readFile(new URL('../../workflows/activity-options.ts', import.meta.url), 'utf8');
    world = await createServedWorld(MODEL);
    await world.bootstrap();
    await world.arrive({ champion: {}, challenger: { errors: 0.2 } });
    const run = await world.approved();
    await world.result(run);
    heard = (
      await Promise.all(
        [
          ['watchModel', watchId(MODEL)],
          ['retrainModel', run],
          ['rollOutModel', `${run}/rollout-1`],
        ].map(async ([who = '', id = '']) => handlersOf(world, who, id)),
      )
    ).flat();
  }, 60_000);
  afterAll(() => world.close());

  test('of workflows are as they were', () => {
    expect(Object.keys(workflows).toSorted()).toEqual(FROZEN.workflows);
  });

  test('of activities are as they were, and each belongs to one class of time-outs', () => {
    const settings = { datasets: '', checkpoints: '', groups: {}, trust: 'namespace', links: {} } as const;
    const made = createActivities(world.ports, { ...settings, maxLoad: { rate: 1, forMs: 1 } }, world.telemetry);
    expect(Object.keys(made).toSorted()).toEqual(FROZEN.activities);
    const classOf = present(/const CLASS_OF[^{]*\{(?<body>[^}]*)\}/.exec(options)?.groups?.['body']);
    expect([...classOf.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name).toSorted()).toEqual(FROZEN.activities);
  });

  test('of messages are as they were', () => {
    const defined = Object.values(messages)
      .filter((message) => typeof message === 'object')
      .map(({ type, name }) => `${type} ${name}`);
    expect(defined.toSorted()).toEqual(FROZEN.messages);
  });

  test('of messages are all heard by a workflow', () => {
    expect(heard.map(({ what }) => what).toSorted()).toEqual(FROZEN.messages);
  });

  test('of search attributes are as they were, with their types', () => {
    const named = Object.entries(searchAttributes).map(([name, type]) => `${name}: ${type}`);
    expect(named.toSorted()).toEqual(FROZEN.searchAttributes);
  });

  test('of queues are as they were', () => {
    expect(Object.keys(QUEUES).toSorted()).toEqual(FROZEN.queues);
  });

  test('every class of activities says what a cancellation does', () => {
    const body = present(/const CLASSES = \{(?<body>.*?)\n\} as const/s.exec(options)?.groups?.['body']);
    const classes = body.split(/^ {2}(?=\w+: \{)/m).slice(1);
    expect(classes.length).toBeGreaterThanOrEqual(8);
    const silent = classes.filter((text) => !/cancellationType: '(TRY_CANCEL|WAIT_CANCELLATION_COMPLETED)'/.test(text));
    expect(silent).toEqual([]);
  });

  test('every message and query says what it is for', () => {
    expect(heard.filter(({ description }) => description.length < 20)).toEqual([]);
  });

  test('every message for people shows an example that is JSON as it stands', () => {
    const forPeople = heard.filter(isForPeople);
    expect(forPeople.map(({ what }) => what).toSorted()).toEqual(
      FROZEN.messages.filter(
        (what) => !/^query|^signal (rolloutNews|runEnded|trainingNews)$|^update applyPolicy$/.test(what),
      ),
    );
    expect(forPeople.map(({ description }) => exampleIn(description))).toEqual(
      forPeople.map(() => expect.objectContaining({})),
    );
  });

  test('the example of a decision has the shape of a decision', () => {
    const decisions = heard.filter(({ what }) => what.endsWith(' decide'));
    expect(decisions.map(({ description }) => isDecision(exampleIn(description)))).toEqual([true, true]);
  });
});

async function handlersOf({ client }: ServedWorld, who: string, id: string) {
  const { definition } = await client.workflow.getHandle(id).query<Metadata>('__temporal_workflow_metadata');
  const kinds = [
    ['query', definition.queryDefinitions],
    ['signal', definition.signalDefinitions],
    ['update', definition.updateDefinitions],
  ] as const;
  return kinds.flatMap(([kind, all]) =>
    all
      .filter(({ name }) => !name.startsWith('__'))
      .map(({ name, description = '' }) => ({ who, what: `${kind} ${name}`, description })),
  );
}

function isForPeople({ what, description }: { readonly what: string; readonly description: string }): boolean {
  return !what.startsWith('query') && !description.endsWith('; not for people.');
}

/** Throws when it is no JSON. */
function exampleIn(description: string): unknown {
  return JSON.parse(description.split('Example: ')[1] ?? '');
}

import { describe, expect, test } from '@jest/globals';
import { deltasBetween, lookFrom, openCounters } from '../../../scorecards/canary/counters.ts';
import type { CounterMemory, Split } from '../../../scorecards/canary/counters.ts';
import type { Scrape } from '../../../scorecards/canary/scrape.ts';
import type { Look } from '../../../scorecards/canary/verdict.ts';
import { GATEWAY_START, countersOf, scrapeAt } from './scrapes.ts';

const SPLIT: Split = { mode: 'canary', percent: 5, weightChanged: false };

function lookThrough(scrapes: readonly Scrape[], split: Split = SPLIT): { looks: Look[]; memory: CounterMemory } {
  let memory = openCounters();
  const looks: Look[] = [];
  for (const scrape of scrapes) {
    const next = lookFrom(memory, scrape, split);
    memory = JSON.parse(JSON.stringify(next.memory));
    looks.push(next.look);
  }
  return { looks, memory };
}

function lastLook(scrapes: readonly Scrape[], split: Split = SPLIT): Look | undefined {
  return lookThrough(scrapes, split).looks.at(-1);
}

describe('deltas of counters', () => {
  test('errors are answers of 500 and above; a client that left is a request and no error', () => {
    const before = scrapeAt(5, { champion: { 200: 100, 499: 1, 500: 2 } });
    const after = scrapeAt(10, { champion: { 200: 150, 404: 3, 499: 5, 500: 3, 504: 2 } });
    expect(deltasBetween(before, after)).toMatchObject({ arms: { champion: { requests: 60, bad: 3 } } });
  });

  test('the first scrape of an unknown process is a baseline and no evidence', () => {
    const first = lookThrough([scrapeAt(5, { challenger: { 500: 99 } })]);
    expect(first.looks).toMatchObject([{ kind: 'missed', why: expect.stringContaining('baseline') }]);
    expect(
      lastLook([scrapeAt(5, { challenger: { 500: 99 } }), scrapeAt(10, { challenger: { 500: 99 } })]),
    ).toMatchObject({
      kind: 'counts',
      challenger: { requests: 0, bad: 0 },
    });
  });

  test('the first 500 ever of a known process counts, though its series is new', () => {
    const look = lastLook([
      scrapeAt(5, { challenger: { 200: 10 } }),
      scrapeAt(10, { challenger: { 200: 12, 500: 4 } }),
    ]);
    expect(look).toMatchObject({ challenger: { requests: 6, bad: 4 } });
  });

  test('a gateway that began after the scrape before counts from zero', () => {
    const reborn = scrapeAt(20, { challenger: { 200: 3, 500: 1 } }, GATEWAY_START + 17);
    expect(lastLook([scrapeAt(15, { challenger: { 200: 1000, 500: 9 } }), reborn])).toMatchObject({
      challenger: { requests: 4, bad: 1 },
    });
  });

  test('another process that is older than the scrape before is a baseline', () => {
    const other = scrapeAt(20, { challenger: { 500: 50 } }, GATEWAY_START - 300);
    const after = scrapeAt(25, { challenger: { 500: 51 } }, GATEWAY_START - 300);
    const { looks } = lookThrough([scrapeAt(15, { challenger: { 500: 9 } }), other, after]);
    expect(looks).toMatchObject([{ kind: 'missed' }, { kind: 'missed' }, { challenger: { requests: 1, bad: 1 } }]);
  });

  test('a series that vanishes means no new events', () => {
    const look = lastLook([
      scrapeAt(5, { challenger: { 200: 10, 500: 3 } }),
      scrapeAt(10, { challenger: { 200: 11 } }),
    ]);
    expect(look).toMatchObject({ kind: 'counts', challenger: { requests: 1, bad: 0 } });
  });

  test('a series that was hidden for a while comes back without its history', () => {
    const look = lastLook([
      scrapeAt(5, { challenger: { 200: 1000, 500: 30 } }),
      scrapeAt(10, {}),
      scrapeAt(15, {}),
      scrapeAt(20, { challenger: { 200: 1005, 500: 31 } }),
    ]);
    expect(look).toMatchObject({ challenger: { requests: 6, bad: 1 } });
  });

  test('a counter that falls within one process is a missed look, and the next one counts again', () => {
    const { looks } = lookThrough([
      scrapeAt(5, { champion: { 200: 100 } }),
      scrapeAt(10, { champion: { 200: 90 } }),
      scrapeAt(15, { champion: { 200: 95 } }),
    ]);
    expect(looks).toMatchObject([
      { kind: 'missed' },
      { kind: 'missed', why: 'a counter fell although the gateway process is the same' },
      { kind: 'counts', champion: { requests: 5 } },
    ]);
  });

  test('a delta after missed scrapes covers the whole gap', () => {
    const look = lastLook([scrapeAt(5, { challenger: { 200: 10 } }), scrapeAt(65, { challenger: { 200: 130 } })]);
    expect(look).toMatchObject({ challenger: { requests: 120 } });
  });

  test.each([
    ['not a number', { 500: Number.NaN }],
    ['infinite', { 500: Number.POSITIVE_INFINITY }],
    ['negative', { 500: -1 }],
  ])('a counter that is %s makes a missed look and never a baseline', (_what, challenger) => {
    const { looks } = lookThrough([scrapeAt(5, { challenger: { 200: 10 } }), scrapeAt(10, { challenger })]);
    expect(looks.at(-1)).toMatchObject({
      kind: 'missed',
      why: expect.stringContaining('500|GET|http of the challenger'),
    });
    const before = lookThrough([scrapeAt(5, { challenger: { 200: 10 } })]).memory;
    expect(lookFrom(before, scrapeAt(10, { challenger }), SPLIT).memory).toStrictEqual(before);
  });

  test('a scrape that is not newer than the one before is a missed look', () => {
    expect(lastLook([scrapeAt(10), scrapeAt(10)])).toMatchObject({ kind: 'missed' });
    expect(lastLook([scrapeAt(10), { ...scrapeAt(15), at: 'yesterday' }])).toMatchObject({ kind: 'missed' });
    expect(lastLook([scrapeAt(10), { ...scrapeAt(15), processStart: Number.NaN }])).toMatchObject({ kind: 'missed' });
  });

  test('a server that the gateway took out is said so, and one it says nothing about is not down', () => {
    const down = scrapeAt(10, { challenger: countersOf({}, { serverUp: 0 }) });
    expect(lastLook([scrapeAt(5), down])).toMatchObject({ challengerDown: true });
    expect(lastLook([scrapeAt(5), scrapeAt(10)])).toMatchObject({ challengerDown: false });
  });

  test('in a shadow the mirror is the challenger, and its errors are none of the router', () => {
    const split: Split = { mode: 'shadow', percent: 100, weightChanged: false };
    const look = lastLook(
      [
        scrapeAt(5),
        scrapeAt(10, {
          champion: { 200: 100 },
          shadow: countersOf({ 200: 60, 500: 40 }, { serverUp: 0 }),
          router: { 200: 100, 503: 2 },
        }),
      ],
      split,
    );
    expect(look).toMatchObject({
      champion: { requests: 102, bad: 2 },
      challenger: { requests: 100, bad: 40 },
      challengerDown: true,
    });
  });
});

describe('requests that the router answered with 5xx and no arm counted', () => {
  test('CA2: a challenger that nobody can reach gets the errors of its share', () => {
    const look = lastLook([scrapeAt(5), scrapeAt(10, { champion: { 200: 380 }, router: { 200: 380, 503: 20 } })]);
    expect(look).toMatchObject({ champion: { requests: 380, bad: 0 }, challenger: { requests: 20, bad: 20 } });
  });

  test('a champion that nobody can reach gets its own', () => {
    const look = lastLook([scrapeAt(5), scrapeAt(10, { challenger: { 200: 20 }, router: { 200: 20, 503: 380 } })]);
    expect(look).toMatchObject({ champion: { requests: 380, bad: 380 }, challenger: { requests: 20, bad: 0 } });
  });

  test('errors that an arm counted are not counted twice', () => {
    const arms = { champion: { 200: 379, 500: 1 }, challenger: { 200: 18, 502: 2 } };
    const look = lastLook([scrapeAt(5), scrapeAt(10, { ...arms, router: { 200: 397, 500: 1, 502: 2 } })]);
    expect(look).toMatchObject({ champion: { requests: 380, bad: 1 }, challenger: { requests: 20, bad: 2 } });
  });

  test('what an arm counts a moment before the router does not look like a loss later', () => {
    const { looks, memory } = lookThrough([
      scrapeAt(5),
      scrapeAt(10, { champion: { 200: 380 }, challenger: { 200: 18, 502: 2 }, router: { 200: 398 } }),
      scrapeAt(15, { champion: { 200: 760 }, challenger: { 200: 38, 502: 2 }, router: { 200: 798, 502: 2 } }),
    ]);
    expect(looks.at(-1)).toMatchObject({ champion: { bad: 0 }, challenger: { requests: 20, bad: 0 } });
    expect(memory.uncounted).toBe(0);
  });

  test('in a look in which the weight changed they wait for the next one', () => {
    const before = lookThrough([scrapeAt(5)]).memory;
    const lost = scrapeAt(10, { champion: { 200: 380 }, router: { 200: 380, 503: 20 } });
    const changed = lookFrom(before, lost, { ...SPLIT, weightChanged: true });
    expect(changed).toMatchObject({ look: { challenger: { requests: 0 } }, memory: { uncounted: 20 } });
    const settled = scrapeAt(15, { champion: { 200: 760 }, router: { 200: 760, 503: 40 } });
    expect(lookFrom(changed.memory, settled, SPLIT).look).toMatchObject({ challenger: { requests: 40, bad: 40 } });
  });

  test("at 100 % they are the challenger's", () => {
    const look = lastLook([scrapeAt(5), scrapeAt(10, { challenger: { 200: 90 }, router: { 200: 90, 503: 10 } })], {
      mode: 'soak',
      percent: 100,
      weightChanged: false,
    });
    expect(look).toMatchObject({ champion: { requests: 0 }, challenger: { requests: 100, bad: 10 } });
  });

  test('a gateway without router counters attributes nothing', () => {
    const look = lastLook([scrapeAt(5), scrapeAt(10, { champion: { 200: 380 }, challenger: { 503: 20 } })]);
    expect(look).toMatchObject({ champion: { requests: 380, bad: 0 }, challenger: { requests: 20, bad: 20 } });
  });
});

import { describe, expect, test } from '@jest/globals';
import type { LogLine, LookLine } from '../../../scorecards/canary/decision-log.ts';
import { judgeShadow } from '../../../scorecards/canary/disagreement.ts';
import { withEvents } from '../../../scorecards/canary/event-plan.ts';
import { readLog } from '../../../scorecards/canary/read-log.ts';
import { replayLog } from '../../../scorecards/canary/replay-log.ts';
import type { CanaryPlan } from '../../../scorecards/canary/verdict.ts';
import { lookOnce, openWatch, readingOf, whileForeign } from '../../../scorecards/canary/watch.ts';
import type { Watch } from '../../../scorecards/canary/watch.ts';
import { present } from '../../present.ts';
import { SHADOW, START, STEP } from './phases.ts';
import { GATEWAY_START, scrapeAt } from './scrapes.ts';

const OPENING = {
  kind: 'phase',
  schemaVersion: 1,
  run: 'retrain/churn/1',
  model: 'churn',
  phase: 'step-5',
  startedAt: GATEWAY_START * 1000,
  plan: STEP,
  lapseMs: 60_000,
  holding: false,
} as const;

/** Ten looks at 200 requests a second, the challenger's answers bad at this rate; from look 8 on somebody else writes the route. */
function logOf(badShare: number, plan: CanaryPlan = STEP): LogLine[] {
  let watch: Watch = openWatch(plan, OPENING.startedAt);
  const lines: LogLine[] = [{ ...OPENING, plan }];
  for (let look = 1; look <= 10; look += 1) {
    const bad = Math.round(50 * look * badShare);
    const scrape = scrapeAt(look * 5, {
      champion: { 200: 950 * look },
      challenger: { 200: 50 * look - bad, 500: bad },
    });
    const reading = look === 4 ? { kind: 'gap' as const, at: START, why: 'refused' } : readingOf(scrape, START);
    const seen = lookOnce(plan, watch, reading);
    const foreign = look < 8 ? {} : { foreign: 'somebody else changed the route' };
    const verdict = whileForeign(seen.verdict, foreign.foreign);
    const { share, look: counts } = seen;
    lines.push({
      kind: 'look',
      phase: 'step-5',
      number: look,
      reading,
      look: counts,
      ...foreign,
      verdict,
      share: share.word,
    });
    ({ watch } = seen);
  }
  return lines;
}

const HEALTHY = logOf(0);
const at = (number: number) => HEALTHY.findIndex((line) => line.kind === 'look' && line.number === number);
const lookAt = (number: number) => HEALTHY[at(number)] as LookLine;
const changed = (number: number, change: (line: LookLine) => object): LogLine[] =>
  HEALTHY.with(at(number), change(lookAt(number)) as LogLine);

test.each([0, 0.02, 0.3])('a log is reproduced, with %d of the answers bad', (badShare) => {
  const replayed = replayLog(logOf(badShare));
  expect(replayed).toMatchObject({ lines: 11, looks: 10, phases: [{ phase: 'step-5', looks: 10, gaps: 2 }] });
  expect(replayed.difference).toBeUndefined();
});

describe('the first line that differs is named when', () => {
  test.each<[string, LogLine[], object]>([
    [
      'a verdict was changed',
      changed(6, (line) => ({ ...line, verdict: { ...line.verdict, word: 'clear' } })),
      { line: 7, look: 6, what: 'verdict.word', recorded: '"clear"' },
    ],
    [
      'an e-value was changed',
      changed(6, ({ verdict, ...line }) => ({
        ...line,
        verdict: { ...verdict, evidence: { ...verdict.evidence, harm: verdict.evidence.harm * 1.001 } },
      })),
      { line: 7, what: 'verdict.evidence.harm' },
    ],
    [
      'a counter was changed',
      changed(6, (line) => ({
        ...line,
        reading: { kind: 'scrape', scrape: scrapeAt(30, { challenger: { 500: 300 } }) },
      })),
      { line: 7, what: 'look.champion.requests' },
    ],
    [
      'bad answers were taken out of the look',
      changed(6, (line) => ({ ...line, look: { ...line.look, challenger: { requests: 50, bad: 7 } } })),
      { line: 7, what: 'look.challenger.bad', recorded: '7', replayed: '0' },
    ],
    ['a look is missing', HEALTHY.toSpliced(at(6), 1), { line: 7, what: 'number', recorded: '7', replayed: '6' }],
    ['a look stands there twice', HEALTHY.toSpliced(at(6), 0, lookAt(6)), { line: 8, what: 'number', replayed: '7' }],
    ['it does not begin with a phase', HEALTHY.slice(1), { line: 1, what: 'kind' }],
    [
      'it goes on after its end',
      HEALTHY.toSpliced(3, 0, { kind: 'end', phase: 'step-5', looks: 2, why: 'decided', word: 'wait' }),
      { line: 5, what: 'kind' },
    ],
    [
      'its end counts other looks',
      [...HEALTHY, { kind: 'end', phase: 'step-5', looks: 9, why: 'decided', word: 'freeze' }],
      { line: 12, what: 'looks' },
    ],
    [
      'its end says another word',
      [...HEALTHY, { kind: 'end', phase: 'step-5', looks: 10, why: 'called-off', word: 'clear' }],
      { line: 12, what: 'word', recorded: '"clear"', replayed: '"cancelled"' },
    ],
  ])('%s', (_, lines, difference) => {
    expect(replayLog(lines).difference).toMatchObject({ phase: 'step-5', ...difference });
  });

  test('a verdict about one event was changed', () => {
    const lines = logOf(0, withEvents(STEP, [{ name: 'slow', kind: 'slow' }]));
    const line = lines[6] as LookLine;
    const slow = { ...present(line.verdict.events?.['slow']), word: 'clear' as const };
    const wrong = { ...line, verdict: { ...line.verdict, events: { slow } } };
    expect(replayLog(lines).difference).toBeUndefined();
    expect(replayLog(lines.with(6, wrong)).difference).toMatchObject({ look: 6, what: 'verdict.events.slow.word' });
  });

  test('what a shadow concluded of its pairs is not what they say', () => {
    const counts = { pairs: 200, disagreements: 1, championAnswers: 200, challengerAnswers: 200, challengerErrors: 0 };
    const pairs = { ...counts, atLeast: 100, ceiling: 0.05 };
    const reading = { kind: 'gap', at: START, why: 'refused' } as const;
    const { look, share, verdict } = lookOnce(SHADOW, openWatch(SHADOW, START), reading);
    const line = { kind: 'look', phase: 'shadow', number: 1, reading, look, verdict, share: share.word } as const;
    const opening = { ...OPENING, phase: 'shadow', plan: SHADOW, startedAt: START };
    const judged = { ...pairs, ...judgeShadow(pairs) };
    expect(replayLog([opening, { ...line, pairs: judged }]).difference).toBeUndefined();
    const wrong = { ...line, pairs: { ...judged, verdict: 'fail' as const } };
    expect(replayLog([opening, wrong]).difference).toMatchObject({ what: 'pairs.verdict', recorded: '"fail"' });
  });
});

test('the wording of a version and the last bit of a logarithm are no difference', () => {
  const { evidence } = lookAt(6).verdict;
  const lines = changed(6, ({ verdict, ...line }) => ({
    ...line,
    verdict: { ...verdict, reason: 'in other words', evidence: { ...evidence, safe: evidence.safe * (1 + 1e-15) } },
  }));
  expect(replayLog(lines).difference).toBeUndefined();
});

test('a number that JSON cannot hold makes a gap of the scrape, and its sentence names it', () => {
  const odd = scrapeAt(5, { challenger: { 200: Number.NaN } });
  expect(readingOf(odd, START)).toEqual({ kind: 'gap', at: START, why: 'a counter of the challenger is NaN' });
  expect(readingOf({ ...scrapeAt(5), at: 'noon' }, START)).toMatchObject({
    why: 'the scrape\'s time "noon" is not a time',
  });
  expect(readingOf({ ...scrapeAt(5), processStart: Number.POSITIVE_INFINITY }, START)).toMatchObject({ kind: 'gap' });
});

test.each([
  ['cut off in the middle of a line', '{"kind":"pha', /not JSON; was the file cut off/],
  ['of another kind', '{"kind":"note"}', /kind/],
  ['without its counters', '{"kind":"look","phase":"soak","number":1}', /reading/],
])('a log that is %s is refused with its line', (_, broken, problem) => {
  const read = readLog(`${JSON.stringify(OPENING)}\n\n${broken}\n`);
  expect(read).toMatchObject({ number: 3, problem: expect.stringMatching(problem) });
});

test('what a later version adds to a line is kept and not stumbled over', () => {
  const read = readLog(JSON.stringify({ ...OPENING, plan: { ...STEP, more: 1 }, note: 'new' }));
  expect(read).toMatchObject({ lines: [{ note: 'new', plan: { more: 1 } }] });
});

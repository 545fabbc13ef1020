import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getJson } from '../../activities/context.ts';
import type { Notification } from '../../activities/ports/notifier.ts';
import type { KeptVerdict } from '../../activities/scorecard.ts';
import { escape } from '../../clients/report/escape.ts';
import { gatherReport } from '../../clients/report/gather.ts';
import { tell } from '../../clients/report/story.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { runCli } from '../clients/run-cli.ts';
import { present } from '../present.ts';
import { daysFrom, writeDays } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'gated';
const COMMIT = 'a1b2c3d4'.repeat(5);
const FILES = {
  policy: { path: 'models/gated.yaml', state: 'committed', commit: COMMIT },
  scorecard: { path: 'models/scorecard.yaml', state: 'committed', commit: COMMIT },
} as const;

/** A champion, then a candidate worse than it; the tests look at what is on record of both. */
describe('a gate and those who answer for it', () => {
  const told: Notification[] = [];
  let world: World;
  let run = '';

  beforeAll(async () => {
    const hearing = { notify: async (message: Notification) => void told.push(message) };
    const links = { UI: 'http://127.0.0.1:8233/workflows/{run}' };
    world = await createWorld((ports) => ({ ...ports, notifier: hearing }), { links });
    await writeDays(world.folder, daysFrom('2001-01-01', 20, 200, 12));
    await world.apply({ ...applied(MODEL, world.folder), files: FILES });
    const first = await world.newRun(MODEL, '2001-01-08T06:00:00Z', 'bootstrap');
    await world.decide(first, 'bootstrap');
    await world.result(first);
    world.script.quality = 'poor';
    run = await world.newRun(MODEL, '2001-01-15T06:00:00Z');
    await world.result(run);
  }, 90_000);
  afterAll(() => world.close());

  const endOf = (id: string) => present(told.filter((message) => message.run === id).findLast(isEnd));
  const paged = () => endOf(run);

  test('EV2: run record, result and report say by which scorecard of which commit it was judged, and who agreed to it', async () => {
    const { tags } = present(await world.registry.version(MODEL, '1'));
    const ref = JSON.parse(present(tags['understudy.record'])) as EvidenceRef;
    const { policy, run: made, scorecard } = await getJson<RunRecord>(world.evidence, ref);
    const { policyDigest, scorecardDigest } = applied(MODEL, world.folder);
    const signed = { ...FILES.scorecard, digest: scorecardDigest, signedOffBy: ['lead@example'] };
    expect(policy).toMatchObject({ ...FILES.policy, digest: policyDigest });
    expect(scorecard).toEqual(signed);
    expect(await world.evidenceNamed(present(tags['understudy.scorecard_digest']))).toMatchObject({ signed });
    const { facts } = tell(present(await gatherReport({ evidence: world.evidence }, made.id)));
    expect(facts.filter(([name]) => /^scorecard|^signed/.test(name))).toEqual([
      ['scorecard', `sha256:${scorecardDigest}`],
      ['scorecard file', 'models/scorecard.yaml at commit a1b2c3d4a1b2'],
      ['signed off by', 'lead@example'],
      ['scorecard result', `sha256:${tags['understudy.scorecard_digest']}`],
    ]);
  });

  test('TR4: a failed gate pages, with a sentence for each finding that did not pass', async () => {
    const { report, severity, text, title } = paged();
    const { verdict } = present(await gatherReport({ evidence: world.evidence }, run));
    expect({ severity, title }).toEqual({ severity: 'page', title: 'gated: rejected in stage scorecard' });
    expect(present(verdict).verdict).toBe('fail');
    expect(present(report).failed).toEqual(present(verdict).reasons);
    expect(present(report).failed.filter((sentence) => !text.includes(sentence))).toEqual([]);
    expect(text).toContain('auc');
  });

  test('TR4: the link of the page leads to the result, which has the digest that the page names', async () => {
    const { report, text } = paged();
    const { links, result } = present(report);
    const bytes = await readFile(new URL(present(result).uri));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(present(result).sha256);
    expect(JSON.parse(bytes.toString()) as KeptVerdict).toMatchObject({ verdict: 'fail' });
    expect(text).toContain(`sha256:${present(result).sha256}`);
    expect(links).toEqual([{ name: 'UI', url: `http://127.0.0.1:8233/workflows/${encodeURIComponent(run)}` }]);
  });

  test('TR4: the command of the page prints the report, with the same digest and the same sentences', async () => {
    const { command, failed, result } = present(paged().report);
    await writeFile(
      join(world.folder, 'understudy.config.yaml'),
      `apiVersion: understudy/v1\nstate: ${world.folder}\n`,
    );
    const [words = '', file] = command.split(' > ');
    const { code, stderr, stdout } = await runCli(words.split(' ').slice(1), { cwd: world.folder });
    expect({ code, file, stderr }).toEqual({ code: 0, file: 'report.html', stderr: '' });
    expect(stdout).toContain(present(result).sha256);
    expect(failed.map(escape).filter((sentence) => !stdout.includes(sentence))).toEqual([]);
  });

  test('TR3: what a person rejects pages nobody', async () => {
    world.script.quality = 'good';
    const asked = await world.newRun(MODEL, '2001-01-16T06:00:00Z');
    await world.decide(asked, 'reject');
    await world.result(asked);
    expect(endOf(asked)).toMatchObject({ severity: 'ticket', title: 'gated: rejected in stage approval' });
  });
});

const isEnd = ({ title }: Notification): boolean => title.includes('rejected');

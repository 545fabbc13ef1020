import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { putJson } from '../../activities/context.ts';
import { reportOf, tellReport } from '../../activities/notified-report.ts';
import type { EvidenceStore } from '../../activities/ports/evidence-store.ts';

const run = 'retrain/churn/20010105T060000Z-check';
const links = [{ name: 'UI', url: 'http://127.0.0.1:8233/x' }];

describe('TR4: what a page says of a report', () => {
  let folder = '';
  let evidence: EvidenceStore;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-report-'));
    evidence = createFileEvidence({ root: folder });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const reported = async (reasons: readonly string[]) =>
    reportOf({ evidence }, { run, links, scorecard: await putJson(evidence, { reasons }) });

  test('digest, command and links outlast any number of long sentences', async () => {
    const report = await reported(Array.from({ length: 400 }, (_, index) => `${index} ${'ö'.repeat(900)}`));
    const text = tellReport('x'.repeat(9000), report);
    expect(report.failed).toHaveLength(25);
    expect(Buffer.byteLength(report.failed.join(''))).toBeLessThanOrEqual(25 * 300);
    expect(Buffer.byteLength(text)).toBeLessThan(3500);
    expect(text).toContain(`sha256:${report.result?.sha256}`);
    expect(text.split('\n').slice(-2)).toEqual([
      `understudy report ${run} -o html > report.html`,
      'UI: http://127.0.0.1:8233/x',
    ]);
  });

  test('the value of a slice can steer no terminal and begin no line of its own', async () => {
    const { failed } = await reported(['recall (city=\u001b[31mred\nunderstudy approve): 0.2']);
    expect(failed).toEqual(['recall (city=<U+001B>[31mred<U+000A>understudy approve): 0.2']);
    expect(tellReport('why', { command: 'c', failed, links: [] }).split('\n')).toHaveLength(3);
  });

  test('a sentence that the reason has already is not said twice', async () => {
    const report = await reported(['auc fell.', 'recall fell.']);
    expect(tellReport('auc fell.', report).match(/fell/g)).toHaveLength(2);
  });

  test('without the evidence store the page goes out without sentences, and names the digest', async () => {
    const lost = { uri: 'file:///nowhere', sha256: 'f'.repeat(64), bytes: 1 };
    const report = await reportOf({ evidence }, { run, links, scorecard: lost });
    expect(report).toMatchObject({ failed: [], result: { sha256: 'f'.repeat(64) } });
  });

  test('a run that no scorecard judged has a report, and no result', async () => {
    expect(await reportOf({ evidence }, { run, links })).toEqual({
      command: `understudy report ${run} -o html > report.html`,
      links,
      failed: [],
    });
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCli } from '../run-cli.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-doctor-'));
  const nobody = "temporal: { address: '127.0.0.1:1' }\nmlflow: { uri: 'http://127.0.0.1:1' }\n";
  await writeFile(path.join(folder, 'plain.yaml'), nobody);
  await writeFile(path.join(folder, 'cluster.yaml'), `${nobody}kubernetes: { platform: platform.yaml }\n`);
  const courier = `courier: { image: 'registry.example/worker@${DIGEST}', exchange: 'http://worker.example:9466' }\n`;
  await writeFile(path.join(folder, 'platform.yaml'), `namespace: train\n${courier}`);
  await writeFile(path.join(folder, 'policy.yaml'), policyFor(`registry.example/trainer@${DIGEST}`));
  await writeFile(path.join(folder, 'by-tag.yaml'), policyFor('registry.example/trainer:latest'));
});
afterEach(() => rm(folder, { recursive: true }));

const policyFor = (image: string) => `apiVersion: understudy/v1
kind: ModelPolicy
metadata: { name: churn, owner: ann@growth.example }
spec:
  data:
    observations: { path: data/day=*/*.parquet, time: at, id: customer, score: score }
    labels: { path: labels/day=*/*.parquet, id: customer, label: churned, availableAt: known_at }
  training: { backend: kubernetes, image: '${image}', command: [python, train.py] }
  scorecard: { extends: classification }
`;
const doctor = async (words: string, env: Readonly<Record<string, string>> = {}) =>
  runCli(['doctor', ...words.split(' ')], { cwd: folder, env });

describe('OP10: the doctor, asked about a cluster', () => {
  test('names the KUBECONFIG that is not there', async () => {
    const { code, stdout } = await doctor('--config cluster.yaml -o json', {
      KUBECONFIG: path.join(folder, 'nowhere'),
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([
        {
          name: 'cluster',
          state: 'problem',
          text: expect.stringContaining(path.join(folder, 'nowhere')),
          next: 'correct kubernetes in understudy.config.yaml, or set KUBECONFIG',
        },
      ]),
    });
  });

  test('says which section a policy lacks, and prints it as it is to be pasted', async () => {
    const { code, stdout } = await doctor('-f policy.yaml --config plain.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain(
      '✖ cluster            churn asks for spec.training.backend kubernetes, and the settings name no cluster\n' +
        '    → add to understudy.config.yaml:\n      kubernetes: { platform: platform.yaml }\n',
    );
  });

  test('names the platform file that is not there, also for a policy with a route', async () => {
    await writeFile(path.join(folder, 'broken.yaml'), 'kubernetes: { platform: nowhere.yaml }\n');
    const served = `  serving: { backend: kubernetes, image: 'registry.example/server@${DIGEST}' }
  traffic: { gateway: httproute, route: churn }
`;
    await writeFile(path.join(folder, 'served.yaml'), policyFor(`registry.example/trainer@${DIGEST}`) + served);
    const { code, stdout } = await doctor('-f served.yaml --config broken.yaml -o json');
    expect(code).toBe(1);
    const text = expect.stringContaining('nowhere.yaml, which cannot be read');
    expect(JSON.parse(stdout)).toMatchObject({
      checks: expect.arrayContaining([
        { name: 'cluster', state: 'problem', text, next: expect.any(String) },
        { name: 'route churn', state: 'problem', text, next: expect.any(String) },
      ]),
    });
  });

  test('looks at nothing while a policy names its image by a tag, and marks the place', async () => {
    const { code, stderr, stdout } = await doctor('-f by-tag.yaml --config plain.yaml');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('backend kubernetes needs an image pinned by its digest');
    expect(stderr).toContain('write image: name@sha256:…');
  });

  test('says nothing of clusters to whom has none', async () => {
    const { stdout } = await doctor('--config plain.yaml -o json');
    const { checks } = JSON.parse(stdout) as { checks: { name: string }[] };
    expect(checks.map(({ name }) => name)).not.toContain('cluster');
  });
});

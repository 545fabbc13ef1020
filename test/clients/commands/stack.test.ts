import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { registerStack } from '../../../clients/commands/stack.ts';
import { stackDown } from '../../../infra/stack/down.ts';

let folder: string;
let savedExitCode: typeof process.exitCode;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-cli-'));
  const anyPorts = '{ temporal: 0, temporalUi: 0, mlflow: 0, gateway: 0, gatewayMetrics: 0 }';
  await writeFile(path.join(folder, 'settings.yaml'), `stack: ${anyPorts}\nstate: ./state\n`);
  savedExitCode = process.exitCode;
});

afterEach(async () => {
  await stackDown(path.join(folder, 'state'));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exitCode = savedExitCode;
}, 30_000);

test('a stack is started, looked at, read and stopped; data on stdout, talk on stderr', async () => {
  const up = await understudy('up', '--parts', 'traefik');
  expect(up).toMatchObject({ code: 0, stdout: expect.stringMatching(/^traefik\thttp:\/\/127\.0\.0\.1:\d+$/m) });
  expect(up.stderr).toMatch(/^traefik: starting \(usually 1 s\)\ntraefik: ready after \d+\.\d s\n$/);

  const status = await understudy('status', '-o', 'json');
  expect(status.code).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({ schemaVersion: 1, healthy: true, parts: [{ name: 'traefik' }] });

  const again = await understudy('up', '--parts', 'traefik');
  expect(again).toMatchObject({ code: 0, stderr: 'the stack is already up\n' });

  const logs = await understudy('logs', 'traefik', '-n', '3');
  expect(logs.stdout.trimEnd().split('\n')).toHaveLength(3);
  expect(logs.stderr).toContain(path.join('stack', 'traefik.log'));

  expect(await understudy('down')).toMatchObject({ code: 0, stderr: expect.stringContaining('is stopped') });
  expect(await understudy('down')).toMatchObject({ code: 0, stderr: 'the stack is not running\n' });
}, 60_000);

test('the status of a stack that is not running ends with 69 and the next step', async () => {
  const { code, stderr } = await understudy('status');
  expect(code).toBe(69);
  expect(stderr).toBe('the stack is not running; start it with: understudy stack up\n');
});

test('a part that does not exist is a wrong usage that lists the parts', async () => {
  const { code, stderr } = await understudy('logs', 'postgres');
  expect(code).toBe(2);
  expect(stderr).toContain('there is no part "postgres"; there are temporal, mlflow, traefik, worker');
});

test('wrong settings name the field and end with 78', async () => {
  await writeFile(path.join(folder, 'settings.yaml'), 'stack: { temporal: seven }\ncolour: red\n');
  const { code, stderr } = await understudy('up');
  expect(code).toBe(78);
  expect(stderr).toContain('stack.temporal: ');
  expect(stderr).toContain('"colour"');
});

test('settings that were named and are not there end with 78', async () => {
  await rm(path.join(folder, 'settings.yaml'));
  expect(await understudy('status')).toMatchObject({ code: 78, stderr: expect.stringContaining('settings.yaml') });
});

async function understudy(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const program = new Command().exitOverride().configureOutput({
    writeOut: (text) => {
      said.stdout += text;
    },
    writeErr: (text) => {
      said.stderr += text;
    },
  });
  registerStack(program);
  process.exitCode = undefined;
  const [command = '', ...rest] = args;
  await program.parseAsync(['stack', command, ...rest, '--settings', path.join(folder, 'settings.yaml')], {
    from: 'user',
  });
  return { code: process.exitCode, ...said };
}

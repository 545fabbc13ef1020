import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { registerLint } from '../../clients/commands/lint.ts';
import { lintFile } from '../../clients/lint-file.ts';
import { countDiagnostics, renderDiagnostics } from '../../clients/render-diagnostics.ts';
import { SMALLEST } from '../scorecards/diagnostics/policy-texts.ts';
import { runCommand } from './run-command.ts';

const folder = 'test/fixtures/policies';
const lint = (...args: readonly string[]) => runCommand(registerLint, 'lint', ...args);

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'understudy-lint-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const place = async (name: string, text: string): Promise<string> => {
  const file = path.join(scratch, name);
  await writeFile(file, text);
  return file;
};

describe('GV7: each malformed file of the folder is answered as written beside it', () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', async (name) => {
    const { diagnostics } = await lintFile(path.join(folder, name));
    const text = `${renderDiagnostics(diagnostics, { color: false })}\n${countDiagnostics(diagnostics)}\n`;
    expect(text).toBe(await readFile(path.join(folder, name.replace('.yaml', '.txt')), 'utf8'));
  });

  test('no expectation is left without its file', async () => {
    const names = await readdir(folder);
    const texts = names.filter((name) => name.endsWith('.txt')).map((name) => name.replace('.txt', '.yaml'));
    expect(texts.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('the form of a diagnostic', () => {
  test('is message, place, line, mark and cure', async () => {
    const file = await place('form.yaml', `${SMALLEST}  rolout: {}\n`);
    const { diagnostics } = await lintFile(file);
    const text = renderDiagnostics(
      diagnostics.filter(({ code }) => code === 'US0102'),
      { color: false },
    );
    expect(text.replace(file, 'form.yaml')).toBe(
      [
        'error[US0102]: unknown field "rolout"',
        '  --> form.yaml:10:3  (spec.rolout)',
        '  10 |   rolout: {}',
        '     |   ^^^^^^ help: did you mean "rollout"?',
        '',
      ].join('\n'),
    );
  });

  test('the mark stands under wide characters, counted in columns of the terminal', async () => {
    const file = await place(
      'wide.yaml',
      SMALLEST.replace('path: data/day=*/*.parquet', 'path: "日本/*.parquet", scor: x'),
    );
    const { diagnostics } = await lintFile(file);
    const text = renderDiagnostics(diagnostics, { color: false });
    // The key is the 43rd character; two characters before it are two columns wide.
    expect(text).toContain('   6 |     observations: { path: "日本/*.parquet", scor: x');
    expect(text).toContain(`     | ${' '.repeat(42 + 2)}^^^^ help: did you mean "score"?`);
  });

  test('colours are only there when asked for', async () => {
    const { diagnostics } = await lintFile(path.join(folder, 'us0101-wrong-word.yaml'));
    expect(renderDiagnostics(diagnostics, { color: true })).toContain('\u001b[31merror[US0101]\u001b[0m');
    expect(renderDiagnostics(diagnostics, { color: false })).not.toContain('\u001b');
  });
});

describe('understudy lint', () => {
  test('exits 0 for a valid policy and says how many warnings there are', async () => {
    const { exitCode, out, err } = await lint('-f', path.join(folder, 'batch-valid.yaml'));
    expect([exitCode, out, err]).toEqual([0, `${folder}/batch-valid.yaml: no problems\n`, '']);
  });

  test('N8: names the ceilings that the tier adds to a preset', async () => {
    const more = '  tier: enhanced\n  triggers: { check: "0 6 * * *" }\n  serving: { command: [python, serve.py] }\n';
    const file = await place('served.yaml', `${SMALLEST}${more}  traffic: { route: churn }\n`);
    const { exitCode, out } = await lint('-f', file);
    expect(exitCode).toBe(0);
    expect(out).toContain(
      '  judged by the preset classification and: p50 of tier enhanced at most 180ms, p95 of tier enhanced at most 450ms\n',
    );
  });

  test('OP10: exits 3 when one of several files is invalid, and reports them all', async () => {
    const files = ['batch-valid.yaml', 'us0201-steps-not-rising.yaml', 'us0231-missing-group.yaml'];
    const { exitCode, out, err } = await lint('-f', ...files.map((name) => path.join(folder, name)));
    expect(exitCode).toBe(3);
    expect(out).toContain('error[US0201]');
    expect(out).toContain('error[US0231]');
    expect(err).toContain('2 of 3 files are invalid');
  });

  test('exits 0 when there are only warnings', async () => {
    expect((await lint('-f', path.join(folder, 'us0214-nobody-named.yaml'))).exitCode).toBe(0);
  });

  test('exits 2 for a file that is not there, with its name', async () => {
    const { exitCode, err } = await lint('-f', path.join(scratch, 'nowhere.yaml'));
    expect(exitCode).toBe(2);
    expect(err).toContain('nowhere.yaml');
  });

  test('-o json is one document with a schema version, also when a file is invalid', async () => {
    const { exitCode, out } = await lint('-f', path.join(folder, 'us0101-wrong-word.yaml'), '-o', 'json');
    const report = JSON.parse(out) as { schemaVersion: number; files: object[]; diagnostics: object[] };
    expect(exitCode).toBe(3);
    expect(report.schemaVersion).toBe(1);
    expect(report.files).toEqual([{ file: `${folder}/us0101-wrong-word.yaml`, kind: 'ModelPolicy', ok: false }]);
    expect(report.diagnostics[0]).toMatchObject({ code: 'US0101', line: 11, column: 29, length: 7 });
  });

  test('-o sarif names each rule once and each place', async () => {
    const { out } = await lint('-f', path.join(folder, 'us0104-wrong-units.yaml'), '-o', 'sarif');
    const [run] = (JSON.parse(out) as { runs: { tool: { driver: { rules: object[] } }; results: object[] }[] }).runs;
    expect(run?.tool.driver.rules).toHaveLength(1);
    expect(run?.results).toHaveLength(9);
    expect(run?.results[0]).toMatchObject({ ruleId: 'US0104', level: 'error' });
  });

  test('-o junit is well-formed with hostile names in it', async () => {
    const { out } = await lint('-f', path.join(folder, 'hostile-right-to-left.yaml'), '-o', 'junit');
    expect(out).toContain('<testsuite name="understudy lint" tests="1" failures="1">');
    expect(out).toContain('&lt;U+202E&gt;gnivres');
    expect(out.match(/<failure /g)).toHaveLength(3);
  });

  test('--resolved prints a policy that lint accepts again, and what it says goes to stderr', async () => {
    const { exitCode, out, err } = await lint('--resolved', '-f', path.join(folder, 'us0214-nobody-named.yaml'));
    expect(exitCode).toBe(0);
    expect(err).toContain('warning[US0214]');
    expect(out).toContain('p95: 1200ms # tier standard\n');
    expect(out).toContain('name: churn # us0214-nobody-named.yaml:3\n');
    const again = await lint('-f', await place('again.yaml', out));
    expect(again.exitCode).toBe(0);
  });

  test('an unknown form of answer is a usage error that names the known ones', async () => {
    const { exitCode, err } = await lint('-f', 'a.yaml', '-o', 'xml');
    expect(exitCode).not.toBe(0);
    expect(err).toContain('text, json, sarif, junit');
  });
});

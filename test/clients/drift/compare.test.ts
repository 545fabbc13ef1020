import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inDuckdb } from '../../lifecycle/data.ts';
import { runCli } from '../run-cli.ts';
import { writeCutFiles } from './cut-files.ts';
import { INTERRUPTED } from './interrupted.ts';
import { expectOneFile, headingsOf } from './one-file.ts';

const HOSTILE = 'we"ird, 😀 <b>name</b>';
const SHAPED = `select hash(i + $seed) % 2000 / 1000.0 - 1 + $shift as x, i % 5 + ($shift > 0.4)::int as steps,
  case when hash(i + 7 + $seed) % 10 < 5 then 'a' when i % 7 = 0 then null else 'b' end as "${HOSTILE.replaceAll('"', '""')}",
  'row-' || $seed || '-' || i as name, i as id, timestamp '2001-01-01' as at from range($rows) t(i)`;

let folder = '';
let scratch = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-compare-test-'));
  scratch = path.join(folder, 'scratch');
  await Promise.all(
    ['scratch', 'new/day=2001-01-01', 'new/day=2001-01-02', 'parts', 'run'].map((name) =>
      mkdir(path.join(folder, name), { recursive: true }),
    ),
  );
  await inDuckdb(async (run) => {
    const write = (file: string, values: Record<string, number>, format = 'parquet') => {
      const query = Object.entries(values).reduce(
        (text, [name, value]) => text.replaceAll(`$${name}`, String(value)),
        SHAPED,
      );
      return run(`copy (${query}) to '${path.join(folder, file)}' (format ${format})`);
    };
    await write('base.parquet', { seed: 1, shift: 0, rows: 4000 });
    await write('base.csv', { seed: 1, shift: 0, rows: 4000 }, 'csv');
    await write('same.parquet', { seed: 10_000, shift: 0, rows: 3000 });
    await write('new/day=2001-01-01/p.parquet', { seed: 20_000, shift: 0, rows: 2000 });
    await write('new/day=2001-01-02/p.parquet', { seed: 30_000, shift: 0.5, rows: 4000 });
    await write('few.parquet', { seed: 5, shift: 0, rows: 499 });
    await write('none.parquet', { seed: 5, shift: 0, rows: 0 });
    await write('cut.parquet', { seed: 5, shift: 0, rows: 3000 });
    await run(`copy (select x::varchar as x, null::int as steps, 1 as added from '${path.join(folder, 'same.parquet')}')
      to '${path.join(folder, 'other.parquet')}' (format parquet)`);
    await run(
      `copy (select * from '${path.join(folder, 'same.parquet')}') to '${path.join(folder, 'parts/1.parquet')}' (format parquet)`,
    );
    await run(
      `copy (select * exclude (x) from '${path.join(folder, 'same.parquet')}') to '${path.join(folder, 'parts/2.parquet')}' (format parquet)`,
    );
    await run(`copy (select 1 as something from range(10)) to '${path.join(folder, 'else.parquet')}' (format parquet)`);
  });
  await truncate(path.join(folder, 'cut.parquet'), 9000);
  await writeFile(path.join(folder, 'head.csv'), 'x,steps\n');
  await writeCutFiles(folder, await readFile(path.join(folder, 'base.csv'), 'utf8'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const compare = (...args: readonly string[]) =>
  runCli(['drift', 'compare', ...args], { cwd: folder, env: { TMPDIR: scratch } });
const compareJson = async (...args: readonly string[]) => {
  const { code, stdout } = await compare(...args, '-o', 'json');
  return { code, ...(JSON.parse(stdout) as Compared) };
};
interface Compared {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly rows: object;
  readonly features: readonly {
    readonly column: string;
    readonly verdict: string;
    readonly worst: { readonly judged: string; readonly reason: string; readonly sentence: string };
    readonly trend: readonly { readonly name: string; readonly psi: number | null }[];
  }[];
  readonly leftOut: readonly object[];
}

describe('drift compare', () => {
  test('files of one origin are steady, exit 0, and off a terminal the table is tab-separated', async () => {
    const { code, stderr, stdout } = await compare('base.parquet', 'same.parquet');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [head = '', ...rows] = stdout.trimEnd().split('\n');
    expect(head.split('\t').slice(0, 4)).toEqual(['FEATURE', 'VERDICT', 'METRIC', 'VALUE']);
    expect(rows.map((row) => row.split('\t').slice(0, 2).join(' ')).toSorted()).toEqual(
      ['steps steady', `${HOSTILE} steady`, 'x steady'].toSorted(),
    );
  });

  test('moved numbers drift, exit 7: worst first, a trend per file, and what names a row is left out', async () => {
    const { code, features, leftOut, rows, verdict } = await compareJson('base.parquet', 'new/day=*/*.parquet');
    expect({ code, verdict, rows }).toEqual({ code: 7, verdict: 'drift', rows: { baseline: 4000, current: 6000 } });
    expect(features.map((feature) => feature.column)).toEqual(['steps', 'x', HOSTILE]);
    const x = features[1];
    expect(x?.worst.sentence).toMatch(/^x: (PSI|KS D) .* \(.*6,000 rows against 4,000\)\. Drift\.$/);
    expect(x?.trend).toEqual([
      { name: '2001-01-01', rows: 2000, psi: expect.any(Number) },
      { name: '2001-01-02', rows: 4000, psi: expect.any(Number) },
    ]);
    expect(x?.trend[0]?.psi).toBeLessThan(0.05);
    expect(x?.trend[1]?.psi).toBeGreaterThan(0.2);
    expect(leftOut).toEqual([
      { column: 'id', why: 'by its name an identifier' },
      { column: 'at', why: 'a time' },
      { column: 'name', why: 'nearly every value occurs once' },
    ]);
  });

  test('a column with a comma in its name is named in quotes, and --features may be given again', async () => {
    const quotedName = `"${HOSTILE.replaceAll('"', '""')}", x`;
    const { features } = await compareJson(
      'base.parquet',
      'same.parquet',
      '--features',
      quotedName,
      '--features',
      'steps',
    );
    expect(features.map(({ column }) => column).toSorted()).toEqual([HOSTILE, 'steps', 'x'].toSorted());
  });

  test('CSV and Parquet of the same rows are one baseline, and nothing stays behind on the disk', async () => {
    const [csv, parquet] = await Promise.all(
      ['base.csv', 'base.parquet'].map((base) => compareJson(base, 'new', '--features', `x,steps`)),
    );
    expect(csv).toEqual(parquet);
    expect(await readdir(scratch)).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('a CSV file that ends within its last field is a whole one, because nothing tells; what is there is compared', async () => {
    const found = await compareJson('base.csv', 'late.csv', '--features', 'x');
    expect(found).toMatchObject({ code: 0, verdict: 'steady', rows: { baseline: 4000, current: 2000 } });
  });

  test.each([
    ['rows', 'few.parquet', 'too-few-rows', 'x: 499 current rows, 500 needed. Not judged.'],
    ['any row', 'none.parquet', 'no-data', 'x: the current files have no rows. Not judged.'],
    ['any row in CSV', 'head.csv', 'no-data', 'x: the current files have no rows. Not judged.'],
  ])('a side without enough %s is inconclusive and never "no drift"', async (_, current, reason, sentence) => {
    const found = await compareJson('base.parquet', current, '--features', 'x');
    expect(found).toMatchObject({ code: 7, verdict: 'inconclusive' });
    expect(found.features[0]?.worst).toMatchObject({ reason, sentence });
  });

  test('another type, a column that is gone and nothing but nulls are named and block', async () => {
    const found = await compareJson('base.parquet', 'other.parquet');
    expect(found).toMatchObject({ code: 7, verdict: 'blocked' });
    expect(found.features.map(({ column, worst }) => [column, worst.sentence])).toEqual([
      ['x', 'x: DOUBLE in the baseline and VARCHAR in the current files. The schema changed.'],
      [HOSTILE, `${HOSTILE}: the column is absent from the current files. The schema changed.`],
      ['steps', expect.stringContaining('nulls')],
    ]);
    expect(found.leftOut).toContainEqual({ column: 'added', why: 'only in the current files' });
  });

  test('rows of a file that lacks a column of the others have no value there', async () => {
    const found = await compareJson('base.parquet', 'parts', '--features', 'x,steps');
    expect(found).toMatchObject({ code: 7, verdict: 'drift', rows: { baseline: 4000, current: 6000 } });
    expect(found.reasons).toContainEqual(expect.stringMatching(/^x: 50 % nulls \[.*, at most 5 % allowed/));
  });

  test('a narrow and a wide terminal get bars, one line for each feature, and words for what drifted', async () => {
    const wide = await compare('base.parquet', 'new', '--force-tty', '100');
    expect(wide.stdout).toMatch(/^✖ drift {3}2 of 3 features drifted \(share 0\.67, drift from 0\.30\)\n/);
    expect(wide.stdout).toMatch(/\n✖ x +(PSI|KS) \d\.\d{3} +█{8}│█+/);
    expect(wide.stdout).not.toContain('\u001b');
    expect(wide.stdout).toContain('not compared: id (by its name an identifier), at (a time)');
    const narrow = await compare('base.parquet', 'new', '--force-tty', '60', '--color', 'always');
    expect(narrow.stdout).toContain('\u001b[31m✖\u001b[0m x');
  });

  test('bounds can be moved: 0.9 is never reached, 0.0001 always', async () => {
    const lax = ['--psi', '9', '--ks', '0.99', '--features', 'x'];
    expect(await compareJson('base.parquet', 'new', ...lax)).toMatchObject({ code: 0, verdict: 'warn' });
    const { features } = await compareJson('base.parquet', 'new', '--psi', '0.01', '--share', '0.9');
    expect(features.map(({ verdict }) => verdict)).toEqual(['drift', 'drift', 'steady']);
  });

  test('the answer can be a file, written whole', async () => {
    const { code, stderr, stdout } = await compare('base.parquet', 'same.parquet', '-o', 'json', '--out', 'run/a.json');
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: 'written to run/a.json\n', stdout: '' });
    expect(JSON.parse(await readFile(path.join(folder, 'run/a.json'), 'utf8'))).toMatchObject({ schemaVersion: 1 });
    const refused = await compare('base.parquet', 'same.parquet', '--out', 'nowhere/a.txt');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot write nowhere/a.txt') });
  });

  test('the page is one small file without a script, the worst feature first', async () => {
    const { code, stdout } = await compare('base.parquet', 'new', '-o', 'html', '--out', 'run/page.html');
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    const page = await readFile(path.join(folder, 'run/page.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>.*<title>drift: drift<\/title>.*<\/html>\n$/s);
    expect(headingsOf(page)).toEqual(['✖ steps', '✖ x', '✔ we&quot;ird, 😀 &lt;b&gt;name&lt;/b&gt;']);
    expect(page).toContain('6,000 rows in 2 files');
    expectOneFile(page);
  });

  test('Ctrl-C stops, says that nothing was compared, and leaves nothing behind', async () => {
    const { code, stderr, stdout } = await runCli(['drift', 'compare', 'base.parquet', 'new'], {
      cwd: folder,
      env: { TMPDIR: scratch },
      node: ['--import', INTERRUPTED],
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('error: stopped; nothing was compared\n  next  ');
    expect(await readdir(scratch)).toEqual([]);
  });
});

describe('drift compare refuses', () => {
  test.each([
    [['nothing-*.parquet', 'base.parquet'], 5, 'no file matches nothing-*.parquet (baseline, '],
    [['base.parquet', 'nowhere'], 5, 'no file matches nowhere (current, '],
    [['base.parquet', 'else.parquet'], 2, 'the two sides have no column in common: the baseline has x, steps, '],
    [['base.parquet', 'same.parquet', '--features', 'x,stepps'], 2, 'did you mean "steps"?'],
    [['base.parquet', 'same.parquet', '--features', '"x'], 2, '--features "x: a quote does not end where a name does'],
    [['base.parquet', 'same.parquet', '--features', 'at'], 2, '--features at: a column of type TIMESTAMP cannot be'],
    [['base.parquet', 'same.parquet', '--psi', 'much'], 2, '--psi much: expected a number'],
    [['base.parquet', 'same.parquet', '--share', '7'], 2, '--share 7: '],
    [['base.parquet', 'cut.parquet'], 1, 'cut.parquet is cut off or not Parquet (9000 bytes)'],
    [
      ['base.parquet', 'cut.csv'],
      1,
      'cut.csv cannot be read as CSV at line 2002: fields there: 1, names in the header: 6',
    ],
    [['cut.csv', 'cut.csv'], 1, 'cut.csv cannot be read as CSV at line 2002: '],
    [
      ['base.csv', 'quote.csv'],
      1,
      'quote.csv cannot be read as CSV at line 2002: Value with unterminated quote found.',
    ],
    [['base.csv', 'cut.csv.gz'], 1, 'cut.csv.gz is cut off or not gzip (unexpected end of file)'],
  ])('%j with exit %i', async (args, code, said) => {
    const found = await compare(...args);
    expect({ code: found.code, stdout: found.stdout }).toEqual({ code, stdout: '' });
    expect(found.stderr).toContain(said);
    expect(found.stderr).toMatch(/\n {2}next {2}\S/);
    expect(await readdir(scratch)).toEqual([]);
  });
});

import { CODES } from '../scorecards/diagnostics/codes.ts';
import type { Diagnostic } from '../scorecards/diagnostics/diagnostic.ts';
import type { Linted } from './lint-file.ts';

/** One document with stable keys. */
export function jsonReport(results: readonly Linted[]): string {
  const files = results.map(({ file, kind, ok, loaded }) => ({
    file,
    kind,
    ok,
    ...(loaded === undefined ? {} : { digests: loaded.digests }),
  }));
  const diagnostics = results.flatMap((result) => result.diagnostics);
  return `${JSON.stringify({ schemaVersion: 1, files, diagnostics }, undefined, 2)}\n`;
}

/** SARIF 2.1.0 (OASIS), which code hosts show beside the changed line. */
export function sarifReport(results: readonly Linted[]): string {
  const diagnostics = results.flatMap((result) => result.diagnostics);
  const used = [...new Set(diagnostics.map(({ code }) => code))].toSorted();
  const rules = used.map((id) => ({
    id,
    shortDescription: { text: CODES[id].title },
    fullDescription: { text: CODES[id].meaning },
    help: { text: CODES[id].cure },
  }));
  const run = { tool: { driver: { name: 'understudy', rules } }, results: diagnostics.map(sarifResult) };
  return `${JSON.stringify({ version: '2.1.0', runs: [run] }, undefined, 2)}\n`;
}

function sarifResult({ code, severity, message, help, file, line, column, length }: Diagnostic): object {
  return {
    ruleId: code,
    level: severity,
    message: { text: help === undefined ? message : `${message} (${help})` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.replaceAll('\\', '/') },
          region: { startLine: line, startColumn: column, endColumn: column + length },
        },
      },
    ],
  };
}

/** JUnit XML: one test case a file; warnings do not fail it. */
export function junitReport(results: readonly Linted[]): string {
  const failures = results.filter(({ ok }) => !ok).length;
  const cases = results.map(({ file, diagnostics }) => {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const body = errors.map(({ code, message, line, column }) =>
      failureElement(code, `${file}:${line}:${column} ${message}`),
    );
    return `  <testcase classname="understudy.lint" name="${escapeXml(file)}">${body.join('')}</testcase>`;
  });
  const head = `<testsuite name="understudy lint" tests="${results.length}" failures="${failures}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${cases.join('\n')}\n</testsuite>\n`;
}

function failureElement(code: string, message: string): string {
  return `<failure type="${code}" message="${escapeXml(message)}"/>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

import { isMap, isPair, isScalar, visit } from 'yaml';
import type { Document, ErrorCode, Node } from 'yaml';
import { show, visible } from './diagnostic.ts';
import type { Severity } from './diagnostic.ts';
import type { DiagnosticCode } from './codes.ts';

/** A problem of the YAML itself, placed by offsets into the text. */
export interface YamlProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly severity?: Severity;
  readonly range?: { readonly from: number; readonly until: number };
  readonly help?: string;
}

/** The parser's complaints in our words. Only the first syntax error is told: those after it are mostly its echo. */
export function readingProblems(document: Document.Parsed, text: string): YamlProblem[] {
  const problems: YamlProblem[] = [];
  const found = document.errors.map((error) => explain(error.code, error.message, { text, pos: error.pos, document }));
  const duplicates = found.filter(({ code }) => code === 'US0001');
  problems.push(...duplicates, ...found.filter(({ code }) => code !== 'US0001').slice(0, 1));
  if (document.directives.yaml.version === '1.1') {
    problems.push({ code: 'US0010', message: 'YAML 1.1 is not read', help: 'remove the %YAML directive' });
  }
  problems.push(...aliasProblems(document));
  for (const warning of document.warnings) {
    const [from, until] = warning.pos;
    const message = `unknown tag ${visible(text.slice(from, until))}`;
    problems.push({ code: 'US0010', message, range: { from, until }, help: 'remove the tag; put a text in quotes' });
  }
  return problems;
}

interface ErrorPlace {
  readonly document: Document.Parsed;
  readonly text: string;
  readonly pos: readonly [number, number];
}

function explain(code: ErrorCode, message: string, { text, pos, document }: ErrorPlace): YamlProblem {
  const range = { from: pos[0], until: pos[1] };
  switch (code as string) {
    case 'DUPLICATE_KEY':
      return duplicateKey(document, text, pos[0]);
    case 'TAB_AS_INDENT':
      return { code: 'US0003', message: 'a tab cannot indent', range, help: 'use blanks, two a level' };
    case 'BAD_INDENT':
      return badIndent(message, range);
    case 'MULTIPLE_DOCS':
      return { code: 'US0005', message: 'a second document begins here', range, help: 'one file, one document' };
    case 'BAD_SCALAR_START':
      return {
        code: 'US0002',
        message: `a value cannot begin with ${show(text[pos[0]])}`,
        range,
        help: 'put it in quotes',
      };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { code: 'US0002', message: 'a second ": " in one line', range, help: 'put the value in quotes' };
    default:
      return { code: 'US0002', message: uncapitalised(message), range, ...missingHelp(code) };
  }
}

/** Names the line of the first of the two, which is the other half of the mistake. */
function duplicateKey(document: Document.Parsed, text: string, second: number): YamlProblem {
  let first: Node | undefined;
  let name = '';
  visit(document, {
    Map(_, map) {
      const keys = map.items.map(({ key }) => key).filter((key) => isScalar(key));
      const repeated = keys.find((key) => key.range?.[0] === second);
      if (repeated === undefined) return undefined;
      name = String(repeated.value);
      first = keys.find((key) => key.value === repeated.value);
      return visit.BREAK;
    },
  });
  const line = text.slice(0, first?.range?.[0] ?? 0).split('\n').length;
  const range = { from: second, until: second + Math.max(1, wordAt(text, second)) };
  return {
    code: 'US0001',
    message: `field "${visible(name)}" stands twice in this group`,
    range,
    help: `the first is on line ${line}`,
  };
}

function wordAt(text: string, from: number): number {
  return /^[^\s:,}]+/.exec(text.slice(from, from + 200))?.[0].length ?? 1;
}

function missingHelp(code: ErrorCode): { help?: string } {
  if (code === 'MULTILINE_IMPLICIT_KEY') return { help: 'a field is "name: value", with a blank after the colon' };
  return {};
}

function badIndent(message: string, range: { from: number; until: number }): YamlProblem {
  const [, missing] = /end with a ([\]}])/.exec(message) ?? [];
  if (missing !== undefined) return { code: 'US0002', message: `"${missing}" is missing`, range };
  return {
    code: 'US0003',
    message: uncapitalised(message),
    range,
    help: 'fields of one group begin at the same column',
  };
}

function uncapitalised(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function aliasProblems(document: Document.Parsed): YamlProblem[] {
  const problems: YamlProblem[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const help = `put it in quotes: "*${visible(alias.source)}"`;
      const message = `"*${visible(alias.source)}" refers to an anchor that does not exist`;
      problems.push({ code: 'US0004', message, help, ...rangeOf(alias) });
    },
  });
  return problems;
}

/** What reads well here and differently, or not at all, elsewhere. */
export function contentProblems(document: Document.Parsed): YamlProblem[] {
  const problems: YamlProblem[] = [];
  visit(document, {
    Scalar(_, scalar) {
      const source = scalar.source ?? '';
      if (typeof scalar.value !== 'number' || !/^[-+]?0\d/.test(source)) return;
      const message = `${visible(source)} is ${scalar.value} here and octal in YAML 1.1`;
      problems.push({
        code: 'US0007',
        severity: 'warning',
        message,
        help: `write ${scalar.value}`,
        ...rangeOf(scalar),
      });
    },
    Map(_, map) {
      const merge = map.items.find((pair) => isPair(pair) && isScalar(pair.key) && pair.key.value === '<<');
      if (merge === undefined || !isMap(map)) return;
      const message = 'merge keys (<<) belong to YAML 1.1';
      problems.push({ code: 'US0010', message, help: 'write the fields out', ...rangeOf(merge.key as Node) });
    },
  });
  return problems;
}

function rangeOf(node: Node): { range?: { from: number; until: number } } {
  return node.range ? { range: { from: node.range[0], until: node.range[1] } } : {};
}

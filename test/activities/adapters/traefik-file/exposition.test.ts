import { describe, expect, test } from '@jest/globals';
import { parseExposition } from '../../../../activities/adapters/traefik-file/exposition.ts';

describe('the text format of Prometheus', () => {
  test('names, labels, values and timestamps are read; comments and empty lines are not', () => {
    const body = [
      '# HELP http_requests_total The total number of HTTP requests.',
      '# TYPE http_requests_total counter',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      '',
      'metric_without_labels 12.47',
      'with_space { a = "1" , b="2", } 3',
      '',
    ].join('\n');
    expect(parseExposition(body)).toEqual([
      {
        name: 'http_requests_total',
        labels: { method: 'post', code: '200' },
        value: 1027,
        timestampMs: 1_395_066_363_000,
      },
      { name: 'metric_without_labels', labels: {}, value: 12.47 },
      { name: 'with_space', labels: { a: '1', b: '2' }, value: 3 },
    ]);
  });

  test.each([
    ['1.795248105e+09', 1_795_248_105],
    ['5.365315e-06', 5.365_315e-6],
    ['1E3', 1000],
    ['.5', 0.5],
    ['+7', 7],
    ['-0', -0],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
  ])('the value %s', (text, value) => {
    expect(parseExposition(`m ${text}\n`)[0]?.value).toBe(value);
  });

  test('quotes, backslashes and line breaks in a label are escaped, and braces are not special', () => {
    const [sample] = parseExposition(String.raw`m{path="C:\\DIR\\",error="no \"file\"\nend }",empty=""} 1` + '\n');
    expect(sample?.labels).toEqual({ path: 'C:\\DIR\\', error: 'no "file"\nend }', empty: '' });
  });

  test.each([
    ['a last line without its end', 'a 1\nb 2'],
    ['a line that stops in a label', 'a{b="c\n'],
    ['an unknown escape', String.raw`a{b="\t"} 1` + '\n'],
    ['labels without a comma between', 'a{b="1"c="2"} 1\n'],
    ['a label twice', 'a{b="1",b="2"} 1\n'],
    ['no value', 'a{b="1"}\n'],
    ['a value that is a word', 'a high\n'],
    ['a hexadecimal value', 'a 0x10\n'],
    ['a timestamp with a fraction', 'a 1 12.5\n'],
    ['more than a timestamp', 'a 1 2 3\n'],
    ['a name that begins with a digit', '1a 1\n'],
    ['a page of HTML', '<html></html>\n'],
    ['a series twice', 'a{b="1"} 1\na{b="1"} 2\n'],
    ['an empty body', ''],
  ])('%s is refused', (_what, body) => {
    expect(() => parseExposition(body)).toThrow(SyntaxError);
  });
});

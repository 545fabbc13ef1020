import { describe, expect, test } from '@jest/globals';
import { fillIn, queryProblems, variablesIn } from '../../../scorecards/service/variables.ts';

const values = { model: 'churn', version: '7', window: '30d' };

describe('variables of a query', () => {
  test.each([
    ['up{model="$model"}', 'up{model="churn"}'],
    ["up{model='${model}', v='$version'}", "up{model='churn', v='7'}"],
    ['up{model=`$model`}', 'up{model="churn"}'],
    ['rate(up{model="$model"}[$window])', 'rate(up{model="churn"}[30d])'],
    ['up{a="x$model-$version"}', 'up{a="xchurn-7"}'],
    ['label_replace(up, "a", "$1", "b", "(.*)$")', 'label_replace(up, "a", "$1", "b", "(.*)$")'],
    ['up{a=~"b$|c$"}', 'up{a=~"b$|c$"}'],
    ['up # of $model and "\n', 'up # of $model and "\n'],
    ['up{a="#"} + down{model="$model"}', 'up{a="#"} + down{model="churn"}'],
    ['up{a=`\\d"`}', 'up{a=`\\d"`}'],
  ])('are filled in: %s', (query, filled) => {
    expect(fillIn(query, values)).toBe(filled);
    expect(queryProblems(query)).toEqual([]);
  });

  const hostile = 'a"} or up{b="';

  test.each([
    ['up{m="$model"}', 'up{m="a\\"} or up{b=\\""}'],
    ["up{m='$model'}", `up{m='${hostile}'}`],
    ['up{m=`$model`}', 'up{m="a\\"} or up{b=\\""}'],
  ])('SE1: a value cannot end the text that it stands in: %s', (query, filled) => {
    expect(fillIn(query, { model: hostile })).toBe(filled);
  });

  test.each([
    [String.raw`a\b`, String.raw`"a\\b"`],
    ['a\nb\u0000', String.raw`"a\x0ab\x00"`],
    ["it's", `"it's"`],
  ])('SE1: backslashes and control characters become escapes', (model, filled) => {
    expect(fillIn('"$model"', { model })).toBe(filled);
  });

  test('SE1: what one value holds is not filled in by another', () => {
    expect(fillIn('"$model"', { model: '$version', version: '7' })).toBe('"$version"');
  });

  test('SE1: in a pattern a value matches only itself', () => {
    expect(fillIn('up{m=~"$model|x", n !~ `$model`, o="$model"}', { model: 'a.*' })).toBe(
      String.raw`up{m=~"a\\.\\*|x", n !~ "a\\.\\*", o="a.*"}`,
    );
  });

  test('those without a value stay as they are', () => {
    expect(fillIn('up{v="$version"}[$window]', { model: 'churn' })).toBe('up{v="$version"}[$window]');
  });

  test.each([
    ['up{m="$modle"}', 'there is no variable $modle'],
    ['up{m=$model}', '$model stands outside of quotes'],
    ['up{m="$window"}', '$window stands in quotes'],
    ['up{m="$model}', 'a quote in the query is never closed'],
    ['up{m="a\\"}', 'a quote in the query is never closed'],
  ])('are refused where they cannot be filled in: %s', (query, message) => {
    expect(queryProblems(query).map((one) => one.message)).toEqual([message]);
  });

  test('are named but for those in remarks', () => {
    expect(variablesIn('up{m="$model"}[$window] # $version')).toEqual(['model', 'window']);
  });
});

import { describe, expect, test } from '@jest/globals';
import { namesIn } from '../../../clients/drift/feature-names.ts';

describe('names of columns in an option', () => {
  test.each([
    ['fare', ['fare']],
    ['fare, hour ,distance', ['fare', 'hour', 'distance']],
    ['"fare, net",hour', ['fare, net', 'hour']],
    ['hour, "say ""fare""" ', ['hour', 'say "fare"']],
    ['5" pipe,hour', ['5" pipe', 'hour']],
    ['" padded "', [' padded ']],
  ])('%s', (text, names) => {
    expect(namesIn(text)).toEqual(names);
  });

  test('of an option that is given again come after the first', () => {
    expect(namesIn('hour', namesIn('"a,b"'))).toEqual(['a,b', 'hour']);
  });

  test.each([
    ['', 'a name is empty'],
    ['fare,', 'a name is empty'],
    ['""', 'a name is empty'],
    ['"fare', 'a quote does not end where a name does'],
    ['"fare" net,hour', 'a quote does not end where a name does'],
  ])('refuses %j: %s', (text, why) => {
    expect(() => namesIn(text)).toThrow(why);
  });
});

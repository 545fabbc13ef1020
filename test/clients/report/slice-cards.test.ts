import { expect, test } from '@jest/globals';
import { featureCards } from '../../../clients/report/feature-cards.ts';
import { withHistories, worstFirst } from '../../../clients/report/worst-first.ts';
import { finding } from '../../scorecards/drift/worlds.ts';

const inSlice = (value: string, given: Parameters<typeof finding>[0]) =>
  finding({ sentence: `fare where g is ${value}: PSI.`, ...given, on: { slice: [{ column: 'g', value }] } });

test('a card tells of a feature what is raised and what is not judged in slices, and counts the rest', () => {
  const stories = worstFirst([
    finding(),
    inSlice('calm', {}),
    inSlice('<moved>', { judged: 'fail', level: 'breach', reason: 'breach' }),
    inSlice('rare', { judged: 'inconclusive', reason: 'suppressed-slice' }),
  ]);
  const page = featureCards(withHistories(stories, []));
  expect(page).toContain('<summary>in slices: 1 raised, 1 not judged, of 3 findings</summary>');
  expect(page).toContain('<pre>fare where g is &lt;moved&gt;: PSI.\nfare where g is rare: PSI.</pre>');
  expect(page).not.toContain('g is calm');
});

test('what two distances say alike is told once, and what has no room is counted', () => {
  const rare = (value: string) => inSlice(value, { judged: 'inconclusive', reason: 'suppressed-slice' });
  const values = Array.from({ length: 23 }, (_, index) => `s${index}`);
  const page = featureCards(
    withHistories(worstFirst([finding(), ...values.flatMap((one) => [rare(one), rare(one)])]), []),
  );
  expect(page).toContain('0 raised, 46 not judged, of 46 findings');
  expect(page.match(/fare where g is s\d+: PSI\./g)).toHaveLength(20);
  expect(page).toContain('\n3 more are in the JSON document.</pre>');
});

test('a slice that is too small to be judged does not make its feature look unjudged', () => {
  const rare = inSlice('rare', { judged: 'inconclusive', reason: 'suppressed-slice' });
  expect(worstFirst([finding(), rare]).map(({ verdict }) => verdict)).toEqual(['steady']);
  expect(worstFirst([rare]).map(({ verdict }) => verdict)).toEqual(['inconclusive']);
});

test('a feature without slices has a card as ever', () => {
  const page = featureCards(withHistories(worstFirst([finding()]), []));
  expect(page).not.toContain('in slices');
});

import { dailyHeat } from './daily-heat.ts';
import { featureCards } from './feature-cards.ts';
import type { FeatureStory } from './feature-cards.ts';

const LEAST_CARDS = 3;
/** A report of a run has more to show than its drift. */
const MOST_BYTES = 60_000;

/** Charts of the features that are not steady, but at least of the three worst, and every single day of all of them. */
export function distributions(
  features: readonly FeatureStory[],
  bounds: { readonly warn: number; readonly drift: number },
): string {
  if (features.length === 0) return '';
  const raised = features.filter(({ verdict }) => verdict !== 'steady').length;
  const shown = features.slice(0, Math.max(LEAST_CARDS, raised));
  const quiet = features.length - shown.length;
  const more = quiet > 0 ? `<p>${quiet} more ${quiet === 1 ? 'feature is' : 'features are'} steady.</p>` : '';
  const heat = dailyHeat(features, bounds);
  return `${featureCards(shown, MOST_BYTES)}${more}${heat === '' ? '' : `<h3>PSI of single days</h3>${heat}`}`;
}

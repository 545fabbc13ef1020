import type { Span } from '../scorecards/vocabulary.ts';
import type { ChampionsData } from './champions-data.ts';
import type { Ports } from './context.ts';
import { judgedWindow, testWindows } from './drift-windows.ts';
import type { TestedWindow } from './drift-windows.ts';
import { addPerformance } from './performance.ts';
import type { JudgedPerformance, TestedPerformance } from './performance.ts';
import type { Work } from './ports/data-store.ts';
import { addScores } from './score-drift.ts';

/** A champion's labels are those that are known at `asOf`; without a champion nobody's are looked at. */
type Of = ChampionsData | (Omit<ChampionsData, 'champion' | 'asOf'> & { readonly champion?: undefined });

/**
 * Judges successive windows (oldest first): what the data say against the champion's baseline and, where a champion is named, what
 * its scores and labels say; all that is asked of one window is one family of tests.
 */
export async function judgeWindows(
  ports: Pick<Ports, 'data' | 'evidence'>,
  of: Of,
  windows: readonly Span[],
  work: Work,
): Promise<readonly JudgedPerformance[]> {
  return judgedWith(ports, of, await testWindows(ports, of, windows, work), work);
}

/** The same of windows whose data were compared already: their labels may be looked at as of different days. */
export async function judgedWith(
  ports: Pick<Ports, 'data' | 'evidence'>,
  of: Of,
  tested: readonly TestedWindow[],
  work: Work,
): Promise<readonly JudgedPerformance[]> {
  const performed: readonly TestedPerformance[] = of.champion
    ? // Scores are counted with their labels where they are probabilities, and else by themselves.
      await addPerformance(ports, of, await addScores(ports, of, tested, work), work)
    : tested;
  return performed.map((one) => ({
    ...judgedWindow(of, one),
    ...(one.performance ? { performance: one.performance } : {}),
  }));
}

import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import { sayFile, saySigners } from '../../scorecards/sign-off.ts';
import type { RunReport } from './gather.ts';
import { judgedFacts } from './judged-facts.ts';

/** What the candidate was judged by, who agreed to it, and the digest that an approval names (EV2). */
export function scorecardFacts({
  scorecard,
  verdict,
}: Pick<RunReport, 'scorecard' | 'verdict'>): readonly (readonly [name: string, value: string])[] {
  if (scorecard === undefined) return [];
  const { digest, path, state, ...signed } = verdict?.signed ?? { digest: undefined };
  return [
    ...(digest === undefined ? [] : [['scorecard', `sha256:${digest}`] as const]),
    ...(path === undefined || state === undefined
      ? []
      : [['scorecard file', printable(sayFile({ ...signed, path, state }))] as const]),
    ...('signedOffBy' in signed ? [['signed off by', printable(saySigners(signed.signedOffBy))] as const] : []),
    ['scorecard result', `sha256:${scorecard.result.sha256}`],
    ...judgedFacts(verdict),
  ];
}

/**
 * What Understudy writes about a run into Temporal's visibility store. A namespace allows only ten of type Keyword and
 * three of most other types, and shares them with other applications: do not add one lightly.
 */
export const searchAttributes = {
  RetrainModel: 'Keyword',
  RetrainStage: 'Keyword',
  RetrainTrigger: 'Keyword',
  RetrainTeam: 'Keyword',
  RetrainGpuPool: 'Keyword',
  RetrainCandidate: 'Keyword',
  RetrainDriftScore: 'Double',
  RetrainCanaryPercent: 'Int',
  RetrainNeedsHuman: 'Bool',
  RetrainReasons: 'KeywordList',
} as const;

export type SearchAttributeType = (typeof searchAttributes)[keyof typeof searchAttributes];

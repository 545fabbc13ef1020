/** Diagnostics about where models flag rows; see `codes.ts`. */
export const OPERATING_POINT_CODES = {
  US0270: {
    title: 'best F1 of a regression',
    meaning: 'operatingPoint: { bestF1: training } takes the threshold at which F1 is highest; F1 counts flagged rows.',
    cause: 'The task is regression, which flags nothing.',
    cure: 'Remove operatingPoint, or correct the task.',
  },
  US0271: {
    title: 'best F1 beside labels that are amounts',
    meaning:
      'F1 needs labels of 0 and 1. With others no threshold is found, and criteria that flag rows are missing: nothing passes.',
    cause: 'A criterion measures meanLabelAtTop, whose labels are mostly amounts.',
    cure: 'Write operatingPoint: { top: 10% }, so that both models flag as many rows; with labels of 0 and 1 leave it.',
  },
} as const;

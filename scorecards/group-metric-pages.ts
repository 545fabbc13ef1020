const GAP = {
  unit: 'share',
  better: 'lower',
  tasks: ['classification', 'ranking', 'multiclass'],
  grouped: true,
} as const;

/** Metrics that compare the groups of a criterion's `by` with each other: pages of the metric catalogue. */
export const GROUP_PAGES = {
  equalizedOdds: {
    about: 'Largest gap between groups in true- or false-positive rate.',
    formula: 'max(max−min of TPR, max−min of FPR) over the groups of by',
    source: 'Hardt, Price and Srebro 2016; as in Fairlearn',
    reading: '0: mistakes fall on all groups alike. Small groups are left out as inconclusive, not passed.',
    ...GAP,
  },
  demographicParity: {
    about: 'Largest gap between groups in the share of flagged rows.',
    formula: 'max − min of flagged / rows over the groups of by',
    source: 'Calders, Kamiran and Pechenizkiy 2009; as in Fairlearn',
    reading: '0: all groups are flagged alike, whether or not they differ in truth.',
    ...GAP,
  },
  demographicParityRatio: {
    about: 'Smallest share of flagged rows among groups, as a share of the largest.',
    formula: 'min / max of flagged / rows over the groups of by',
    source: 'the four-fifths rule, 29 CFR 1607.4; as in Fairlearn',
    reading: '1: all groups are flagged alike; 0.8 is the four-fifths rule. Undefined when nobody is flagged.',
    ...GAP,
    better: 'higher',
  },
  equalizedOddsRatio: {
    about: 'Smallest true- or false-positive rate among groups, as a share of the largest.',
    formula: 'min(min / max of TPR, min / max of FPR) over the groups of by',
    source: 'Hardt, Price and Srebro 2016; as in Fairlearn',
    reading: '1: mistakes fall on all groups alike. Sensitive where rates are small: 0.01 against 0.02 is 0.5.',
    ...GAP,
    better: 'higher',
  },
  equalOpportunity: {
    about: 'Largest gap between groups in true-positive rate.',
    formula: 'max − min of TPR over the groups of by',
    source: 'Hardt, Price and Srebro 2016; as in Fairlearn',
    reading: '0: who deserves to be flagged is flagged alike in all groups. False alarms do not count.',
    ...GAP,
  },
  equalOpportunityRatio: {
    about: 'Smallest true-positive rate among groups, as a share of the largest.',
    formula: 'min / max of TPR over the groups of by',
    source: 'Hardt, Price and Srebro 2016; as in Fairlearn',
    reading: '1: who deserves to be flagged is flagged alike in all groups. Undefined when nobody of them is flagged.',
    ...GAP,
    better: 'higher',
  },
  calibrationGap: {
    about: 'How differently groups are over-rated: the largest gap in mean score minus observed rate.',
    formula: 'max − min of mean(score − label) over the groups of by',
    source: 'calibration within groups: Kleinberg, Mullainathan and Raghavan 2017',
    reading: '0.05: at the same score one group is positive five points more often than another. Needs probabilities.',
    ...GAP,
    tasks: ['classification', 'ranking'],
  },
} as const;

const OVER_CLASSES = { unit: 'share', better: 'higher', tasks: ['multiclass'] } as const;
const SOKOLOVA = 'Sokolova and Lapalme 2009; as in scikit-learn';
const DELTA = 'interval by the delta method, Takahashi et al. 2022';
const LABELLED_CLASSES =
  'Every class weighs alike, however rare, so n and minimum are the labelled rows of the rarest one; a class without labels is not averaged.';

/** Metrics of models that name one of several classes: pages of the metric catalogue. */
export const CLASS_PAGES = {
  macroF1: {
    ...OVER_CLASSES,
    about: 'Mean of the F1 of each class against the rest.',
    formula:
      'Σ F1 of class / classes that have labels; F1 = 2 × rows that are and are said to be of it / (rows of it + rows said to be of it), 0 for one that is never predicted',
    source: `${SOKOLOVA} (average="macro", zero_division=0); ${DELTA}`,
    reading: `${LABELLED_CLASSES} It can rise while one class is given up: bound its recall by a criterion with class.`,
  },
  microF1: {
    ...OVER_CLASSES,
    about: 'F1 of the true positives, false positives and misses of all classes added up.',
    formula: 'rows whose class is right / rows',
    source: `${SOKOLOVA} (average="micro"); interval Wilson 1927`,
    reading:
      'Equal to accuracy, because every row has one class and is said to be of one: each mistake is a false positive of one class and a miss of another. Frequent classes decide it.',
  },
  macroPrecision: {
    ...OVER_CLASSES,
    about: 'Mean of the precision of each class against the rest.',
    formula:
      'Σ (rows right / rows said to be of the class) / classes that have labels; 0 for a class that is never predicted',
    source: `${SOKOLOVA} (average="macro", zero_division=0); ${DELTA}`,
    reading: LABELLED_CLASSES,
  },
  macroRecall: {
    ...OVER_CLASSES,
    about: 'Mean of the recall of each class: balanced accuracy.',
    formula: 'Σ (rows right / rows of the class) / classes that have labels',
    source: `${SOKOLOVA} (average="macro"; balanced_accuracy_score); ${DELTA}`,
    reading: `${LABELLED_CLASSES} Guessing one class of K always reaches 1 / K.`,
  },
} as const;

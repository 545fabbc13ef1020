/** Diagnostics about models that name one of several classes; see `codes.ts`. */
export const CLASS_CODES = {
  US0275: {
    title: 'a metric of one class names none',
    meaning: 'Where a model names one of several classes, recall and its like are those of one class against the rest.',
    cause: 'The scorecard says task: multiclass, and the criterion has no class.',
    cure: 'Add class: CLASS, the class as the labels write it; or take macroF1, macroRecall or accuracy, which are of all.',
  },
  US0276: {
    title: 'a class where none is read',
    meaning:
      'The criterion names a class, which changes nothing: the metric is not of one class, or the task has none.',
    cause: 'class stands beside a metric of all rows, or the scorecard does not say task: multiclass.',
    cure: 'Leave class out, or correct metric or spec.task.',
  },
  US0277: {
    title: 'an operating point without a score',
    meaning: 'A model that names a class decides by itself; there is no score that a cut could be laid through.',
    cause: 'The scorecard, or its preset, has operatingPoint beside task: multiclass.',
    cure: 'Leave operatingPoint out.',
  },
  US0278: {
    title: 'a logged score of a model that names a class',
    meaning:
      'Drift and performance of what was answered rest on one number an answer. Where a model names a class they are left out, as is the shadow, which compares scores with a cut.',
    cause: 'The scorecard says task: multiclass, and the policy names data.observations.score.',
    cure: 'Leave data.observations.score out; or keep it, and nobody watches it.',
  },
} as const;

/** Diagnostics about what the data of a run, and the logs of its servers, must satisfy; see `codes.ts`. */
export const CHECK_CODES = {
  US0240: {
    title: 'a check that cannot do its work',
    meaning: 'It asks for nothing, so that nothing would make it fail; or for something that no value can satisfy.',
    cause: 'A bound is missing, or two bounds were mixed up.',
    cure: 'Follow the message.',
  },
  US0241: {
    title: 'skew or freshness that is not watched as it seems',
    meaning:
      'A difference between training and serving blocks a promotion (FE1); it is let pass for one feature, by name, reason and last day, never silently. How old a value is needs the instant it was made.',
    cause:
      'A waiver names no feature, respond.skew was softened without an override, or freshWithin stands without at.',
    cure: 'Follow the message.',
  },
  US0242: {
    title: 'features that cannot be told apart like this',
    meaning:
      'Drift of a feature in slices is judged for features and slice columns that the policy names, and each pair keeps a histogram of its own in the baseline.',
    cause: 'A name is no feature, no slice is left whose values may be shown, or there are too many pairs.',
    cure: 'Follow the message.',
  },
  US0301: {
    title: 'a serving log that is not as its schema says',
    meaning:
      'Champion and challenger are paired by the log, and what was served is compared with what was trained on; rows that cannot be read are no evidence.',
    cause: 'A column is missing or has another type, or rows lack what every answer has.',
    cure: 'Write the log as scorecards/schemas/serving-log.json says: one row per answer, inputs as a JSON object.',
  },
  US0302: {
    title: 'rules that no commit holds',
    meaning:
      'The scorecard and its policy are kept in source control beside the pipeline, so that anybody can see who lowered a bound and when (EV2). From risk: consequential on only what a commit holds is applied.',
    cause:
      'The file was changed after its last commit, was never committed, or lies in no git repository; or git is not installed, or refuses a folder that belongs to somebody else.',
    cure: 'Commit the file and apply again. In a folder of another owner: git config --global --add safe.directory FOLDER.',
  },
} as const;

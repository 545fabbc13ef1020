/** Diagnostics about what the data of a run must satisfy; see `codes.ts`. */
export const CHECK_CODES = {
  US0240: {
    title: 'a check that cannot do its work',
    meaning: 'It asks for nothing, so that nothing would make it fail; or for something that no value can satisfy.',
    cause: 'A bound is missing, or two bounds were mixed up.',
    cure: 'Follow the message.',
  },
} as const;

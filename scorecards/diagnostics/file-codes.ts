/** Codes of one file read alone: its YAML (US00) and the shape of its fields (US01). */
export const FILE_CODES = {
  US0001: {
    title: 'duplicate key',
    meaning: 'The same field stands twice in one group; which of the two counts would be a guess.',
    cause: 'A block was copied, or a section was added at the end although it exists above.',
    cure: 'Keep one of them.',
  },
  US0002: {
    title: 'not YAML',
    meaning: 'The text cannot be read as YAML, so nothing after this place was checked.',
    cause:
      'A bracket or quote is not closed, a colon has no blank after it, or a value begins with a reserved character.',
    cure: 'Mend the place that is marked; put values with : # { } [ ] * & ! | > % @ ` in quotes.',
  },
  US0003: {
    title: 'indentation',
    meaning: 'The line begins at a column that fits no group above it, or with a tab.',
    cause: 'Tabs and blanks were mixed, or a line was moved by one blank.',
    cure: 'Indent with two blanks a level; fields of one group begin at the same column.',
  },
  US0004: {
    title: 'unknown alias',
    meaning: 'A value that begins with * refers to an anchor (&name), and there is none of that name.',
    cause: 'A glob or a cron expression stands without quotes.',
    cure: 'Put it in quotes: path: "*.parquet".',
  },
  US0005: {
    title: 'several documents in one file',
    meaning: 'A line of three dashes begins a second document. One file holds one policy or one scorecard.',
    cause: 'Files were joined, as is usual for Kubernetes manifests.',
    cure: 'Write each into its own file and name both: understudy lint -f a.yaml -f b.yaml.',
  },
  US0006: {
    title: 'yes, no, on and off are texts',
    meaning: 'In YAML 1.2 only true and false are truth values; older tools also read yes, no, on and off as such.',
    cause: 'A habit from YAML 1.1.',
    cure: 'Write true or false.',
  },
  US0007: {
    title: 'a number that other tools read differently',
    meaning: 'YAML 1.2 reads 010 as ten and 1_000 as a text; YAML 1.1 read eight and a thousand.',
    cause: 'A leading zero or an underscore in a number.',
    cure: 'Write the number plainly (10, 1000), or in quotes where a text is meant.',
  },
  US0008: {
    title: 'too large',
    meaning: 'The file is over 1 MiB, is nested too deeply, or uses aliases to grow beyond bounds.',
    cause: 'A data file was named instead of a policy, or the file was made to exhaust its reader.',
    cure: 'Name the right file; write out what the aliases stand for.',
  },
  US0009: {
    title: 'empty',
    meaning: 'The file holds no fields: it is empty, only comments, a list or a single value.',
    cause: 'A colon without a blank after it turns fields into one text, or the wrong file was named.',
    cure: 'Begin with apiVersion: understudy/v1; `understudy init` writes a first policy.',
  },
  US0010: {
    title: 'a YAML 1.1 construct',
    meaning:
      'Merge keys (<<), tags (!name) and the %YAML 1.1 directive are not read, because readers disagree on them.',
    cause: 'The file comes from a tool that uses them.',
    cure: 'Write the fields out.',
  },
  US0101: {
    title: 'wrong value',
    meaning: 'The field takes one of a few words, and this is none of them.',
    cause: 'A typing error, or a word of another tool.',
    cure: 'Use one of the words in the message; `understudy explain FIELD` says what each does.',
  },
  US0102: {
    title: 'unknown field',
    meaning:
      'There is no such field in this group. Unknown fields are errors: one ignored silently would be a rule nobody keeps.',
    cause: 'A typing error, or a field that belongs one level up or down.',
    cure: 'Rename, move or remove it; `understudy explain GROUP` lists what a group has.',
  },
  US0103: {
    title: 'missing field',
    meaning: 'The group lacks a field that has no default.',
    cause: 'It was left out, or stands in another group.',
    cure: 'Add it; `understudy explain FIELD` shows an example.',
  },
  US0104: {
    title: 'wrong unit',
    meaning: 'Durations, shares, sizes and rates are written with their unit, so that nobody has to guess it.',
    cause: 'A bare number, an unknown unit, a blank before the unit, or a unit that does not fit the metric.',
    cure: 'Write 24h, 7d or 250ms; 5%; 50MB or 4Gi; 50/s.',
  },
  US0105: {
    title: 'wrong kind of value',
    meaning: 'The field takes a text, a number, true or false, a list or a group, and this is another of them.',
    cause: 'A single value instead of a list, a number in quotes, or a text that YAML reads as a number.',
    cure: 'Write it as the help says; texts that look like numbers go in quotes.',
  },
  US0106: {
    title: 'out of range',
    meaning: 'The number is smaller or larger than the field allows.',
    cause: 'A share written as a percentage or the reverse, or one digit too many.',
    cure: 'Choose a value within the bounds that the message names.',
  },
  US0107: {
    title: 'wrong form',
    meaning: 'The text does not have the form that the field needs, such as a name or a cron expression.',
    cause: 'Capital letters or blanks in a name, or a field missing from a cron expression.',
    cure: 'Follow the form in the message.',
  },
  US0108: {
    title: 'empty list',
    meaning: 'The list needs at least one entry: without criteria nothing is judged, without a command nothing runs.',
    cause: 'The entries were removed, or are commented out.',
    cure: 'Add one, or remove the field to get its default.',
  },
  US0109: {
    title: 'another kind of file',
    meaning: 'apiVersion or kind say that this file is something else than what was asked for.',
    cause: 'A scorecard was named where a policy belongs, or the reverse, or the file is of another version.',
    cure: 'Name the right file, or correct apiVersion and kind.',
  },
  US0110: {
    title: 'file not found',
    meaning: 'A file that the policy refers to is not there or may not be read.',
    cause: 'Paths are relative to the folder of the policy, not to the current directory.',
    cure: 'Correct the path, or create the file.',
  },
} as const;

import { CliFailure, EXIT } from '../failure.ts';

/** A name in double quotes, inner ones doubled, or one without commas; blanks around it do not count. */
const NAME = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|$)/y;

/**
 * Column names as an option takes them: with commas, and one that has a comma itself in double quotes, as in a line of CSV. What
 * earlier options of the same name gave comes first. Throws CliFailure 2 for a quote that does not end and for an empty name.
 */
export function namesIn(text: string, before: readonly string[] = []): readonly string[] {
  const names: string[] = [];
  let ended = false;
  for (NAME.lastIndex = 0; !ended;) {
    const [, inQuotes, bare = '', comma] = NAME.exec(text) ?? [];
    const name = inQuotes?.replaceAll('""', '"') ?? bare.trim();
    if (name === '') throw unreadable(text, 'a name is empty');
    if (inQuotes === undefined && name.startsWith('"'))
      throw unreadable(text, 'a quote does not end where a name does');
    names.push(name);
    ended = comma !== ',';
  }
  return [...before, ...names];
}

const unreadable = (text: string, why: string): CliFailure =>
  new CliFailure(EXIT.usage, `--features ${text}: ${why}`, `write names as fare,hour or as '"fare, net",hour'`);

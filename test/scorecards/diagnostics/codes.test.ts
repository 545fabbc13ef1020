import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CODES, isDiagnosticCode } from '../../../scorecards/diagnostics/codes.ts';

const FOLDERS = ['policies', 'serving-logs', 'source-control'].map(
  (name) => new URL(`../../fixtures/${name}/`, import.meta.url),
);

/** Adding a code adds it here. A code that was published is never removed and never means something else. */
const FROZEN = `
US0001 US0002 US0003 US0004 US0005 US0006 US0007 US0008 US0009 US0010
US0101 US0102 US0103 US0104 US0105 US0106 US0107 US0108 US0109 US0110
US0201 US0202 US0203 US0204 US0205 US0206 US0207 US0208 US0209 US0210
US0211 US0212 US0213 US0214 US0215 US0216 US0217 US0218 US0219 US0220
US0221 US0222 US0223 US0224 US0225 US0226 US0227 US0228 US0229 US0230
US0231 US0232 US0233 US0234 US0235 US0236 US0237 US0238 US0239 US0240
US0241 US0242
US0250 US0255 US0256
US0260 US0261 US0262 US0263 US0264 US0265 US0266 US0267 US0268 US0269
US0270 US0271
US0275 US0276 US0277 US0278
US0280 US0281 US0282 US0283 US0284
US0290 US0291
US0301 US0302
`;

describe('the list of codes', () => {
  test('GV7: is closed', () => {
    expect(Object.keys(CODES).toSorted()).toEqual(FROZEN.trim().split(/\s+/));
  });

  test('has a title, a meaning, a cause and a cure for each', () => {
    const thin = Object.entries(CODES).filter(([, page]) => Object.values(page).some((text) => text.length < 5));
    expect(thin).toEqual([]);
  });

  test('GV7: each code is found in at least one malformed file of the folders', () => {
    const expected = FOLDERS.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.txt'))
        .map((name) => readFileSync(new URL(name, folder), 'utf8')),
    ).join('\n');
    expect(Object.keys(CODES).filter((code) => !expected.includes(`[${code}]`))).toEqual([]);
  });

  test('knows its own codes only', () => {
    expect(['US0211', 'US9999', 'toString', ''].map(isDiagnosticCode)).toEqual([true, false, false, false]);
  });
});

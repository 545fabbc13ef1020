import { expect } from '@jest/globals';

/** The names on the cards of a page of drift, in their order. */
export const headingsOf = (page: string): readonly string[] =>
  [...page.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, heading = '']) => heading.replaceAll(/<[^>]*>/g, ''));

/** Small, without a script, and asking nobody for anything. */
export function expectOneFile(page: string): void {
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(300 * 1024);
  expect(page).not.toContain('<script');
  expect(page.replaceAll("default-src 'none'", '')).not.toMatch(/https?:|src=|@import|url\(/);
}

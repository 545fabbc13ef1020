import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../infra/package-root.ts';
import { writtenPages } from './pages.ts';

const root = packageRoot();
const pages = writtenPages().map((page) => [page.file, page.text] as const);

/** Paths of the repository in backticks: `test/docs/`, `workers/meters.ts`. */
const PATH = /`((?:activities|clients|docs|examples|infra|scorecards|test|workers|workflows)\/[\w./-]*)`/g;

/** The anchors that a page's headings make. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function brokenLinks(file: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links
    .filter((link) => !/^(https?|mailto):/.test(link))
    .filter((link) => {
      const [target = '', anchor] = link.split('#');
      const absolute = target === '' ? path.join(root, file) : path.resolve(root, path.dirname(file), target);
      return (
        !existsSync(absolute) || (anchor !== undefined && !anchorsOf(readFileSync(absolute, 'utf8')).includes(anchor))
      );
    });
}

describe('every page', () => {
  test.each(pages)('%s links only to what is there', (file, text) => {
    expect(brokenLinks(file, text)).toEqual([]);
  });

  test.each(pages)('%s names only files that are there', (_, text) => {
    const named = [...text.matchAll(PATH)].map(([, name = '']) => name);
    expect(named.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });

  test.each(pages)('%s has no path and no name of one particular machine', (_, text) => {
    expect(
      text.match(
        /(?<![\w.])\/(?:home|root|Users|work|tmp|opt|var|srv|mnt)\/\S*|\blocalhost:\d|\w+\.(?:local|internal|lan)\b/g,
      ),
    ).toBeNull();
  });
});

test('a link to nothing, and to a heading that is not there, is found', () => {
  const planted = '[a](docs/nowhere.md) [b](CHANGELOG.md#nothing) [c](CHANGELOG.md#unreleased)';
  expect(brokenLinks('README.md', planted)).toEqual(['docs/nowhere.md', 'CHANGELOG.md#nothing']);
});

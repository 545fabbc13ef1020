/** Two draws of one id must not depend on each other. */
const SALT = { champion: 0x9e3779b9, challenger: 0x85ebca6b } as const;
const { imul, log } = Math;

/**
 * The arm of one user, the same in every process and at every request: weighted rendezvous hashing, score = -w / ln(u) with u in
 * (0, 1) from a hash of id and arm, and the higher score wins. Who is on the challenger at one percentage stays there at any higher
 * one. At 0 nobody is, at 100 everybody.
 *
 * Source: Schindelhauer and Schomaker, "Weighted distributed hash tables" (SPAA 2005).
 */
export function armOf(id: string, percent: number): 'champion' | 'challenger' {
  if (percent <= 0) return 'champion';
  if (percent >= 100) return 'challenger';
  const challenger = -percent / log(unit(id, SALT.challenger));
  const champion = -(100 - percent) / log(unit(id, SALT.champion));
  return challenger > champion ? 'challenger' : 'champion';
}

/** In (0, 1): FNV-1a over the UTF-16 units (its published constants), then Murmur3's finaliser, which FNV's high bits need. */
function unit(id: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let index = 0; index < id.length; index++) hash = imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

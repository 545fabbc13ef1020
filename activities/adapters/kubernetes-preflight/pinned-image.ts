import { byDigest, DIGEST_PINNED } from '../kubernetes-training/manifest-platform.ts';
import type { PlatformTemplate } from '../kubernetes-training/manifest-platform.ts';

/**
 * Where an image stands by its tag and the platform demands a digest: the line to write, and what tells its digest; nothing
 * for an image that is as it must be. `section` is where in the policy it stands.
 */
export function lineWithDigest({ requireDigests }: PlatformTemplate, section: string, image = ''): string | undefined {
  if (!requireDigests || image === '' || DIGEST_PINNED.test(image)) return undefined;
  return (
    `write the digest that docker buildx imagetools inspect ${image} prints in ${section}, and correct whatever else is ` +
    `named above:\nimage: ${byDigest(image)}`
  );
}

import type { PlatformTemplate } from '../kubernetes-training/manifest-platform.ts';

/** A platform's template that says how servers run. */
export type ServingPlatform = PlatformTemplate & { readonly serving: NonNullable<PlatformTemplate['serving']> };

export function servesModels(platform: PlatformTemplate): platform is ServingPlatform {
  return platform.serving !== undefined;
}

/** `1,204,332`. Written by hand because workflows must not depend on a locale. */
export const counted = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');

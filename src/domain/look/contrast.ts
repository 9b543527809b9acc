import { invalid } from '../error.ts';

/** Whether people can read a colour: WCAG 2.2, 1.4.3. */

/** What stands behind links in each theme: paper and the sunk grounds, as the tokens have them. */
const GROUNDS = { light: ['#ffffff', '#f3f4f7'], dark: ['#101218', '#1b1e27'] } as const;
/** For text; marks need 3. */
export const LEAST = 4.5;

const channel = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) =>
    channel(Number.parseInt(hex.slice(at, at + 2), 16) / 255),
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** From 1 (the same) to 21 (black on white). Colours as `#rrggbb`. */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** A colour for links that can be read in that theme, in small letters. Throws `invalid` with how far it falls short. */
export function readable(field: string, typed: string, theme: 'light' | 'dark'): string {
  const colour = typed.trim().toLowerCase();
  if (!/^#[0-9a-f]{6}$/.test(colour))
    throw invalid(field, 'Write the colour as # and six digits, like #1c4aa0.');
  const worst = Math.min(...GROUNDS[theme].map((ground) => contrast(colour, ground)));
  if (worst >= LEAST) return colour;
  const way = theme === 'light' ? 'darker' : 'lighter';
  throw invalid(
    field,
    `${colour} has a contrast of ${worst.toFixed(1)} on the ${theme} page; words need ${LEAST}. Take a ${way} one.`,
  );
}

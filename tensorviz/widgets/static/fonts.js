// Widths of text by Python's table (render/fonts.py), so that boxes are the same in static and live pictures.

const FONT_EM = 2048;
const MONO_WIDTH = 1233;
const WIDE_LETTER = 2048;
const OTHER_LETTER = 1716;
const WIDE_FROM = 0x1100;
/** @type {Record<string, Map<string, number>>} */
const FONTS = {};
let monoLetters = new Set();

/**
 * Take Python's table.
 * @param {{letters: string, widths: Record<string, number[]>, mono: string}} table a width for each letter, 0 if it has
 *   none;
 * `mono` holds the letters from U+1100 on that are one cell wide in a fixed-width font
 */
export function setFonts({ letters, widths, mono }) {
  const each = [...letters];
  for (const [name, list] of Object.entries(widths)) FONTS[name] = new Map(each.map((letter, i) => [letter, list[i]]));
  monoLetters = new Set(mono);
}

/**
 * Width in pixels of `text` at `size` pixels.
 * @param {string} text
 * @param {number} size
 * @param {"sans"|"bold"|"math"|"mono"} font
 */
export function textWidth(text, size, font = "sans") {
  let total = 0;
  for (const letter of text) {
    const wide = letter.codePointAt(0) >= WIDE_FROM;
    if (font === "mono") total += wide && !monoLetters.has(letter) ? WIDE_LETTER : MONO_WIDTH;
    else total += FONTS[font]?.get(letter) || (wide ? WIDE_LETTER : OTHER_LETTER);
  }
  return (total * size) / FONT_EM;
}

/** The width of a box around `content` pixels: boxes grow in steps of 4. @param {number} content */
export function boxWidth(content) {
  return Math.ceil(content / 4) * 4;
}

// One 12×12 icon for each op family: the shape carries the meaning, the colour repeats it.

/** Path data of strokes, and centres and radii of dots. @type {Record<string, {d?: string, dots?: number[][]}>} */
export const ICONS = {
  elementwise: {
    dots: [
      [2.5, 6, 1.5],
      [6, 6, 1.5],
      [9.5, 6, 1.5],
    ],
  },
  linalg: {
    d: "M2.5 1.5h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM1.5 6h9M6 1.5v9",
  },
  reduction: { d: "M1.5 2H10.5L6 7ZM6 7V11" },
  shape: { d: "M1.5 4V1.5H4M8 10.5H10.5V8M2 2L10 10" },
  state: { d: "M1.5 6A4.5 4.5 0 1 1 10.5 6A4.5 4.5 0 1 1 1.5 6Z", dots: [[6, 6, 1.6]] },
  loop: { d: "M10.2 6A4.2 4.2 0 1 1 8.8 2.9M9.2 .8V3.2H6.8" },
  sparse: {
    dots: [
      [2.5, 2.5, 1.3],
      [9, 4, 1.3],
      [5, 9.5, 1.3],
    ],
  },
  fused: {
    d: "M2.5 1.5H6.5A1 1 0 0 1 7.5 2.5V6.5A1 1 0 0 1 6.5 7.5H2.5A1 1 0 0 1 1.5 6.5V2.5A1 1 0 0 1 2.5 1.5ZM4.5 10.5H10.5V4.5",
  },
  leaf: {},
};

const FAMILY_ROLES = { elementwise: "elem", reduction: "reduce" };

/** The CSS colour of an op family. @param {string} family */
export function familyColour(family) {
  return `var(--tv-${FAMILY_ROLES[family] || (ICONS[family] ? family : "leaf")})`;
}

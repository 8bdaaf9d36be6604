// Numbers and types as the pictures write them: three digits, SI units with a space, real minus signs.

const SI_SMALL = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
];
const SI_BYTES = [
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
  [1, "B"],
];

/** Three significant digits without trailing zeros or an exponent in the ordinary range. @param {number} x */
export function digits(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x < 0 ? "−∞" : "∞";
  const a = Math.abs(x);
  if (a !== 0 && (a < 1e-3 || a >= 1e6)) return x.toExponential(1).replace(".0e", "e").replace("e+", "e").replaceAll("-", "−");
  return (a >= 100 ? String(Math.round(x)) : String(Number(x.toPrecision(3)))).replace("-", "−");
}

function scaled(x, units) {
  for (const [unit, name] of units) if (Math.abs(x) >= unit * 0.9995) return `${digits(x / unit)} ${name}`;
  const [unit, name] = units[units.length - 1];
  return `${digits(x / unit)} ${name}`;
}

/** Seconds: `seconds(2.36e-5)` is "23.6 µs". @param {number} x */
export function seconds(x) {
  return x ? scaled(x, SI_SMALL) : "0 s";
}

/** A share as text: "44 %", "< 1 %". @param {number} share */
export function percent(share) {
  return share > 0 && share < 0.005 ? "< 1 %" : `${Math.round(100 * share)} %`;
}

/** Bytes with powers of 1000: "524 kB". @param {number} x */
export function bytes(x) {
  return scaled(x || 0, SI_BYTES);
}

/** A whole number with thousands separated: "3,312". @param {number} x */
export function count(x) {
  return String(Math.round(x)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "1 node", "3 nodes". @param {number} n @param {string} noun */
export function plural(n, noun) {
  return `${count(n)} ${noun}${n === 1 ? "" : /(s|sh|ch|x)$/.test(noun) ? "es" : "s"}`;
}

/** "−33%", "+5%", "" when it is the same. */
export function change(before, after) {
  if (!before || before === after) return "";
  const parts = Math.round((after / before - 1) * 100);
  return parts === 0 ? "" : `${parts < 0 ? "−" : "+"}${Math.abs(parts)}%`;
}

/** The type of a node as pictures write it: "f32 512×784", "N" for an unknown length. */
export function typeText(node) {
  return `${dtypeText(node.dtype)} ${shapeText(node.shape)}`.trim();
}

/** "float32" is "f32". @param {string} dtype */
export function dtypeText(dtype) {
  return (dtype || "").replace("float", "f").replace("uint", "u").replace("int", "i").replace("complex", "c");
}

/** "512×784"; "scalar" for no axes. @param {(number | null)[]} shape */
export function shapeText(shape) {
  return shape && shape.length ? shape.map((n) => (n === null ? "N" : String(n))).join("×") : "scalar";
}

/** With a capital first letter, if it starts with a word and not with a formula. @param {string} text */
export function sentence(text) {
  return /^(?:[a-z]{2,}[ ,:]|a [a-z]{2,} )/.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
}

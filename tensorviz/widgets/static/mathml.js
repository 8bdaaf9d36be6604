// MathML from a trace, rebuilt from an allow-list: a trace from anywhere must not be able to run anything.

const MATH_NS = "http://www.w3.org/1998/Math/MathML";
const MATH_TAGS = new Set([
  "math",
  "mrow",
  "mi",
  "mn",
  "mo",
  "mtext",
  "mspace",
  "msup",
  "msub",
  "msubsup",
  "mfrac",
  "msqrt",
  "mroot",
  "munder",
  "mover",
  "munderover",
  "mfenced",
  "mtable",
  "mtr",
  "mtd",
  "mstyle",
  "mpadded",
  "mphantom",
  "menclose",
  "ms",
]);
const MATH_ATTRIBUTES = new Set([
  "display",
  "mathvariant",
  "stretchy",
  "form",
  "lspace",
  "rspace",
  "width",
  "height",
  "depth",
  "accent",
  "accentunder",
  "separator",
  "fence",
  "largeop",
  "movablelimits",
  "displaystyle",
  "scriptlevel",
  "linethickness",
  "columnalign",
  "rowspacing",
  "columnspacing",
  "symmetric",
  "minsize",
  "maxsize",
  "notation",
  "dir",
]);
const MATH_STYLE = /^text-align: (left|right|center)$/; // of table cells: not every browser reads columnalign
const MATH_CLASS = /^[a-z][\w -]{0,40}$/;

/**
 * A `math` element made from MathML text; text that is not well-formed XML comes back as plain text.
 * @param {string} text
 * @param {{display?: boolean, fallback?: string}} options
 * @returns {Element | null} null when there is nothing to show
 */
export function mathml(text, { display = false, fallback = "" } = {}) {
  if (!text) return fallback ? plainMath(fallback) : null;
  const source = text.includes("<math") ? text : `<math>${text}</math>`;
  const parsed = new DOMParser().parseFromString(source, "application/xml");
  if (parsed.getElementsByTagName("parsererror").length || parsed.documentElement.localName !== "math")
    return plainMath(fallback || text);
  const element = copyMath(parsed.documentElement, 0);
  if (display) element.setAttribute("display", "block");
  return element;
}

function plainMath(text) {
  const element = document.createElement("span");
  element.className = "tv-mono";
  element.textContent = text;
  return element;
}

/**
 * Both sides of a formula at its arrow, each a `math` element of its own, so that a long one can be written on two lines.
 * @param {Element} element @returns {[Element, Element | null]}
 */
export function sidesOf(element) {
  const arrow = [...element.getElementsByTagNameNS(MATH_NS, "mo")].find((mo) => mo.textContent.trim() === "→");
  if (!arrow || element.localName !== "math") return [element, null];
  const right = document.createElementNS(MATH_NS, "math");
  while (arrow.nextSibling) right.append(arrow.nextSibling);
  arrow.remove();
  return [element, right];
}

/** Copy what is allowed; the children of an unknown element stay, as text, the element itself goes. */
function copyMath(source, depth) {
  const element = document.createElementNS(MATH_NS, source.localName);
  for (const { name, value } of source.attributes) {
    if (MATH_ATTRIBUTES.has(name) && !/[<>:;()]/.test(value)) element.setAttribute(name, value);
    else if (name === "style" && MATH_STYLE.test(value)) element.setAttribute("style", value);
    else if (name === "class" && MATH_CLASS.test(value))
      element.setAttribute(
        "class",
        value
          .split(/\s+/)
          .map((c) => `tv-m-${c}`)
          .join(" "),
      );
  }
  for (const child of source.childNodes) {
    if (child.nodeType === 3) element.append(child.data);
    else if (child.nodeType !== 1) continue;
    else if (MATH_TAGS.has(child.localName) && child.localName !== "math" && depth < 250)
      element.append(copyMath(child, depth + 1));
    else element.append(document.createTextNode(child.textContent));
  }
  return element;
}

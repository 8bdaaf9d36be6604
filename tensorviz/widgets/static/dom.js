// Building elements. Text only ever enters the page as text nodes, so no name can become markup.

const SVG_NS = "http://www.w3.org/2000/svg";

/**
 * Set attributes, properties of style and listeners on an element, and append children.
 * @param {Element} element
 * @param {Record<string, any> | null} attributes `onclick` etc. are listeners, `style` may be an object
 * @param {any[]} children nodes, strings, nested lists; null and false are skipped
 */
function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style" && typeof value === "object")
      for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/** An HTML element: `h("button", {class: "tv-btn", onclick}, "Fit")`. @returns {HTMLElement} */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element, as `h`. @returns {SVGElement} */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG_NS, tag), attributes, children);
}

/** A key cap. */
export function kbd(text) {
  return h("kbd", { class: "tv-kbd" }, text);
}

/** A button; `keys` are shown as a cap after the label. */
export function button(label, onclick, { keys = "", kind = "", title = "", pressed = undefined } = {}) {
  return h(
    "button",
    {
      class: `tv-btn ${kind}`.trim(),
      type: "button",
      onclick,
      title: title || null,
      "aria-pressed": pressed === undefined ? null : String(pressed),
      "aria-keyshortcuts": keys || null,
    },
    label,
    keys ? kbd(keys) : null,
  );
}

/** Buttons of which one is pressed: `options` is a list of [value, label]. */
export function segment(options, current, choose, label) {
  return h(
    "span",
    { class: "tv-seg", role: "group", "aria-label": label },
    options.map(([value, text]) =>
      h(
        "button",
        { type: "button", "data-v": value, "aria-pressed": String(value === current), onclick: () => choose(value) },
        text,
      ),
    ),
  );
}

/** Replace all children of an element. */
export function refill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/** A name that may be broken after its underscores and dots. @param {string} name @returns {any[]} */
export function broken(name) {
  return name.split(/(?<=[_.])/).flatMap((part, i) => (i ? [h("wbr"), part] : [part]));
}

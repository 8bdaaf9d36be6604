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

/**
 * A button; `keys` are shown as a cap after the label. One that is `off` does nothing but keeps the focus; `name` is what it is
 * found by after a redraw, where its label changes.
 */
export function button(label, onclick, { keys = "", kind = "", title = "", pressed = undefined, off = false, name = "" } = {}) {
  return h(
    "button",
    {
      class: `tv-btn ${kind}`.trim(),
      type: "button",
      onclick: off ? null : onclick,
      title: title || null,
      "data-name": name || null,
      "aria-disabled": off ? "true" : null,
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

/** What one control is called, so that its successor can be found after a redraw. @param {Element} element */
function calledBy(element) {
  const given = ["data-name", "data-key", "data-index", "data-v", "data-id", "aria-label"].find((a) => element.hasAttribute(a));
  const words = [...element.childNodes].filter((n) => n.nodeName !== "KBD").map((n) => n.textContent);
  return `${element.tagName} ${given ? element.getAttribute(given) : words.join("").trim()}`;
}

/** The controls below an element that can have the focus. @param {Element} element */
const controlsIn = (element) => [...element.querySelectorAll("button, select, input, a[href], [tabindex]")];

/**
 * Replace all children of an element. Whoever had the keyboard's focus inside keeps it: the same element if it is still there,
 * else the one that is called the same, else the screen, so that its keys go on working.
 */
export function refill(element, ...children) {
  const had = element.contains(document.activeElement) && document.activeElement !== element ? document.activeElement : null;
  const called = had ? calledBy(had) : "",
    place = had ? controlsIn(element).filter((c) => calledBy(c) === called).indexOf(had) : 0;
  element.replaceChildren(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  if (!had || document.activeElement === had) return element;
  const same = controlsIn(element).filter((c) => calledBy(c) === called);
  const next = element.contains(had) ? had : same[Math.min(place, same.length - 1)] || element.closest(".tv");
  next?.focus({ preventScroll: true });
  return element;
}

/** Take an element away; if the focus was inside, the screen has it now. @param {Element} element */
export function remove(element) {
  const root = element.contains(document.activeElement) ? element.closest(".tv") : null;
  element.remove();
  root?.focus({ preventScroll: true });
}

/** Scroll a box sideways, and nothing around it, until a child is in view. @param {Element} box @param {Element | null} child */
export function scrollAcross(box, child) {
  if (!child) return;
  const [outer, inner] = [box.getBoundingClientRect(), child.getBoundingClientRect()];
  if (inner.left < outer.left) box.scrollLeft -= outer.left - inner.left + 8;
  else if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right + 8;
}

/** A name that may be broken after its underscores and dots. @param {string} name @returns {any[]} */
export function broken(name) {
  return name.split(/(?<=[_.])/).flatMap((part, i) => (i ? [h("wbr"), part] : [part]));
}

// What is larger than its place: a formula goes on on the next line, then gets smaller letters down to a floor; what is too large
// even so scrolls, and fades out at each edge beyond which there is more.

const MATH = "http://www.w3.org/1998/Math/MathML";
const BREAKS = new Set(["=", "≠", "≈", "→", "+", "−", "<", ">", "≤", "≥", "∧", "∨", "⊙"]); // operators that a line can start with
const FADE = 28; // pixels
const SIDES = ["left", "right", "top", "bottom"];
const SLACK = 1.5; // pixels that nobody misses

/**
 * The parts of a formula between which a line may end, each a `math` element that starts with its operator.
 * @param {Element} element @returns {Element[]}
 */
export function formulaParts(element) {
  if (element.localName !== "math") return [element];
  let row = element;
  while (row.childElementCount === 1 && row.firstElementChild.localName === "mrow") row = row.firstElementChild;
  const parts = [[]];
  for (const child of [...row.childNodes]) {
    const sign = child.localName === "mo" && BREAKS.has(child.textContent.trim()) && child.getAttribute("form") !== "prefix";
    if (sign && parts.at(-1).length) {
      child.setAttribute("form", "infix");
      parts.push([]);
    }
    parts.at(-1).push(child);
  }
  return parts.map((nodes) => {
    const part = document.createElementNS(MATH, "math");
    part.setAttribute("displaystyle", element.getAttribute("display") === "block" ? "true" : "false");
    part.append(...nodes);
    return part;
  });
}

const tooWide = (box) => box.scrollWidth > box.clientWidth + SLACK;
const tooTall = (box) => box.scrollHeight > box.clientHeight + SLACK;

/** Give the formula in a box the largest letters of `sizes` with which it fits. @returns {boolean} whether it does */
export function shrinkToFit(box, sizes) {
  for (const size of sizes) {
    box.style.setProperty("--tv-formula", `${size}px`);
    if (!tooWide(box) && !tooTall(box)) return true;
  }
  return false;
}

/** Fade out these sides of a box, and no others; `top` pixels of it are under something else. @param {any} box @param {string[]} sides */
export function fadeOut(box, sides, top = 0) {
  for (const side of SIDES) box.style.setProperty(`--tv-${side}`, sides.includes(side) ? `${FADE + (side === "top" ? top : 0)}px` : "0px");
  if (sides.length) box.dataset.more = sides.join(" ");
  else delete box.dataset.more;
}

/** Fade the edges of a box beyond which there is more. @param {HTMLElement} box */
export function fade(box) {
  const across = tooWide(box) ? box.scrollWidth - box.clientWidth : 0,
    down = tooTall(box) ? box.scrollHeight - box.clientHeight : 0;
  const beyond = { left: box.scrollLeft, right: across - box.scrollLeft, top: box.scrollTop, bottom: down - box.scrollTop };
  const sides = SIDES.filter((side) => beyond[side] > SLACK && (/^[lr]/.test(side) ? across : down));
  fadeOut(box, sides);
  if (box.dataset.fades) return;
  box.dataset.fades = "1";
  box.addEventListener("scroll", () => fade(box), { passive: true });
}

/** Goes on fitting what is in some boxes when their size changes. */
export class Room {
  /** @param {HTMLElement[]} boxes @param {() => void} fit */
  constructor(boxes, fit) {
    this.observer = new ResizeObserver(() => fit());
    for (const box of boxes) this.observer.observe(box);
  }

  dispose() {
    this.observer.disconnect();
  }
}

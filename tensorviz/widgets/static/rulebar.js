// The middle of the rewrite stepper: the rule as mathematics with the bindings filled in, and what each variable stood for.
import { broken, h } from "./dom.js";
import { mathml, sidesOf } from "./mathml.js";
import { fade, formulaParts, shrinkToFit } from "./room.js";

const SIZES = [20, 18.5, 17], // pixels of a formula between the name and the bindings
  OWN_ROW = [20, 18.5, 17, 16, 15, 14, 13]; // and on a row of its own

/**
 * Left side, arrow, right side; on two lines where they are long. While the answer is hidden the right side is a question mark.
 * @param {any} event @param {boolean} hiding
 */
export function equation(event, hiding) {
  const [before, after = ""] = event.formula.split("->").map((side) => side.trim());
  const math = mathml(event.filled_mathml) || mathml(event.formula_mathml);
  const [left, right] = math ? sidesOf(math) : [plainSide(before), after ? plainSide(after) : null];
  const answer = hiding ? h("span", { class: "tv-unknown" }, "?") : right;
  return h(
    "div",
    { class: "tv-equation" },
    h("span", { class: "tv-formula-side" }, formulaParts(left)),
    answer
      ? h(
          "span",
          { class: "tv-after-arrow" },
          h("span", { class: "tv-arrow" }, "→"),
          h("span", { class: "tv-formula-side" }, formulaParts(answer)),
        )
      : null,
  );
}

/**
 * Fit the formula of a rule bar: with smaller letters, then on a row of its own; what is too large even so fades out where it
 * goes on. @param {HTMLElement} bar
 */
export function fitRule(bar) {
  const box = bar.querySelector(".tv-equation");
  if (!box) return;
  bar.classList.remove("own-row");
  if (!shrinkToFit(box, SIZES)) {
    bar.classList.add("own-row");
    shrinkToFit(box, OWN_ROW);
  }
  const list = bar.querySelector(".tv-bindings");
  list?.style.setProperty("--tv-beside", `${bar.classList.contains("own-row") ? 0 : box.offsetHeight}px`);
  for (const part of [box, list]) if (part) fade(part);
}

function plainSide(text) {
  return h("span", { class: "tv-mono" }, text);
}

/** What each variable of the rule stood for here. @param {any} event @param {(id: string) => string} nameOf */
export function bindingList(event, nameOf) {
  const rows = event.bindings.map((b) => [
    h("dt", null, b.name),
    h("dd", null, b.text || nameOf(b.id), b.type ? h("span", { class: "tv-dim" }, `  ${b.type}`) : null),
  ]);
  return h("dl", { class: "tv-bindings" }, rows);
}

/** The rule's name, where it belongs, and which rewrites are shown if not all. */
export function ruleName(event, pass, filters) {
  return h(
    "div",
    { class: "tv-rule-name" },
    h("div", { class: "tv-mono tv-name" }, broken(event.rule)),
    h("div", { class: "tv-dim tv-exact" }, [pass?.name, event.exactness].filter(Boolean).join(" · ")),
    filters,
  );
}

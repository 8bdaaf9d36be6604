// What stands below the two graphs of a rewrite: conditions, reason, numeric check, near misses.
import { broken, button, h } from "./dom.js";
import { count, digits, plural } from "./format.js";

const MOST_MISSES = 24;

/** A number of a check as text; what is no number stays as it is. */
function cell(value, whole) {
  if (typeof value !== "number") return String(value ?? "–");
  return whole ? count(value) : digits(value);
}

/** Side conditions, ticked or crossed, and why the rule holds (not while one predicts what it does). */
export function conditionsPanel(event, telling = true) {
  const rows = event.conditions.map((c) => [
    h("span", { class: c.ok ? "tv-ok" : "tv-bad", "aria-label": c.ok ? "holds" : "does not hold" }, c.ok ? "✓" : "✗"),
    h("span", null, c.text, c.why ? h("span", { class: "tv-dim" }, ` ${c.why}`) : null),
  ]);
  return h(
    "div",
    null,
    h("h4", null, "Side conditions"),
    rows.length ? h("div", { class: "tv-conditions" }, rows) : h("p", { class: "tv-dim" }, "None: it holds always."),
    telling && event.why ? [h("h4", null, "Why it holds"), h("p", { class: "tv-why" }, event.why)] : null,
  );
}

/**
 * The table of numeric checks, and the button that asks for them.
 * @param {any} event
 * @param {{checks: any[] | null, note: string, ask: (() => void) | null}} state `note` says why there is nothing to ask, or
 *   what went wrong
 */
export function checksPanel(event, { checks, note, ask }) {
  const rows = checks || event.checks;
  const bad = (value, other) =>
    typeof value === "number" && value > 0 ? "tv-bad" : typeof other === "number" && other > 0 ? "tv-ok" : "";
  const table = rows.length
    ? h(
        "table",
        { class: "tv-table tv-checks" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", null, "drawn from"),
            h("th", { class: "r", title: "relative to the largest value" }, h("span", { class: "tv-largest" }, "largest "), "difference"),
            h("th", { class: "r" }, "NaN, inf before"),
            h("th", { class: "r" }, "after"),
          ),
        ),
        h(
          "tbody",
          null,
          rows.map((row) =>
            h(
              "tr",
              null,
              h("td", null, String(row.drawn ?? "")),
              h("td", { class: "r" }, cell(row.difference, false)),
              h("td", { class: `r ${bad(row.bad_before, 0)}` }, cell(row.bad_before, true)),
              h("td", { class: `r ${bad(row.bad_after, row.bad_before)}` }, cell(row.bad_after, true)),
            ),
          ),
        ),
      )
    : null;
  return h(
    "div",
    null,
    h(
      "h4",
      { class: "tv-with-button" },
      h("span", null, "Numeric check", counted(rows)),
      button(rows.length ? "Run again" : "Run on random inputs", () => ask?.(), {
        kind: ask ? "link" : "link off",
        name: "check",
      }),
    ),
    table,
    table
      ? precision(rows)
      : h("p", { class: "tv-dim" }, "Both sides are run on the same inputs; nothing has been run for this rewrite."),
    note ? h("p", { class: "tv-dim tv-check-note", role: "status" }, note) : null,
  );
}

const worst = (rows, name) => Math.max(-1, ...rows.map((row) => (typeof row[name] === "number" ? row[name] : -1)));

/** How many values were compared. */
function counted(rows) {
  const values = worst(rows, "values");
  return values > 0 ? h("span", { class: "tv-dim" }, ` ${plural(values, "value")} a row`) : null;
}

/** How far each side is from the result in a wider float. */
function precision(rows) {
  const [before, after] = [worst(rows, "error_before"), worst(rows, "error_after")];
  const words = `Against a wider float the new side is off by at most ${digits(after)}, the old one by ${digits(before)}.`;
  return before >= 0 && after >= 0 ? h("p", { class: "tv-dim tv-check-note" }, words) : null;
}

/**
 * Rules whose left side matched but that did not fire: at this rewrite, and at the nodes around it wherever else there was one.
 * @param {import("./trace.js").Trace} trace @param {any} event @param {Set<string>} around ids of the nodes around
 */
export function missesNear(trace, event, around) {
  const found = new Map();
  const add = (miss, pass) => {
    const key = `${miss.rule}|${miss.node}`;
    if (!found.has(key)) found.set(key, { ...miss, pass });
  };
  for (const miss of event.near_misses) add(miss, "");
  trace.events.forEach((other, i) => {
    for (const miss of other.near_misses)
      if (other !== event && around.has(miss.node)) add(miss, trace.passes[trace.passOf(i)]?.name || "");
  });
  return [...found.values()];
}

/** The near misses, each with the condition that did not hold. @param {any[]} misses as `missesNear` gives them */
export function missesPanel(misses, nameOf, select) {
  const more = misses.length - MOST_MISSES;
  return h(
    "div",
    null,
    h("h4", null, "Near misses here"),
    misses.length
      ? misses
          .slice(0, MOST_MISSES)
          .map((miss) =>
            h(
              "div",
              { class: "tv-miss" },
              h("span", { class: "tv-mono tv-strong" }, broken(miss.rule)),
              " ",
              button(`at ${nameOf(miss.node)}`, () => select(miss.node), { kind: "link plain" }),
              miss.pass ? h("span", { class: "tv-dim" }, `, in ${miss.pass}`) : null,
              failedCondition(miss.why),
            ),
          )
      : h("p", { class: "tv-dim" }, "No other rule came close here."),
    more > 0 ? h("p", { class: "tv-dim tv-miss" }, `and ${plural(more, "more near miss")}`) : null,
  );
}

/** "not x is finite: it is infinite" as a crossed condition and its reason; other words as they are. */
function failedCondition(why) {
  const [, condition, reason] = /^not (.+?)(?:: (.*))?$/s.exec(why) || [];
  if (!condition) return h("div", null, why);
  return h(
    "div",
    { class: "tv-conditions" },
    h("span", { class: "tv-bad", "aria-label": "does not hold" }, "✗"),
    h("span", null, condition, reason ? h("span", { class: "tv-dim" }, ` ${reason}`) : null),
  );
}

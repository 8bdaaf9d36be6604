// The frame of every screen: head, body, foot, search, help, keys, theme. A screen fills it and says which keys it knows.
import { button, h, kbd, refill, remove, s } from "./dom.js";
import { ExportMenu } from "./export.js";
import { move } from "./gestures.js";
import { Search } from "./search.js";
import { Session } from "./session.js";
import { followTheme } from "./theme.js";
import { Trace } from "./trace.js";

/**
 * @typedef {{
 *   keys?: Record<string, (event: KeyboardEvent) => void>, keyup?: Record<string, () => void>, help?: [string[], string][],
 *   find?: (query: string) => any[], fit?: () => void, clear?: () => void, theme?: () => void, dispose?: () => void,
 *   list?: () => any[], listName?: string, beside?: HTMLElement, graphs?: () => import("./graph.js").GraphView[],
 *   tidy?: () => void,
 * }} View `list` floats over what is `beside` it; `graphs` are those that + - and the arrows move, and that are copied
 * @typedef {{title: string, find: string, label?: string, make: (shell: Shell, session: Session) => View}} Screen
 */

const MOST_ITEMS = 3000; // of the list

const COMMON_HELP = [
  [["/"], "find by op, name, rule or source line"],
  [["f"], "fit the graph"],
  [["x"], "copy the graph: SVG, PNG, DOT, JSON"],
  [["←", "↑", "→", "↓"], "walk along edges"],
  [["+", "−"], "zoom; or Ctrl and the wheel"],
  [["l"], "nodes as a list"],
  [["Esc"], "clear the selection"],
  [["?"], "this help"],
];

/** The mark in the head. */
function mark() {
  const dot = (x, y, open) =>
    s("circle", {
      cx: x,
      cy: y,
      r: 2.3,
      fill: open ? "var(--tv-bg)" : "var(--tv-accent)",
      stroke: open ? "var(--tv-accent)" : null,
      "stroke-width": 1.6,
    });
  return s(
    "svg",
    { class: "tv-mark", viewBox: "0 0 18 18", "aria-hidden": "true" },
    s("path", { d: "M4 4 L9 9 L4 14 M9 9 H15", fill: "none", stroke: "var(--tv-accent)", "stroke-width": 1.6 }),
    dot(4, 4),
    dot(4, 14),
    dot(9, 9, true),
    dot(15, 9),
  );
}

export class Shell {
  /** @param {HTMLElement} root @param {Session} session @param {Record<string, Screen>} screens */
  constructor(root, session, screens) {
    this.root = root;
    this.session = session;
    this.screens = screens;
    /** @type {View} */
    this.view = {};
    this.title = h("span", { class: "tv-title" });
    this.of = h("span", { class: "tv-of" });
    this.own = h("span", { class: "tv-own" });
    this.controls = h("span", { class: "tv-controls" }, this.own);
    this.body = h("div", { class: "tv-body" });
    this.foot = h("div", { class: "tv-foot" });
    this.live = h("div", { class: "tv-live", "aria-live": "polite" });
    this.head = h("div", { class: "tv-head" }, mark(), this.title, this.of, h("span", { class: "tv-grow" }), this.controls);
    root.append(this.head, this.body, this.foot, this.live);
    root.addEventListener("keydown", (event) => this.keydown(event));
    root.addEventListener("keyup", (event) => this.view.keyup?.[event.key]?.());
    // a key that is held is let go of elsewhere when the focus leaves: nobody would say so
    root.addEventListener("focusout", (event) => root.contains(/** @type {any} */ (event.relatedTarget)) || this.release());
    this.away = new AbortController();
    window.addEventListener("blur", () => this.release(), { signal: this.away.signal });
  }

  release() {
    for (const up of Object.values(this.view.keyup || {})) up();
  }

  /** Show a screen by name, removing all that the one before it left. @param {string} name */
  show(name) {
    const screen = this.screens[name] || Object.values(this.screens)[0];
    this.view.dispose?.();
    this.session.forget(this.mark || 0);
    for (const element of this.root.querySelectorAll(".tv-float")) remove(element);
    this.title.textContent = screen.title;
    this.crumbs([]);
    refill(this.controls, this.own);
    refill(this.own);
    refill(this.body);
    refill(this.foot);
    this.search = new Search(this.root, (query) => this.view.find?.(query) || [], screen.find, screen.label);
    this.exports = new ExportMenu(this);
    this.controls.append(this.search.element, button("Fit", () => this.view.fit?.(), { keys: "f", kind: "quiet" }));
    this.root.dataset.screen = name;
    this.view = screen.make(this, this.session);
  }

  /** Put the controls of a screen into the head, before search and fit. */
  setControls(...items) {
    refill(this.own, items);
  }

  /** The function, then the groups one is in: "step(x, y) › loss". @param {string[]} path */
  crumbs(path) {
    const { trace } = this.session;
    refill(
      this.of,
      h("bdi", null, trace.signature || trace.name),
      path.map((part) => [h("span", { class: "tv-crumb", "aria-hidden": "true" }, "›"), h("bdi", null, part)]),
    );
  }

  /** The foot: `notes` left, then keys with their words, `more` right. @param {any[]} notes @param {[string[], string][]} keys */
  setFoot(notes, keys, more = null) {
    refill(
      this.foot,
      notes.map((note) => h("span", { class: "tv-footnote" }, note)),
      keys.map(([caps, text]) =>
        h(
          "span",
          { class: `tv-hint ${caps[0] === "?" ? "" : "minor"}` },
          caps.map((cap) => [kbd(cap), " "]),
          text,
        ),
      ),
      h("span", { class: "tv-grow" }),
      more,
      this.exports.button,
    );
  }

  /** Say something to screen readers. @param {string} text */
  say(text) {
    this.live.textContent = text;
  }

  toggle(className, make) {
    const open = this.root.querySelector(`.${className}`);
    if (open) return remove(open);
    this.root.append(make());
  }

  toggleHelp() {
    const rows = [...(this.view.help || []), ...COMMON_HELP];
    this.toggle("tv-help", () =>
      h(
        "div",
        { class: "tv-float tv-help", role: "region", "aria-label": "Keys" },
        h("h4", null, "Keys"),
        h(
          "dl",
          null,
          rows.map(([keys, text]) => [
            h(
              "dt",
              null,
              keys.map((k) => [kbd(k), " "]),
            ),
            h("dd", null, text),
          ]),
        ),
      ),
    );
  }

  /** The nodes (or what else the screen lists) in words, beside the graph and not over what is above it. */
  toggleList() {
    const words = this.view.listName || "Nodes";
    const item = ({ id, label, go }) =>
      h(
        "li",
        {
          role: "option",
          tabindex: 0,
          "data-id": id,
          "aria-selected": String(this.session.selected.includes(id)),
          onclick: go,
          onkeydown: (event) => this.onItem(event, go),
        },
        label,
      );
    const items = () => (this.view.list?.() || []).slice(0, MOST_ITEMS).map(item),
      open = () => h("ul", { role: "listbox", "aria-label": words }, items());
    const top = (this.view.beside || this.body).getBoundingClientRect().top - this.body.getBoundingClientRect().top;
    this.toggle("tv-list", () =>
      h("div", { class: "tv-float tv-list", role: "region", "aria-label": words, style: { top: `${top}px` } }, open()),
    );
    const list = this.root.querySelector(":scope > .tv-list");
    if (!list) return;
    this.body.append(list);
    const first = list.querySelector("[aria-selected=true]") || list.querySelector("li");
    first?.focus({ preventScroll: true });
  }

  /** Enter goes to an item of the list, the arrows walk along it. */
  onItem(event, go) {
    const next = { ArrowDown: event.target.nextElementSibling, ArrowUp: event.target.previousElementSibling }[event.key];
    if (event.key === "Enter") go();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") next?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event */
  keydown(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const choosing = target.tagName === "SELECT" && !["[", "]", "/", "?", "Escape"].includes(event.key),
      typing = choosing || /^(INPUT|TEXTAREA)$/.test(target.tagName); // the other keys are those of the list of choices
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = target.tagName === "BUTTON" && (event.key === " " || event.key === "Enter"),
      chosen = event.key === "Enter" && target.matches("[aria-current], .tv-seg [aria-pressed=true]"); // Enter does nothing to it
    const action = onButton && !chosen ? null : this.actionOf(event.key);
    event.stopPropagation();
    if (!action) return;
    event.preventDefault();
    action(event);
  }

  actionOf(key) {
    const common = {
      "/": () => this.search.focus(),
      "?": () => this.toggleHelp(),
      f: () => this.view.fit?.(),
      l: () => this.toggleList(),
      x: () => this.exports.toggle(),
      t: () => this.view.tidy?.(),
      Escape: () => this.escape(),
    };
    const [graph] = this.view.graphs?.() || [];
    const moves = graph && /^(Arrow|[+=-]$)/.test(key) ? () => move(graph, key) : null;
    return this.view.keys?.[key] || common[key] || moves;
  }

  escape() {
    const open = [...this.root.querySelectorAll(".tv-help, .tv-list, .tv-copies")];
    if (open.length) return open.forEach((element) => remove(element));
    this.view.clear?.();
  }
}

/**
 * Draw a widget: the `render` of every screen's module.
 * @param {{model: any, el: HTMLElement}} context @param {Record<string, Screen>} screens
 * @returns {() => void} what removes every listener
 */
export function mount({ model, el }, screens) {
  const root = h("div", {
    class: "tv",
    tabindex: -1,
    "data-lm-suppress-shortcuts": "true",
    role: "group",
    "aria-label": "tensorviz",
  });
  let shell = null,
    session = null,
    gone = false;
  const unfollow = followTheme(root, () => shell?.view.theme?.());
  el.append(root);
  const start = async () => {
    const trace = await Trace.decode(model.get("trace"));
    if (gone) return;
    session = new Session(model, trace);
    shell = new Shell(root, session, screens);
    const show = () => shell.show(session.get("screen"));
    session.on(["screen"], show);
    shell.mark = session.listeners.length;
    show();
    root.dataset.ready = "1";
  };
  start().catch((error) => {
    root.append(h("div", { class: "tv-empty", role: "alert" }, `The trace can't be shown. ${error.message}`));
    root.dataset.ready = "0";
    console.error(error);
  });
  return () => {
    gone = true;
    unfollow();
    shell?.away.abort();
    shell?.view.dispose?.();
    session?.forget();
    root.remove();
  };
}

// The frame of every screen: head, body, foot, search, help, keys, theme. A screen fills it and says which keys it knows.
import { button, h, kbd, refill, s } from "./dom.js";
import { Search } from "./search.js";
import { Session } from "./session.js";
import { followTheme } from "./theme.js";
import { Trace } from "./trace.js";

/**
 * @typedef {{
 *   keys?: Record<string, (event: KeyboardEvent) => void>, keyup?: Record<string, () => void>, help?: [string[], string][],
 *   find?: (query: string) => any[], fit?: () => void, clear?: () => void, theme?: () => void, dispose?: () => void, list?:
 * () => any[],
 * }} View
 * @typedef {{title: string, find: string, make: (shell: Shell, session: Session) => View}} Screen
 */

const COMMON_HELP = [
  [["/"], "find by op, name, rule or source line"],
  [["f"], "fit the graph"],
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
    this.controls = h("span", { class: "tv-controls" });
    this.body = h("div", { class: "tv-body" });
    this.foot = h("div", { class: "tv-foot" });
    this.live = h("div", { class: "tv-live", "aria-live": "polite" });
    this.head = h("div", { class: "tv-head" }, mark(), this.title, this.of, h("span", { class: "tv-grow" }), this.controls);
    root.append(this.head, this.body, this.foot, this.live);
    root.addEventListener("keydown", (event) => this.keydown(event));
    root.addEventListener("keyup", (event) => this.view.keyup?.[event.key]?.());
  }

  /** Show a screen by name, removing all that the one before it left. @param {string} name */
  show(name) {
    const screen = this.screens[name] || Object.values(this.screens)[0];
    this.view.dispose?.();
    this.session.forget(this.mark || 0);
    for (const element of this.root.querySelectorAll(":scope > .tv-float")) element.remove();
    this.title.textContent = screen.title;
    refill(this.of, h("bdi", null, this.session.trace.signature || this.session.trace.name));
    refill(this.controls);
    refill(this.body);
    refill(this.foot);
    this.search = new Search(this.root, (query) => this.view.find?.(query) || [], screen.find);
    this.root.dataset.screen = name;
    this.view = screen.make(this, this.session);
  }

  /** Put the controls of a screen into the head; search and fit follow them. */
  setControls(...items) {
    refill(
      this.controls,
      items,
      this.search.element,
      this.view.fit === null ? null : button("Fit", () => this.view.fit?.(), { keys: "f", kind: "quiet" }),
    );
  }

  /** The foot: `notes` left, then keys with their words. @param {any[]} notes @param {[string[], string][]} keys */
  setFoot(notes, keys) {
    refill(
      this.foot,
      notes.map((note) => h("span", { class: "tv-footnote" }, note)),
      keys.map(([caps, text]) =>
        h(
          "span",
          null,
          caps.map((cap) => [kbd(cap), " "]),
          text,
        ),
      ),
      h("span", { class: "tv-grow" }),
    );
  }

  /** Say something to screen readers. @param {string} text */
  say(text) {
    this.live.textContent = text;
  }

  toggle(className, make) {
    const open = this.root.querySelector(`.${className}`);
    if (open) return open.remove();
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

  toggleList() {
    this.toggle("tv-list", () =>
      h(
        "div",
        { class: "tv-float tv-list", role: "region", "aria-label": "Nodes" },
        h(
          "ul",
          { role: "listbox", "aria-label": "Nodes" },
          (this.view.list?.() || []).slice(0, 3000).map((item) =>
            h(
              "li",
              {
                role: "option",
                tabindex: 0,
                "data-id": item.id,
                "aria-selected": String(this.session.selected.includes(item.id)),
                onclick: item.go,
                onkeydown: (event) => {
                  if (event.key === "Enter") item.go();
                },
              },
              item.label,
            ),
          ),
        ),
      ),
    );
    this.body.append(...this.root.querySelectorAll(":scope > .tv-list"));
  }

  /** @param {KeyboardEvent} event */
  keydown(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = target.tagName === "BUTTON" && (event.key === " " || event.key === "Enter");
    const action = onButton ? null : this.actionOf(event.key);
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
      Escape: () => this.escape(),
    };
    return this.view.keys?.[key] || common[key];
  }

  escape() {
    const open = [...this.root.querySelectorAll(".tv-help, .tv-list")];
    if (open.length) return open.forEach((element) => element.remove());
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
    shell?.view.dispose?.();
    session?.forget();
    root.remove();
  };
}

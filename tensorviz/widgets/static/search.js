// The search field of every screen: plain words or a regular expression, results by arrow keys or mouse.
import { h, kbd, refill } from "./dom.js";
import { count } from "./format.js";

const MOST_RESULTS = 60;

/** A test for a query: a regular expression where it is one, else the words as they stand. @param {string} query */
export function matcher(query) {
  const words = query.toLowerCase();
  let pattern = null;
  try {
    if (/[\\^$.*+?()[\]{}|]/.test(query)) pattern = new RegExp(query, "i");
  } catch {
    pattern = null;
  }
  return (text) => text.toLowerCase().includes(words) || (pattern !== null && pattern.test(text));
}

/** What of a node can be found: id, op, name, value, rule, user's line. */
export function searchText(trace, node) {
  const lines = trace.originsOf(node).map((o) => `${o.file}:${o.line} ${o.text} ${o.function}`);
  return [node.id, node.op, node.name, node.param, node.value, node.made_by, ...(node.group || []), ...lines]
    .filter(Boolean)
    .join(" ");
}

export class Search {
  /**
   * @param {HTMLElement} host where the list of results floats
   * @param {(query: string) => {id: string, label: string, detail: string, go: () => void}[]} find
   * @param {string} placeholder @param {string} label in full, for readers of the screen
   */
  constructor(host, find, placeholder, label = placeholder) {
    this.find = find;
    this.results = [];
    this.current = 0;
    this.list = h("ul", { class: "tv-float tv-results", role: "listbox", "aria-label": "Found" });
    this.list.hidden = true;
    this.badge = kbd("/");
    this.input = h("input", {
      type: "text",
      placeholder,
      "aria-label": label,
      title: label,
      autocomplete: "off",
      spellcheck: "false",
      role: "combobox",
      "aria-expanded": "false",
      oninput: () => this.update(),
      onkeydown: (event) => this.onkey(event),
      onblur: () => setTimeout(() => this.close(), 150),
    });
    this.element = h("span", { class: "tv-search" }, this.input, this.badge);
    host.append(this.list);
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }

  update() {
    const query = this.input.value.trim();
    this.results = query ? this.find(query) : [];
    this.current = 0;
    this.badge.className = query ? "tv-found" : "tv-kbd";
    this.badge.textContent = query ? `${count(this.results.length)} found` : "/";
    this.draw();
  }

  draw() {
    this.list.hidden = !this.input.value.trim();
    const field = this.input.getBoundingClientRect(),
      screen = this.list.parentElement.getBoundingClientRect();
    this.list.style.top = `${field.bottom - screen.top + 3}px`;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    const shown = this.results.slice(0, MOST_RESULTS);
    refill(
      this.list,
      shown.map((result, i) =>
        h(
          "li",
          {
            role: "option",
            "aria-selected": String(i === this.current),
            "data-id": result.id,
            onpointerdown: (event) => {
              event.preventDefault();
              this.go(i);
            },
          },
          h("b", null, result.label),
          h("span", { class: "tv-mono", title: result.detail }, result.detail),
        ),
      ),
    );
    if (!shown.length) this.list.append(h("li", { class: "tv-dim" }, "Nothing found"));
    if (this.results.length > MOST_RESULTS)
      this.list.append(h("li", { class: "tv-dim" }, `${count(this.results.length - MOST_RESULTS)} more: type on`));
    this.list.children[this.current]?.scrollIntoView({ block: "nearest" });
  }

  /** Go to a result; the keys belong to the graph then, not to the field. */
  go(i) {
    const result = this.results[i];
    this.close();
    if (!result) return;
    this.element.closest(".tv")?.focus({ preventScroll: true });
    result.go();
  }

  onkey(event) {
    event.stopPropagation();
    if (event.key === "Escape") {
      this.input.value = "";
      this.update();
      this.element.closest(".tv")?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const n = Math.min(this.results.length, MOST_RESULTS);
      if (n) this.current = (this.current + (event.key === "ArrowDown" ? 1 : n - 1)) % n;
      this.draw();
    } else if (event.key === "Enter") {
      this.go(this.current);
    }
  }
}

// What a node is and where it was written, in a small card beside it while the mouse rests on it.
import { h, refill } from "./dom.js";

const REST_MS = 260;

export class Tip {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.element = h("div", { class: "tv-tip", "aria-hidden": "true" });
  }

  /** Show lines of words below (or above) an element, once the mouse rests. @param {Element} beside @param {any[]} lines */
  over(beside, lines) {
    this.gone();
    this.timer = setTimeout(() => this.show(beside, lines), REST_MS);
  }

  show(beside, lines) {
    if (!beside.isConnected) return;
    const [outer, box] = [this.host.getBoundingClientRect(), beside.getBoundingClientRect()];
    refill(
      this.element,
      lines.map((line, i) => h("div", { class: i ? "tv-mono" : "tv-tip-title" }, line)),
    );
    this.host.append(this.element);
    const { offsetWidth: w, offsetHeight: tall } = this.element,
      below = box.bottom - outer.top + 8;
    const x = Math.max(4, Math.min(outer.width - w - 4, (box.left + box.right) / 2 - outer.left - w / 2));
    const y = below + tall < outer.height ? below : Math.max(4, box.top - outer.top - tall - 10);
    this.element.style.transform = `translate(${x}px,${y}px)`;
  }

  gone() {
    clearTimeout(this.timer);
    this.element.remove();
  }
}

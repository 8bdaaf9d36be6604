// The graph view of every screen: SVG with culling, a canvas when one looks at thousands of nodes from afar, pan, zoom,
// selection, keys. It draws a drawing (boxes with places, edges with points) and knows nothing of traces.
import { h, s } from "./dom.js";
import { Overview } from "./overview.js";
import { isLeaf, wordsOf } from "./figures.js";
import { textWidth } from "./fonts.js";
import { arrowPath, edgeClass, edgePath, figureClass, figureLook, figureParts, figureStyle } from "./shapes.js";
import { reducedMotion } from "./theme.js";
import {
  boxAt,
  boxFrame,
  edgeFrame,
  fitCamera,
  framesAround,
  neighbourBox,
  overlap,
  within,
  worldView,
  zoomAt,
} from "./viewport.js";

const DRAW_ALL = 350; // up to here nothing is culled, so that a screen reader finds every node
const CANVAS_FROM = 2000; // boxes from which the far view is a canvas
const CANVAS_SCALE = 0.45;
const READABLE = 0.62; // a first view is not smaller than this, but for small graphs that fit
const MOVE_MS = 250;
const MOST = 1.15; // the largest scale of a first view

/**
 * @typedef {{boxes: import("./figures.js").Figure[], edges: import("./drawing.js").Link[], frame: number[], notes?: any[],
 *   focus?: string[], about?: number[] | null}} Picture
 */

export class GraphView {
  /**
   * @param {{onselect: (id: string | null) => void, onopen?: (id: string) => void, label?: string, onmove?: (camera: any) =>
   *   void, most?: number}} options
   */
  constructor(options) {
    this.options = options;
    this.camera = { x: 0, y: 0, k: 1 };
    this.touched = false;
    /** @type {Picture} */
    this.drawing = { boxes: [], edges: [], frame: [0, 0, 0, 0] };
    this.nodes = new Map();
    this.edges = new Map();
    this.selected = [];
    this.edgeLayer = s("g");
    this.nodeLayer = s("g");
    this.noteLayer = s("g", { "aria-hidden": "true" });
    this.world = s("g", { class: "tv-world" }, this.edgeLayer, this.noteLayer, this.nodeLayer);
    this.svg = s("svg", { class: "tv-svg", role: "list", "aria-label": options.label || "Graph" }, this.world);
    this.element = h("div", { class: "tv-graph" }, this.svg);
    this.overview = new Overview(this);
    this.listen();
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.element);
  }

  dispose() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frameRequest);
  }

  get width() {
    return this.element.clientWidth || 800;
  }
  get height() {
    return this.element.clientHeight || 460;
  }

  /** Draw; what stays moves, what is new fades in. @param {Picture} drawing */
  show(drawing, { animate = true, keep = false } = {}) {
    this.drawing = drawing;
    this.byKey = new Map(drawing.boxes.map((b) => [b.key, b]));
    this.frames = new Map(drawing.edges.map((e) => [e.key, edgeFrame(e)]));
    this.svg.classList.toggle("still", !animate || reducedMotion());
    if (!keep && !this.mayStay()) this.home();
    this.world.classList.toggle("tv-glide", animate && !reducedMotion());
    setTimeout(() => this.world.classList.remove("tv-glide"), MOVE_MS);
    this.overview.changed();
    this.noteLayer.replaceChildren(
      ...(drawing.notes || []).flatMap(({ text, x, y }) => {
        const w = textWidth(text, 10.5, "mono") + 6;
        return [
          s("rect", { class: "tv-elabbg", x: x + 4, y: y + 2, width: w, height: 14, rx: 3 }),
          s("text", { class: "tv-elab", x: x + 4 + w / 2, y: y + 12.5 }, text),
        ];
      }),
    );
    this.sync();
  }

  /** Whether one can go on looking from the same place: then nothing moves but what the drawing moves. */
  mayStay() {
    const view = worldView(this.camera, this.width, this.height),
      focus = this.focusBoxes(),
      about = this.drawing.about || framesAround(focus) || this.drawing.frame;
    if (this.touched) return overlap(about, view);
    const all = fitCamera(this.drawing.frame, this.width, this.height, { most: this.options.most || MOST });
    if (all.k < READABLE) return this.settled && within(about, view);
    return this.settled && within(this.drawing.frame, view) && this.camera.k > 0.9 * all.k;
  }

  focusBoxes() {
    const focus = new Set(this.drawing.focus || []);
    return this.drawing.boxes.filter((b) => focus.has(b.id));
  }

  /** The first view: all of it if it can be read, else what it is about. */
  home() {
    this.settled = true;
    const options = { most: this.options.most || MOST };
    const all = fitCamera(this.drawing.frame, this.width, this.height, options);
    const about = this.drawing.about || framesAround(this.focusBoxes());
    this.camera = all.k >= READABLE ? all : fitCamera(about || this.drawing.frame, this.width, this.height, { most: 1 });
    if (this.camera.k < READABLE) this.camera = this.start(about);
    this.touched = false;
  }

  /** A view as small as can be read, from the top of what the drawing is about downwards. @param {number[] | null} about */
  start(about) {
    const { boxes, frame } = this.drawing,
      first = (a, b) => (b.y < a.y || (b.y === a.y && b.x < a.x) ? b : a),
      ops = boxes.filter((b) => !isLeaf(b.kind));
    const narrow = about && (about[2] - about[0]) * READABLE < this.width,
      box = narrow ? null : (ops.length ? ops : boxes).reduce(first),
      at = this.centred(box ? boxFrame(box) : about, READABLE);
    return { ...at, y: 14 - (about || frame)[1] * READABLE };
  }

  centred(frame, k) {
    const x = (frame[0] + frame[2]) / 2,
      y = (frame[1] + frame[3]) / 2;
    return { k, x: this.width / 2 - x * k, y: this.height / 2 - y * k };
  }

  /** All of it, however small. */
  fit() {
    this.camera = fitCamera(this.drawing.frame, this.width, this.height, { most: this.options.most || MOST });
    this.touched = false;
    this.sync();
  }

  resized() {
    if (!this.drawing.boxes.length) return;
    if (!this.touched) this.home();
    this.svg.classList.add("still");
    this.sync();
  }

  /** @param {any} camera */
  moveTo(camera, touched = true) {
    this.world.classList.remove("tv-glide");
    this.camera = camera;
    this.touched = touched;
    if (this.frameRequest) return;
    this.frameRequest = requestAnimationFrame(() => {
      this.frameRequest = 0;
      this.sync();
    });
  }

  /** Pan as little as needed to bring a node into view. @param {string} id */
  reveal(id) {
    const box = this.drawing.boxes.find((b) => !b.pale && b.members.includes(id)) || this.drawing.boxes.find((b) => b.id === id);
    if (!box) return;
    const [left, top, right, bottom] = worldView(this.camera, this.width, this.height, -24),
      k = Math.max(this.camera.k, 0.6);
    const inside =
      box.x - box.w / 2 >= left && box.x + box.w / 2 <= right && box.y - box.h / 2 >= top && box.y + box.h / 2 <= bottom;
    if (!inside || k !== this.camera.k) this.moveTo(this.centred(boxFrame(box), k));
  }

  /** Bring the page's elements in line with the drawing and the camera. */
  sync() {
    const { camera, drawing } = this;
    this.world.style.transform = `translate(${camera.x}px,${camera.y}px) scale(${camera.k})`;
    this.svg.classList.toggle("far", camera.k < 0.7 && drawing.boxes.length > 50);
    this.svg.classList.toggle("farther", camera.k < 0.4 && drawing.boxes.length > 50);
    const far = drawing.boxes.length > CANVAS_FROM && camera.k < CANVAS_SCALE;
    const view = drawing.boxes.length <= DRAW_ALL ? null : worldView(camera, this.width, this.height, 60);
    const boxes = far ? [] : view ? drawing.boxes.filter((b) => overlap(boxFrame(b), view)) : drawing.boxes;
    const edges = far ? [] : view ? drawing.edges.filter((e) => overlap(this.frames.get(e.key), view)) : drawing.edges;
    this.overview.draw(far);
    this.syncEdges(edges);
    this.syncNodes(boxes);
    this.options.onmove?.(camera);
  }

  syncEdges(edges) {
    const fresh = this.edges.size > 0,
      wanted = new Set(edges.map((e) => e.key));
    for (const [key, parts] of this.edges) if (!wanted.has(key)) this.remove(this.edges, key, parts);
    for (const edge of edges) {
      let parts = this.edges.get(edge.key);
      if (!parts) {
        parts = [s("path", { "data-from": edge.source, "data-to": edge.target }), s("path")];
        this.edges.set(edge.key, parts);
        this.edgeLayer.append(...parts);
        if (fresh) this.enter(parts);
      }
      const classes = edgeClass(edge);
      parts[0].setAttribute("class", `tv-e w${edge.width} ${classes} ${parts.entering ? "tv-enter" : ""}`);
      parts[1].setAttribute("class", `tv-ah ${classes} ${parts.entering ? "tv-enter" : ""}`);
      parts[0].setAttribute("d", edgePath(edge.points));
      parts[1].setAttribute("d", arrowPath(edge.points));
    }
  }

  syncNodes(boxes) {
    const fresh = this.nodes.size > 0,
      wanted = new Set(boxes.map((b) => b.key));
    for (const [key, node] of this.nodes) if (!wanted.has(key)) this.remove(this.nodes, key, [node.element]);
    for (const box of boxes) {
      let node = this.nodes.get(box.key);
      if (!node) {
        const element = s("g", { "data-id": box.id, "data-key": box.key, tabindex: 0, role: "listitem" });
        node = { element, look: "" };
        this.nodes.set(box.key, node);
        this.nodeLayer.append(element);
        if (fresh) this.enter([element]);
      }
      const look = figureLook(box);
      if (node.look !== look) {
        node.element.replaceChildren(...figureParts(box));
        node.look = look;
      }
      const entering = node.element.classList.contains("tv-enter") ? "tv-enter" : "";
      node.element.setAttribute("class", `${figureClass(box)} ${this.isSelected(box) ? "sel" : ""} ${entering}`);
      node.element.setAttribute("style", figureStyle(box));
      node.element.setAttribute("aria-label", wordsOf(box));
    }
  }

  /** Fade in after the others have moved. */
  enter(parts) {
    if (this.svg.classList.contains("still")) return;
    parts.entering = true;
    for (const part of parts) part.classList.add("tv-enter");
    setTimeout(() => {
      parts.entering = false;
      for (const part of parts) part.classList.remove("tv-enter");
    }, MOVE_MS / 2);
  }

  /** Fade out where it stood. */
  remove(map, key, parts) {
    map.delete(key);
    if (this.svg.classList.contains("still")) return parts.forEach((part) => part.remove());
    for (const part of parts) {
      part.classList.add("tv-enter");
      part.removeAttribute("data-id");
      part.removeAttribute("tabindex");
      setTimeout(() => part.remove(), MOVE_MS);
    }
  }

  /** Whether a figure is selected, or a group holds what is. */
  isSelected(box) {
    return Boolean(box) && this.selected.length > 0 && box.members.some((id) => this.selected.includes(id));
  }

  /** Show the ring on nodes. @param {string[]} ids */
  select(ids) {
    this.selected = ids;
    for (const [key, node] of this.nodes) node.element.classList.toggle("sel", this.isSelected(this.byKey.get(key)));
    this.overview.draw(this.overview.on);
  }

  /** Move the keyboard's focus to a box, bringing it into view. */
  focus(box) {
    this.reveal(box.id);
    this.sync();
    this.nodes.get(box.key)?.element.focus({ preventScroll: true });
  }

  listen() {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => this.press(event));
    element.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.moveTo(zoomAt(this.camera, Math.exp(-event.deltaY * 0.0022), event.offsetX, event.offsetY));
      },
      { passive: false },
    );
    element.addEventListener("pointerover", (event) => this.hover(event.target.closest?.(".tv-node")));
    element.addEventListener("pointerleave", () => this.hover(null));
    element.addEventListener("focusin", (event) => this.hover(event.target.closest?.(".tv-node")));
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("dblclick", (event) => {
      const id = event.target.closest?.(".tv-node")?.getAttribute("data-id");
      if (id) this.options.onopen?.(id);
    });
  }

  /** Drag to pan; a press that does not move is a click. @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0 || event.target.closest("button, .tv-minimap")) return;
    const { camera } = this,
      [x, y] = [event.clientX, event.clientY];
    const target = event.target.closest(".tv-node"),
      stop = new AbortController();
    let moved = false;
    const move = (e) => {
      if (!moved && Math.hypot(e.clientX - x, e.clientY - y) < 4) return;
      moved = true;
      this.element.classList.add("pan");
      this.svg.classList.add("still");
      this.moveTo({ ...camera, x: camera.x + e.clientX - x, y: camera.y + e.clientY - y });
    };
    const end = (e) => {
      stop.abort();
      this.element.classList.remove("pan");
      if (moved || e.type !== "pointerup") return;
      const box = target ? this.byKey.get(target.getAttribute("data-key")) : this.overview.on ? this.at(e) : null;
      this.options.onselect(box ? box.id : null);
    };
    window.addEventListener("pointermove", move, { signal: stop.signal });
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, end, { signal: stop.signal });
  }

  at(event) {
    const frame = this.element.getBoundingClientRect(),
      { x, y, k } = this.camera;
    return boxAt(this.drawing.boxes, (event.clientX - frame.left - x) / k, (event.clientY - frame.top - y) / k);
  }

  /** Light a node's own edges, with argument numbers, and its ghosts. @param {Element | null} element */
  hover(element) {
    const key = element ? element.getAttribute("data-key") : null;
    if (key === this.hovered) return;
    this.hovered = key;
    for (const old of this.element.querySelectorAll(".hov")) old.classList.remove("hov");
    for (const old of this.edgeLayer.querySelectorAll(".tv-port")) old.remove();
    if (!key || !element) return;
    const id = element.getAttribute("data-id");
    for (const twin of this.nodeLayer.querySelectorAll(".tv-node"))
      if (twin.getAttribute("data-id") === id) twin.classList.add("hov");
    const inputs = this.drawing.edges.filter((e) => e.target === key);
    for (const edge of this.drawing.edges) {
      if (edge.source !== key && edge.target !== key) continue;
      for (const part of this.edges.get(edge.key) || []) part.classList.add("hov");
      const [x, y] = edge.points[edge.points.length - 1];
      if (edge.target === key && inputs.length > 1 && edge.port >= 0)
        this.edgeLayer.append(s("text", { class: "tv-port", x: x + 8, y: y - 7 }, String(edge.port + 1)));
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const node = event.target.closest?.(".tv-node"),
      key = node?.getAttribute("data-key") || "";
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) {
      const next = neighbourBox(this.drawing, key, event.key);
      if (next) this.focus(next);
    } else if (event.key === "Enter" && node) {
      this.options.onselect(node.getAttribute("data-id"));
    } else if (event.key === "+" || event.key === "=" || event.key === "-") {
      this.moveTo(zoomAt(this.camera, event.key === "-" ? 1 / 1.25 : 1.25, this.width / 2, this.height / 2));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Keep a second view where the first one looks: two panes on one map. @param {GraphView | undefined} other */
export function linkCamera(other, camera) {
  if (!other || other.camera === camera || !other.element.isConnected) return;
  other.camera = camera;
  other.touched = true;
  other.sync();
}

// The graph view of every screen: SVG with culling, a canvas when one looks at thousands of nodes from afar, pan, zoom,
// selection, keys. It draws a drawing (boxes with places, edges with points) and knows nothing of traces.
import { h, s } from "./dom.js";
import { wordsOf } from "./figures.js";
import { textWidth } from "./fonts.js";
import { listenTo } from "./gestures.js";
import { Overview } from "./overview.js";
import { arrowPath, edgeClass, edgePath, figureClass, figureLook, figureParts, figureStyle } from "./shapes.js";
import { reducedMotion } from "./theme.js";
import { Tip } from "./tip.js";
import { boxFrame, edgeFrame, firstView, fitCamera, framesAround, overlap, panTo, within, worldView } from "./viewport.js";

const DRAW_ALL = 350; // up to here nothing is culled, so that a screen reader finds every node
const CANVAS_FROM = 2000; // boxes from which the far view is a canvas
const CANVAS_SCALE = 0.45;
const READABLE = 0.76; // a first view is not smaller than this, if the screen says nothing else
const [NARROW, NARROW_LEAST] = [760, 0.62]; // but in a pane narrower than this
const MOVE_MS = 250;
const MOVING = 250; // edges up to which what stays is seen to move: more of them take longer than a frame
const STILL_MS = 160; // without movement, until what was shifted as a picture is drawn in its place
const AROUND = 200; // pixels around the pane that are drawn too, so that a short way needs nothing new
const AWAY = 14; // from the edge of the pane, of what is brought into view
const MOST = 1.15; // the largest scale of a first view

/** A frame and what hangs over its edges. @param {number[]} frame */
const around = (frame) => frame.map((value, i) => value + (i < 2 ? -AWAY : AWAY));

/**
 * @typedef {{boxes: import("./figures.js").Figure[], edges: import("./drawing.js").Link[], frame: number[], notes?: any[],
 *   focus?: string[], about?: number[] | null}} Picture
 */

export class GraphView {
  /**
   * @param {{onselect: (id: string | null, box?: any) => void, onopen?: (id: string) => void, label?: string, most?: number, least?: number,
   *   entire?: boolean, taken?: () => string,
   *   picked?: (box: any) => boolean, onmove?: (camera: any) => void, onsize?: () => void, tell?: (box: any) => any[]}} options
   *   `tell` gives the lines of the card beside a node, `taken` the corner in which a caption lies; `entire`: the first view has
   *   all that the drawing is about
   */
  constructor(options) {
    this.options = options;
    this.camera = { x: 0, y: 0, k: 1 };
    this.top = 0; // pixels that a caption covers
    this.touched = false;
    /** @type {Picture} */
    this.drawing = { boxes: [], edges: [], frame: [0, 0, 0, 0] };
    this.byKey = new Map();
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
    this.tip = new Tip(this.element);
    listenTo(this);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.element);
  }

  dispose() {
    this.observer.disconnect();
    this.tip.gone();
    clearTimeout(this.rest);
    cancelAnimationFrame(this.frameRequest);
  }

  /** Measured once a size: asking the page while one pans makes it lay out anew. */
  get size() {
    return (this.measured ||= [this.element.clientWidth, this.element.clientHeight]);
  }
  get width() {
    return this.size[0] || 800;
  }
  get height() {
    return this.size[1] || 460;
  }

  /** The scale down to which a first view is of all. */
  get least() {
    return this.options.least || (this.width < NARROW ? NARROW_LEAST : READABLE);
  }

  /** Draw; what stays moves, what is new fades in. @param {Picture} drawing */
  show(drawing, { animate = true, keep = false } = {}) {
    this.measured = null;
    this.drawing = drawing;
    this.byKey = new Map(drawing.boxes.map((b) => [b.key, b]));
    this.frames = new Map(drawing.edges.map((e) => [e.key, edgeFrame(e)]));
    this.tip.gone();
    const moving = animate && !reducedMotion() && drawing.edges.length <= MOVING;
    this.svg.classList.toggle("still", !moving);
    if (!keep) this.look();
    this.world.classList.toggle("tv-glide", moving);
    setTimeout(() => this.world.classList.remove("tv-glide"), MOVE_MS);
    this.overview.changed();
    this.noteLayer.replaceChildren(...(drawing.notes || []).flatMap(noteParts));
    this.sync();
  }

  /** Where what the drawing is about stands; null if it is about nothing. */
  get about() {
    if (this.drawing.about) return this.drawing.about;
    const focus = new Set(this.drawing.focus || []);
    return framesAround(this.drawing.boxes.filter((b) => focus.has(b.id)));
  }

  /** Go on looking from the same place if what changed is in view there, or a little way off; else start anew. */
  look() {
    const { about, width, height, top } = this,
      { frame } = this.drawing;
    const [left, upper, right, lower] = worldView(this.camera, width, height),
      view = [left, upper + top / this.camera.k, right, lower];
    if (this.touched) {
      if (about ? within(about, view) : overlap(frame, view)) return;
      const near = about && panTo(this.camera, about, width, height, top);
      if (near) this.camera = near;
      else this.home();
      return;
    }
    const all = fitCamera(frame, width, height, { most: this.options.most || MOST, top }),
      whole = all.k >= this.least;
    const stays = this.settled && within(around(whole ? frame : about || frame), view) && (!whole || this.camera.k > 0.9 * all.k);
    if (!stays) this.home();
  }

  /** The first view: all of it if it can be read, else what it is about. */
  home() {
    const { width, height, top, about } = this;
    this.settled = true;
    this.touched = false;
    const { most = MOST } = this.options,
      all = fitCamera(this.drawing.frame, width, height, { most, top });
    const pane = { width, height, top, most, least: Math.min(READABLE, this.least), entire: this.options.entire };
    this.camera = all.k >= this.least ? all : firstView(this.drawing, about, pane);
  }

  centred(frame, k) {
    const x = (frame[0] + frame[2]) / 2,
      y = (frame[1] + frame[3]) / 2;
    return { k, x: this.width / 2 - x * k, y: (this.height + this.top) / 2 - y * k };
  }

  /** All of it, however small. */
  fit() {
    const { width, height, top } = this;
    this.camera = fitCamera(this.drawing.frame, width, height, { most: this.options.most || MOST, top });
    this.touched = false;
    this.overview.changed();
    this.sync();
  }

  /** The page turned light or dark. */
  themed() {
    this.overview.themed();
    if (this.frames) this.sync();
  }

  resized() {
    this.measured = null;
    if (!this.drawing.boxes.length) return;
    if (!this.touched) this.home();
    this.svg.classList.add("still");
    this.overview.changed();
    this.sync();
    this.options.onsize?.();
  }

  /** @param {any} camera */
  moveTo(camera, touched = true) {
    this.world.classList.remove("tv-glide");
    this.camera = camera;
    this.touched = touched;
    this.frameRequest ||= requestAnimationFrame(() => {
      this.frameRequest = 0;
      this.pan();
    });
  }

  /** Look from where the camera is: what is drawn is shifted as a picture, until some of it is missing or one comes to rest. */
  pan() {
    const { drawn, camera } = this;
    const missing = drawn?.view && !within(worldView(camera, this.width, this.height), drawn.view);
    if (!drawn || drawn.far || missing || camera.k !== drawn.k) return this.sync();
    this.element.classList.add("shifted");
    this.svg.style.transform = `translate(${camera.x - drawn.x}px,${camera.y - drawn.y}px)`;
    this.overview.map();
    this.options.onmove?.(camera);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.sync(), STILL_MS);
  }

  /** Pan as little as needed to bring a node into view. @param {string} id */
  reveal(id) {
    const box = this.drawing.boxes.find((b) => !b.pale && b.members.includes(id)) || this.drawing.boxes.find((b) => b.id === id);
    if (box) this.bring(box);
  }

  bring(box) {
    const { width, height, top } = this,
      k = Math.max(this.camera.k, 0.6);
    const frame = around(boxFrame(box)),
      near = k === this.camera.k ? panTo(this.camera, frame, width, height, top) : null,
      camera = near || this.centred(frame, k);
    if (camera.x !== this.camera.x || camera.y !== this.camera.y || camera.k !== this.camera.k) this.moveTo(camera);
  }

  /** Bring the page's elements in line with the drawing and the camera. */
  sync() {
    const { camera, drawing } = this;
    clearTimeout(this.rest);
    this.element.classList.remove("shifted");
    this.svg.style.transform = "";
    this.world.style.transform = `translate(${camera.x}px,${camera.y}px) scale(${camera.k})`;
    this.svg.classList.toggle("far", camera.k < 0.7 && drawing.boxes.length > 50);
    this.svg.classList.toggle("farther", camera.k < 0.4 && drawing.boxes.length > 50);
    const far = drawing.boxes.length > CANVAS_FROM && camera.k < CANVAS_SCALE;
    const view = drawing.boxes.length <= DRAW_ALL ? null : worldView(camera, this.width, this.height, AROUND);
    const boxes = far ? [] : view ? drawing.boxes.filter((b) => overlap(boxFrame(b), view)) : drawing.boxes;
    const edges = far ? [] : view ? drawing.edges.filter((e) => overlap(this.frames.get(e.key), view)) : drawing.edges;
    this.drawn = { ...camera, view, far };
    this.overview.draw(far);
    this.syncEdges(edges);
    this.syncNodes(boxes);
    this.options.onmove?.(camera);
  }

  syncEdges(edges) {
    const fresh = this.edges.size > 0,
      wanted = new Set(edges.map((e) => e.key)),
      added = document.createDocumentFragment();
    for (const [key, known] of this.edges) if (!wanted.has(key)) this.remove(this.edges, key, known);
    for (const edge of edges) {
      let known = this.edges.get(edge.key);
      if (!known) {
        known = { parts: [s("path", { "data-from": edge.source, "data-to": edge.target }), s("path")], said: {} };
        this.edges.set(edge.key, known);
        added.append(...known.parts);
        if (fresh) this.enter(known);
      }
      const classes = `${edgeClass(edge)} ${known.entering ? "tv-enter" : ""}`;
      put(known, 0, "class", `tv-e w${edge.width} ${classes}`);
      put(known, 1, "class", `tv-ah ${classes}`);
      if (known.points === edge.points) continue;
      known.points = edge.points;
      put(known, 0, "d", edgePath(edge.points));
      put(known, 1, "d", arrowPath(edge.points));
    }
    this.edgeLayer.append(added);
  }

  syncNodes(boxes) {
    const fresh = this.nodes.size > 0,
      wanted = new Set(boxes.map((b) => b.key)),
      added = document.createDocumentFragment();
    for (const [key, known] of this.nodes) if (!wanted.has(key)) this.remove(this.nodes, key, known);
    for (const box of boxes) {
      let known = this.nodes.get(box.key);
      if (!known) {
        const element = s("g", { "data-id": box.id, "data-key": box.key, tabindex: 0, role: "listitem" });
        known = { element, parts: [element], said: {} };
        this.nodes.set(box.key, known);
        added.append(element);
        if (fresh) this.enter(known);
      }
      if (known.box !== box) {
        const look = figureLook(box);
        if (known.look !== look) known.element.replaceChildren(...figureParts(box));
        Object.assign(known, { box, look, figure: figureClass(box) });
        put(known, 0, "style", figureStyle(box));
        put(known, 0, "aria-label", wordsOf(box));
      }
      put(known, 0, "class", `${known.figure} ${this.isSelected(box) ? "sel" : ""} ${known.entering ? "tv-enter" : ""}`);
    }
    this.nodeLayer.append(added);
  }

  /** Fade in after the others have moved. */
  enter(known) {
    if (this.svg.classList.contains("still")) return;
    known.entering = true;
    setTimeout(() => {
      known.entering = false;
      known.said = {};
      for (const part of known.parts) part.classList.remove("tv-enter");
    }, MOVE_MS / 2);
  }

  /** Fade out where it stood. */
  remove(map, key, known) {
    map.delete(key);
    if (known.parts.includes(document.activeElement)) this.element.closest(".tv")?.focus({ preventScroll: true });
    if (this.svg.classList.contains("still")) return known.parts.forEach((part) => part.remove());
    for (const part of known.parts) {
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
    for (const known of this.nodes.values()) {
      known.element.classList.toggle("sel", this.isSelected(known.box));
      delete known.said["0class"];
    }
    this.overview.draw(this.overview.on);
  }

  /** Move the keyboard's focus to a box, bringing it into view. */
  focus(box) {
    this.bring(box);
    this.sync();
    this.nodes.get(box.key)?.element.focus({ preventScroll: true });
  }
}

/** Set an attribute of one of the parts, if it is not that already: the page works on every one that is set. */
function put(known, part, name, value) {
  if (known.said[part + name] === value) return;
  known.said[part + name] = value;
  known.parts[part].setAttribute(name, value);
}

/** The name of a variable beside the edge that carries it, on the side to which the edge does not turn. */
function noteParts({ text, x, y, side }) {
  const w = textWidth(text, 10.5, "mono") + 6,
    left = side < 0 ? x - 5 - w : x + 5;
  return [
    s("rect", { class: "tv-elabbg", x: left, y: y + 2, width: w, height: 14, rx: 3 }),
    s("text", { class: "tv-elab", x: left + w / 2, y: y + 12.5 }, text),
  ];
}

/** Keep a second view where the first one looks: two panes on one map. @param {GraphView | undefined} other */
export function linkCamera(other, camera) {
  if (!other || other.camera === camera || !other.element.isConnected) return;
  other.camera = camera;
  other.touched = true;
  other.pan();
}

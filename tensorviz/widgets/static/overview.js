// A canvas below the SVG for thousands of nodes seen from afar, and the small map in the corner.
import { h } from "./dom.js";
import { familyColour } from "./icons.js";
import { fadeOut } from "./room.js";
import { boxFrame, cornerView, fitCamera, freeCorner, overlap, worldView } from "./viewport.js";

const MAP = [150, 100];
const SMALL_MAP = [96, 64]; // in a narrow pane
const SMALL_BELOW = 520;
const [LEAST_WIDTH, LEAST_HEIGHT] = [240, 130]; // a smaller pane has no room for it
const MAP_MARGIN = 6;
const CORNERS = ["br", "bl", "tr", "tl"];
const MAP_AWAY = 12; // from the edges of the pane
const CHANGE_ROLES = { add: "--tv-add", rem: "--tv-rem", chg: "--tv-chg" };

/** The colour that a CSS variable of the shell has now. */
function colourOf(style, expression) {
  const name = expression.replace(/^var\(|\)$/g, "");
  return style.getPropertyValue(name).trim() || "#888";
}

export class Overview {
  /** @param {import("./graph.js").GraphView} graph */
  constructor(graph) {
    this.graph = graph;
    this.on = false;
  }

  /** The drawing changed: the small map is drawn anew, when it is next needed. */
  changed() {
    this.stale = true;
    this.colours = null;
    this.corner = "";
  }

  /** Light became dark or the other way round: colours are asked for once a theme, as each time the page works out all styles. */
  themed() {
    this.known = null;
    this.changed();
  }

  /** Draw the canvas if `on`, and the small map whenever part of the drawing is out of view. */
  draw(on) {
    this.on = on;
    if (on) this.paint();
    else this.canvas?.remove();
    if (!on) this.canvas = null;
    this.map();
  }

  /** Fill colour of each box. */
  palette() {
    if (this.colours) return this.colours;
    const known = (this.known ||= new Map());
    const get = (name) => {
      if (!known.has(name)) known.set(name, colourOf(getComputedStyle(this.graph.element), name));
      return known.get(name);
    };
    this.colours = {
      edge: get("--tv-edge"),
      accent: get("--tv-accent"),
      fill: this.graph.drawing.boxes.map((box) => {
        const role = CHANGE_ROLES[box.change] || (box.matched ? "--tv-accent" : "");
        return box.heat !== null ? get(`--tv-h${box.heat}`) : get(role || familyColour(box.family));
      }),
    };
    return this.colours;
  }

  surface(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    return pen;
  }

  paint() {
    const { graph } = this,
      { camera, drawing, width, height } = graph;
    if (!this.canvas) {
      this.canvas = h("canvas", { class: "tv-canvas", "aria-hidden": "true" });
      graph.element.prepend(this.canvas);
    }
    const pen = this.surface(this.canvas, width, height),
      view = worldView(camera, width, height),
      { edge, accent, fill } = this.palette();
    pen.setTransform(pen.getTransform().translate(camera.x, camera.y).scale(camera.k, camera.k));
    pen.strokeStyle = edge;
    pen.globalAlpha = 0.45;
    pen.lineWidth = Math.max(1.2, 0.6 / camera.k);
    pen.beginPath();
    for (const e of drawing.edges) {
      if (!overlap(graph.frames.get(e.key), view)) continue;
      e.points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    }
    pen.stroke();
    pen.globalAlpha = 1;
    drawing.boxes.forEach((box, i) => {
      if (!overlap(boxFrame(box), view)) return;
      pen.fillStyle = fill[i];
      pen.fillRect(box.x - box.w / 2, box.y - box.h / 2, box.w, box.h);
      if (!graph.isSelected(box)) return;
      pen.strokeStyle = accent;
      pen.lineWidth = 3 / camera.k;
      pen.strokeRect(
        box.x - box.w / 2 - 4 / camera.k,
        box.y - box.h / 2 - 4 / camera.k,
        box.w + 8 / camera.k,
        box.h + 8 / camera.k,
      );
    });
  }

  /** The small map: the whole drawing, and a frame around what is in view; a press goes there. */
  map() {
    const { graph } = this,
      { drawing, width, height } = graph;
    const [left, top, right, bottom] = worldView(graph.camera, width, height),
      [a, b, c, d] = drawing.frame;
    const whole = left <= a && top <= b && right >= c && bottom >= d,
      none = whole || width < LEAST_WIDTH || height < LEAST_HEIGHT || (!this.corner && !this.place()),
      beyond = { left: left - a, right: c - right, top: top - b, bottom: d - bottom };
    const faded = none && !graph.element.classList.contains("shifted");
    fadeOut(graph.svg, faded ? Object.keys(beyond).filter((side) => beyond[side] > 1) : [], graph.top);
    if (none) {
      this.small?.remove();
      this.small = null;
      return;
    }
    if (!this.small) {
      this.small = h("canvas", {
        class: "tv-minimap",
        "aria-hidden": "true",
        onpointerdown: (event) => this.go(event),
      });
      graph.element.append(this.small);
      this.stale = true;
    }
    const [across, down] = this.size,
      camera = fitCamera(drawing.frame, across, down, { margin: MAP_MARGIN });
    if (this.stale) this.sketch(camera);
    this.small.className = `tv-minimap ${this.corner}`;
    for (const [name, value] of [["width", across], ["height", down], ["--map-top", graph.top + MAP_AWAY]])
      this.small.style.setProperty(name, `${value}px`);
    const pen = this.surface(this.small, across, down);
    pen.drawImage(this.picture, 0, 0, across, down);
    pen.strokeStyle = this.palette().accent;
    pen.lineWidth = 1.5;
    pen.strokeRect(left * camera.k + camera.x, top * camera.k + camera.y, (right - left) * camera.k, (bottom - top) * camera.k);
  }

  /** Where the small map is; "" if it is not needed. */
  get shownCorner() {
    return this.small ? this.corner : "";
  }

  /** Pixels of the small map. */
  get size() {
    return this.graph.width < SMALL_BELOW ? SMALL_MAP : MAP;
  }

  /** Choose the corner of the small map, which is none that a caption has; whether it hides nothing there that matters. */
  place() {
    const { graph } = this,
      { drawing, camera, options } = graph,
      focus = new Set(drawing.focus || []),
      space = this.size.map((n) => n + 2 * MAP_AWAY);
    const taken = options.taken?.() || "";
    this.corner = freeCorner(drawing.boxes, camera, graph, space, focus, CORNERS.filter((c) => c !== taken));
    if (this.size === MAP) return true;
    const place = cornerView(this.corner, camera, graph, space),
      hides = drawing.boxes.some((b) => focus.has(b.id) && overlap(boxFrame(b), place));
    if (hides) this.corner = "";
    return !hides;
  }

  sketch(camera) {
    this.picture = document.createElement("canvas");
    const pen = this.surface(this.picture, ...this.size),
      { fill } = this.palette();
    this.graph.drawing.boxes.forEach((box, i) => {
      pen.fillStyle = fill[i];
      pen.fillRect(
        (box.x - box.w / 2) * camera.k + camera.x,
        (box.y - box.h / 2) * camera.k + camera.y,
        Math.max(1.5, box.w * camera.k),
        Math.max(1.5, box.h * camera.k),
      );
    });
    this.stale = false;
  }

  go(event) {
    event.stopPropagation();
    const { graph } = this,
      [across, down] = this.size,
      camera = fitCamera(graph.drawing.frame, across, down, { margin: MAP_MARGIN });
    const x = (event.offsetX - camera.x) / camera.k,
      y = (event.offsetY - camera.y) / camera.k;
    graph.moveTo(graph.centred([x, y, x, y], graph.camera.k));
  }
}

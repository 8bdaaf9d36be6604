// What mouse and keys do to a graph: drag, zoom, hover, click, walk along edges.
import { s } from "./dom.js";
import { boxAt, neighbourBox, zoomAt } from "./viewport.js";

const STEP = 1.25; // one press of + or -

/** @param {import("./graph.js").GraphView} view */
export function listenTo(view) {
  const { element } = view;
  element.addEventListener("pointerdown", (event) => press(view, event));
  element.addEventListener("wheel", (event) => turn(view, event), { passive: false });
  element.addEventListener("pointerover", (event) => hover(view, event.target.closest?.(".tv-node"), true));
  element.addEventListener("pointerleave", () => hover(view, null, true));
  element.addEventListener("focusin", (event) => hover(view, event.target.closest?.(".tv-node"), false));
  element.addEventListener("focusout", () => hover(view, null, false));
  element.addEventListener("keydown", (event) => key(view, event));
  element.addEventListener("dblclick", (event) => {
    const id = event.target.closest?.(".tv-node")?.getAttribute("data-id");
    if (id) view.options.onopen?.(id);
  });
}

/** Zoom around the mouse, with Ctrl or Command held: else the page scrolls. */
function turn(view, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const frame = view.element.getBoundingClientRect();
  view.moveTo(zoomAt(view.camera, Math.exp(-event.deltaY * 0.0022), event.clientX - frame.left, event.clientY - frame.top));
}

/** Drag to pan; a press that does not move is a click. */
function press(view, event) {
  if (event.button !== 0 || event.target.closest("button, .tv-minimap")) return;
  view.tip.gone();
  const { camera } = view,
    [x, y] = [event.clientX, event.clientY];
  const target = event.target.closest(".tv-node"),
    stop = new AbortController();
  let moved = false;
  const move = (e) => {
    if (!moved && Math.hypot(e.clientX - x, e.clientY - y) < 4) return;
    moved = true;
    view.element.classList.add("pan");
    view.svg.classList.add("still");
    view.moveTo({ ...camera, x: camera.x + e.clientX - x, y: camera.y + e.clientY - y });
  };
  const end = (e) => {
    stop.abort();
    view.element.classList.remove("pan");
    if (moved || e.type !== "pointerup") return;
    const box = target ? view.byKey.get(target.getAttribute("data-key")) : view.overview.on ? under(view, e) : null;
    view.options.onselect(box ? box.id : null, box);
  };
  window.addEventListener("pointermove", move, { signal: stop.signal });
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, end, { signal: stop.signal });
}

function under(view, event) {
  const frame = view.element.getBoundingClientRect(),
    { x, y, k } = view.camera;
  return boxAt(view.drawing.boxes, (event.clientX - frame.left - x) / k, (event.clientY - frame.top - y) / k);
}

/** Light a node's own edges, with argument numbers, and its ghosts; the mouse also gets a card. */
function hover(view, element, mouse) {
  const name = element ? element.getAttribute("data-key") : null;
  if (name === view.hovered) return;
  view.hovered = name;
  view.tip.gone();
  for (const old of view.element.querySelectorAll(".hov")) old.classList.remove("hov");
  for (const old of view.edgeLayer.querySelectorAll(".tv-port")) old.remove();
  const box = name && view.byKey.get(name);
  if (!box || !element) return;
  if (mouse && view.options.tell) view.tip.over(element, view.options.tell(box));
  for (const twin of view.nodeLayer.querySelectorAll(".tv-node"))
    if (twin.getAttribute("data-id") === box.id) twin.classList.add("hov");
  const inputs = view.drawing.edges.filter((e) => e.target === name);
  for (const edge of view.drawing.edges) {
    if (edge.source !== name && edge.target !== name) continue;
    for (const part of view.edges.get(edge.key)?.parts || []) part.classList.add("hov");
    const [x, y] = edge.points[edge.points.length - 1];
    if (edge.target === name && inputs.length > 1 && edge.port >= 0)
      view.edgeLayer.append(s("text", { class: "tv-port", x: x + 8, y: y - 7 }, String(edge.port + 1)));
  }
}

/** @param {KeyboardEvent} event */
function key(view, event) {
  const node = event.target.closest?.(".tv-node");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && node) {
    const box = view.byKey.get(node.getAttribute("data-key"));
    if (view.options.picked?.(box)) return; // it is selected already: Enter is the screen's
    view.options.onselect(node.getAttribute("data-id"), box);
  } else if (!move(view, event.key)) return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * What + - and the arrows do, wherever in the screen the focus is: zoom, and walk along edges from the node that has the focus,
 * else from the selected one, else to the first. @returns {boolean} whether the key is one of these
 */
export function move(view, pressed) {
  if (pressed === "+" || pressed === "=" || pressed === "-") {
    view.moveTo(zoomAt(view.camera, pressed === "-" ? 1 / STEP : STEP, view.width / 2, view.height / 2));
    return true;
  }
  if (!pressed.startsWith("Arrow")) return false;
  const focused = view.element.contains(document.activeElement) ? document.activeElement.closest(".tv-node") : null,
    ring = view.drawing.boxes.find((b) => view.isSelected(b));
  const next = neighbourBox(view.drawing, focused ? focused.getAttribute("data-key") : ring ? ring.key : "", pressed);
  if (next || ring) view.focus(next || ring);
  return true;
}

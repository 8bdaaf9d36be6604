// The drawings of the passes: each is laid out once, from where the one before left its nodes, and kept; those to which one may
// go next are made while nothing else is to do.
import { draw } from "./drawing.js";
import { fitRegions } from "./fit.js";
import { ADDED, REMOVED, sideScene, unionDiff } from "./trace.js";
import { coverOf, fitCamera } from "./viewport.js";

const NEW_FROM = 0.75; // a picture of which less stood there before is laid out anew
const TIDY_FROM = 1.5; // so is what came out so much larger for what is in it than the last fresh one, or with edges so much longer
const TORN_FROM = 1.5; // and one side of it, which stands on the map of both
const MORE_TWINS = 3; // or repeats so many more
const TIDY_LIMIT = 800; // boxes up to which that is done
const FULL_SIZE = 0.86; // the scale at which groups are closed no further
const CLOSER = 0.86; // what is left of the room at each try
const SHRINKS = 4;
const KEPT_SCENES = 60;

/**
 * @typedef {{steps: number[], side: boolean, group: string, opened: string[], closed: string[], room: number[],
 *   pane: number[]}} Wish
 *   `room`: boxes, ranks and boxes on a rank; `pane`: pixels across and down
 * @typedef {{key: string, steps: number[], side: boolean, diff: import("./trace.js").Diff,
 *   drawing: import("./drawing.js").Drawing, options: any, telling: string | null, [side: string]: any}} Scene
 */

export class Scenes {
  /** @param {import("./trace.js").Trace} trace */
  constructor(trace) {
    this.trace = trace;
    /** @type {Map<string, Scene>} */
    this.made = new Map();
  }

  /** The scene of a wish; `from` is what is shown now. @param {Wish} wish @param {Scene | null} from @returns {Scene} */
  get(wish, from) {
    const known = this.made.get(keyOf(wish));
    if (known) return known;
    const work = this.build(wish, from);
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
    }
  }

  /** Make scenes while the page has time for it; what it returns stops that. @param {Wish[]} wishes @param {Scene} from */
  prepare(wishes, from) {
    const ask = window.requestIdleCallback || ((f) => setTimeout(() => f({ timeRemaining: () => 8 }), 60)),
      forget = window.cancelIdleCallback || clearTimeout;
    const left = wishes.filter((wish) => !this.made.has(keyOf(wish)));
    let work = null,
      request = 0;
    const go = () => {
      work ||= left.length ? this.build(left.shift(), from) : null;
      if (!work) return;
      if (work.next().done) work = null;
      request = ask(go);
    };
    request = ask(go);
    return () => forget(request);
  }

  /** Makes a scene in parts, with a pause between them. @param {Wish} wish @param {Scene | null} from */
  *build(wish, from) {
    const { trace } = this,
      { steps, side, group } = wish,
      diff = unionDiff(trace.stateAt(steps[0]), trace.stateAt(steps[1]));
    yield;
    const near = from && from.side === side && alike(from.diff, diff) ? from.drawing.flow : null;
    let options, drawing;
    for (let turn = 0, room = wish.room; turn <= SHRINKS; turn++) {
      const fit = group === "none" ? null : fitRegions(diff, room, wish.opened, wish.closed);
      options = { group: fit ? "fit" : "none", room, opened: wish.opened, closed: wish.closed, fit };
      yield;
      drawing = this.laidOut(diff, options, near);
      const small = fit && fitCamera(drawing.flow.frame, wish.pane[0], wish.pane[1], { most: 1 }).k < FULL_SIZE;
      if (!small || !room[0] || fit.opened.size <= wish.opened.length || drawing.figures.length > TIDY_LIMIT) break;
      room = room.map((n) => Math.floor(n * CLOSER));
      yield;
    }
    const scene = { key: keyOf(wish), steps, side, diff, drawing, options, telling: tellingNode(trace, steps, diff, drawing) };
    if (this.made.size >= KEPT_SCENES) this.made.delete(this.made.keys().next().value);
    this.made.set(scene.key, scene);
    return scene;
  }

  /** A drawing that starts from `near` if that leaves it in shape, else one laid out anew. */
  laidOut(diff, options, near) {
    if (near) {
      const drawing = draw(this.trace, diff, { ...options, seed: near });
      if (drawing.figures.length > TIDY_LIMIT || tidy(drawing, near)) {
        drawing.flow.shape = near.shape;
        return drawing;
      }
    }
    const fresh = draw(this.trace, diff, options);
    fresh.flow.shape = shapeOf(fresh);
    return fresh;
  }

  /** The same scene, laid out as if nothing had been there before. @param {Scene} scene @returns {Scene} */
  tidied(scene) {
    const { key, steps, side, diff, options, telling } = scene,
      next = { key, steps, side, diff, options, telling, drawing: this.laidOut(diff, options, null) };
    this.made.set(scene.key, next);
    return next;
  }

  /**
   * The drawing of one side of a scene: on the map of both; where that leaves holes, and nothing is compared, on one of its own.
   * @param {Scene} scene @param {string} which union, before or after
   */
  sideOf(scene, which) {
    if (which === "union") return scene.drawing;
    return (scene[which] ||= this.ownSide(scene, which) || this.onMap(scene, which));
  }

  /**
   * The side before, for a moment, in the place of what is shown: on the same map, if that is one of both.
   * @param {Scene} scene @param {string} shown
   */
  heldOver(scene, shown) {
    return this.sideOf(scene, shown).own ? this.sideOf(scene, "before") : this.onMap(scene, "before");
  }

  ownSide(scene, which) {
    if (scene.side || scene.drawing.figures.length > TIDY_LIMIT) return null;
    const own = this.sideOn(scene, which, null);
    return torn(this.mapped(scene, which), own) ? { ...own, own: true } : null;
  }

  mapped(scene, which) {
    return (scene[`mapped ${which}`] ||= this.sideOn(scene, which, scene.drawing.flow));
  }

  /** One side on the map of both, all of which one looks at. */
  onMap(scene, which) {
    const made = this.mapped(scene, which);
    return { ...made, flow: { ...made.flow, frame: coverOf([scene.drawing.flow.frame, made.flow.frame]) } };
  }

  /** One side of a scene, seeded by a layout; without one it is laid out anew. */
  sideOn({ diff, drawing, steps, options }, which, seed) {
    const before = which === "before",
      part = sideScene(diff, this.trace.stateAt(steps[before ? 0 : 1]), [before ? REMOVED : ADDED]);
    const tall = drawing.figures.some((f) => f.tall);
    return draw(this.trace, part, { ...options, fit: drawing.fit, seed, total: part.nodes.size, tall });
  }
}

const keyOf = ({ steps, side, group, opened, closed, room }) => JSON.stringify([steps, side, group, opened, closed, room]);
const areaOf = (frame) => (frame[2] - frame[0]) * (frame[3] - frame[1]);

/** Whether a drawing on the map of another one is much larger, or has much longer edges, or repeats more, than on one of its own. */
function torn(mapped, own) {
  const [area, way] = shapeOf(mapped),
    [least, shortest] = shapeOf(own),
    twins = ({ figures }) => figures.filter((f) => f.repeats).length;
  return area > TORN_FROM * least || way > TORN_FROM * shortest || twins(mapped) > twins(own) + MORE_TWINS;
}

/** Whether most of a graph was in another one. */
function alike(old, diff) {
  let kept = 0;
  for (const id of diff.nodes.keys()) kept += old.nodes.has(id) ? 1 : 0;
  return kept >= NEW_FROM * diff.nodes.size;
}

/** Area a box, and length of an edge. */
function shapeOf({ flow, figures, links }) {
  let way = 0;
  for (const route of flow.routes)
    for (let i = 1; i < route.length; i++) way += Math.hypot(route[i][0] - route[i - 1][0], route[i][1] - route[i - 1][1]);
  return [areaOf(flow.frame) / Math.max(1, figures.length), way / Math.max(1, links.length)];
}

/** Whether a seeded layout kept most of the old one, and is not much larger for what is in it than the last fresh one was. */
function tidy(drawing, seed) {
  const kept = drawing.figures.filter((f) => seed.rank.has(f.key)).length,
    [area, way] = shapeOf(drawing);
  const [least, shortest] = seed.shape || [area, way];
  return kept >= NEW_FROM * drawing.figures.length && area <= TIDY_FROM * least && way <= TIDY_FROM * shortest;
}

/** What a pass is about: of what its rewrites made and the picture shows, the result that saves most time; else what changed. */
function tellingNode(trace, steps, diff, drawing) {
  const shown = new Map(drawing.figures.filter((f) => !f.pale && f.kind === "op" && f.change).map((f) => [f.id, f.change]));
  const saved = (e) => (e.cost_before[0] || 0) - (e.cost_after[0] || 0);
  const made = trace.events.slice(...steps).filter((e) => shown.get(e.result) === ADDED);
  made.sort((a, b) => saved(b) - saved(a));
  return made.length ? made[0].result : shown.keys().next().value || null;
}

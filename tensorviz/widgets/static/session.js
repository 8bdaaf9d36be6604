// What all screens of one function share: the trace, the selection, the step, the pass. The model (a widget's, or the
// stand-in of a saved page) owns the values; screens draw when it says that one changed.

export class Session {
  /**
   * @param {any} model get, set, on, off, save_changes, send (absent without a kernel)
   * @param {import("./trace.js").Trace} trace
   */
  constructor(model, trace) {
    this.model = model;
    this.trace = trace;
    /** @type {[string, Function][]} */
    this.listeners = [];
  }

  get(name) {
    return this.model.get(name);
  }

  /** Set traits; what is equal already changes nothing. @param {Record<string, any>} changes */
  set(changes) {
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
    this.model.save_changes();
  }

  /** Merge into the `view` trait. */
  setView(changes) {
    this.set({ view: { ...this.get("view"), ...changes } });
  }

  get selected() {
    return this.get("selected") || [];
  }

  /** Select one node, or nothing. @param {string | null} id */
  select(id) {
    const next = id === null || id === undefined ? [] : [id];
    if (next[0] !== this.selected[0] || next.length !== this.selected.length) this.set({ selected: next });
  }

  /**
   * Call `listener` when traits change, once for those that change together.
   * @param {string[]} names @param {() => void} listener
   */
  on(names, listener) {
    let waiting = false;
    const soon = () => {
      if (waiting) return;
      waiting = true;
      queueMicrotask(() => {
        waiting = false;
        if (this.listeners.some(([, known]) => known === soon)) listener();
      });
    };
    for (const name of names) this.listen(`change:${name}`, soon);
  }

  listen(event, listener) {
    this.model.on(event, listener);
    this.listeners.push([event, listener]);
  }

  /** Whether a kernel can answer. */
  get live() {
    return typeof this.model.send === "function";
  }

  send(message) {
    this.model.send(message);
  }

  /** Listeners added since `mark` (a count) are removed. */
  forget(mark = 0) {
    for (const [event, listener] of this.listeners.splice(mark)) this.model.off(event, listener);
  }
}

// Gives each screen of a saved page a model without a kernel; what is named in `shared` is one for all screens.
const text = (id) => document.getElementById(id).textContent;
const setup = JSON.parse(text("tv-setup"));
const bytes = Uint8Array.from(atob(text("tv-trace").trim()), (c) => c.charCodeAt(0));
const models = [];
function standIn(values) {
  const state = { ...values, trace: new DataView(bytes.buffer) }, heard = new Map();
  const of = (name) => heard.get(name) || [];
  return {
    get: (name) => state[name],
    set(name, value) {
      if (JSON.stringify(state[name]) === JSON.stringify(value)) return;
      state[name] = value;
      for (const listener of [...of("change:" + name)]) listener();
      if (setup.shared.includes(name)) for (const model of models) model.set(name, value);
    },
    on: (name, listener) => heard.set(name, [...of(name), listener]),
    off: (name, listener) => heard.set(name, of(name).filter((l) => l !== listener)),
    save_changes() {},
  };
}
for (const [i, script] of setup.scripts.entries()) {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const model = standIn(setup.states[i]), el = document.querySelector(`[data-tv-screen="${i}"]`);
  models.push(model);
  import(url).then((screen) => screen.default.render({ model, el }))
    .catch((error) => { el.textContent = `This screen can't be shown. ${error.message}`; console.error(error); });
}

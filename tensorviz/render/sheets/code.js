// Pointing at a kernel lights its lines of code; clicking or Enter scrolls to them.
const code = document.querySelector(".tv-code"), places = JSON.parse(code.dataset.places);
// A step that has no function of its own (a call of the BLAS library) is the line of the entry that takes it.
for (const [i, row] of [...document.querySelectorAll(".tv-kernels tr")].entries()) {
  const call = [...code.querySelectorAll(".l")].find((line) => line.textContent.includes(`TV_STEP(${i},`));
  if (call && !places[row.dataset.id]) places[row.dataset.id] = [Number(call.dataset.n), Number(call.dataset.n)];
}
const light = (id) => {
  const [first, last] = places[id] || [0, -1];
  for (const line of code.querySelectorAll(".l")) line.classList.toggle("on", line.dataset.n >= first && line.dataset.n <= last);
  for (const other of document.querySelectorAll("[data-id]")) other.classList.toggle("tv-lit", other.dataset.id === id);
  return code.querySelector(`.l[data-n="${first}"]`);
};
const go = (id) => {
  const line = light(id);
  if (line) code.scrollTop = line.offsetTop - 12;
};
for (const place of document.querySelectorAll(".tv-report [data-id]")) {
  place.setAttribute("tabindex", "0");
  place.addEventListener("mouseenter", () => light(place.dataset.id));
  place.addEventListener("focus", () => light(place.dataset.id));
  place.addEventListener("click", () => go(place.dataset.id));
  place.addEventListener("keydown", (event) => event.key === "Enter" && go(place.dataset.id));
}

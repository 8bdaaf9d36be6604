// Pointing at a kernel lights its lines of code; clicking or Enter scrolls to them. A row and a node lead to the same kernel by any
// of its nodes: the last one of a row is not always that of its box.
const code = document.querySelector(".tv-code"), places = JSON.parse(code.dataset.places);
const light = (id) => {
  const [first, last, kernel] = places[id] || [0, -1, -1];
  for (const line of code.querySelectorAll(".l")) line.classList.toggle("on", line.dataset.n >= first && line.dataset.n <= last);
  for (const other of document.querySelectorAll("[data-id]"))
    other.classList.toggle("tv-lit", other.dataset.id === id || places[other.dataset.id]?.[2] === kernel);
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

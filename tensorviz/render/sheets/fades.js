// Formulas get smaller letters where they are too wide; what is too wide even so, and the code, fade out where they go on.
const sizes = [15.5, 14.5, 13.5, 12.5, 11.5], boxes = document.querySelectorAll(".tv-gain .tv-f, .tv-code");
const over = (box) => box.scrollWidth - box.clientWidth;
const mark = (box) => {
  const beyond = { left: box.scrollLeft, right: over(box) - box.scrollLeft };
  const sides = Object.keys(beyond).filter((side) => over(box) > 1.5 && beyond[side] > 1.5);
  for (const side of Object.keys(beyond)) box.style.setProperty(`--tv-${side}`, sides.includes(side) ? "28px" : "0px");
  if (sides.length) box.dataset.more = sides.join(" ");
  else delete box.dataset.more;
};
const fit = (box) => {
  for (const size of box.matches(".tv-f") ? sizes : []) {
    box.style.setProperty("--tv-formula", `${size}px`);
    if (over(box) <= 1.5) break;
  }
  mark(box);
};
const watch = new ResizeObserver((changes) => changes.forEach(({ target }) => fit(target)));
for (const box of boxes) {
  box.addEventListener("scroll", () => mark(box), { passive: true });
  watch.observe(box);
}

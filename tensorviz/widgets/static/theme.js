// Light or dark, as the page around the widget says; else as the system says.

/** @returns {"light" | "dark"} */
export function currentTheme() {
  const body = document.body,
    root = document.documentElement;
  if (body.dataset.jpThemeLight !== undefined) return body.dataset.jpThemeLight === "false" ? "dark" : "light";
  if (/vscode-dark|vscode-high-contrast(?!-light)/.test(body.className)) return "dark";
  if (body.classList.contains("vscode-light")) return "light";
  const named = root.dataset.theme || root.getAttribute("theme");
  if (named === "dark" || named === "light") return named;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Keep `element.dataset.theme` right; returns what stops it. @param {HTMLElement} element @param {() => void} changed */
export function followTheme(element, changed) {
  const apply = () => {
    const theme = currentTheme();
    if (element.dataset.theme === theme) return;
    element.dataset.theme = theme;
    changed();
  };
  const query = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(apply);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "theme"] });
  query.addEventListener("change", apply);
  apply();
  return () => {
    observer.disconnect();
    query.removeEventListener("change", apply);
  };
}

/** Whether the user asked for less motion. */
export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

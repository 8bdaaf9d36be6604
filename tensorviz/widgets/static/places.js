// Where a node was written, as something to press: in a notebook the cell comes into view, in JupyterLab a file opens.
import { button, h } from "./dom.js";
import { placeText } from "./inspector.js";

const SHOWN_MS = 1200;

/** The cell that ran as number `n`, if the page around is a notebook that shows it. @param {Element} root @param {string} n */
function cellOf(root, n) {
  const prompts = root.closest(".jp-Notebook")?.querySelectorAll(".jp-InputPrompt") || [];
  return [...prompts].find((p) => p.textContent.trim() === `[${n}]:`)?.closest(".jp-Cell") || null;
}

/** The folder of the notebook that JupyterLab shows, as its server names it; null elsewhere. */
function folder() {
  const found = /\/(?:lab|doc|notebooks|tree)(?:\/workspaces\/[^/]+)?(?:\/tree)?\/(.*)$/.exec(location.pathname);
  return found && document.querySelector(".jp-Notebook") ? decodeURI(found[1]).split("/").slice(0, -1).join("/") : null;
}

/**
 * Have JupyterLab open a file: it listens for presses of elements that name a command, and trusts those in outputs of a trusted
 * notebook. @param {Element} root @param {string} path
 */
function openFile(root, path) {
  const link = h("a", {
    "data-commandlinker-command": "docmanager:open",
    "data-commandlinker-args": JSON.stringify({ path }),
    hidden: true,
  });
  root.append(link);
  link.click();
  link.remove();
}

/** Whether the server has a file of this path. @param {string} path */
async function exists(path) {
  const base = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}").baseUrl || "/";
  const answer = await fetch(`${base}api/contents/${encodeURI(path)}?content=0`, { credentials: "same-origin" });
  return answer.ok;
}

/**
 * "cell 3, line 5" or "digits.py, line 64": a button where pressing it leads somewhere, else plain words.
 * @param {Element} root the screen @param {{file: string, line: number, text: string}} origin
 * @param {(words: string) => void} say
 */
export function placeLink(root, origin, say) {
  const words = placeText(origin),
    [, number] = /^cell (\d+)$/.exec(origin.file) || [],
    base = folder();
  const plain = h("span", { title: origin.text }, words),
    look = { kind: "link plain tv-acc", title: origin.text, name: "origin" };
  const toCell = () => (cellOf(root, number) ? reveal(cellOf(root, number)) : say(`${origin.file} was run again or taken away`));
  if (number && document.querySelector(".jp-Notebook")) return button(words, toCell, look);
  if (base === null || !/^[\w.-]+\.py$/.test(origin.file)) return plain;
  const path = base ? `${base}/${origin.file}` : origin.file;
  const go = async () => ((await exists(path)) ? openFile(root, path) : say(`${origin.file} is not in the notebook's folder`));
  return button(words, () => void go().catch((error) => say(error.message)), look);
}

/** Bring a cell into view and mark it for a moment. @param {Element} cell */
function reveal(cell) {
  cell.scrollIntoView({ block: "center", behavior: "smooth" });
  cell.animate([{ backgroundColor: "rgb(128 170 230 / 30%)" }, { backgroundColor: "transparent" }], SHOWN_MS);
}

// Draws the cases on standard input and writes what came out: test_drawings.py compares it with Python's drawings.
import { readFileSync } from "node:fs";
import { draw } from "../../tensorviz/widgets/static/drawing.js";
import { setFonts } from "../../tensorviz/widgets/static/fonts.js";
import { setNames } from "../../tensorviz/widgets/static/names.js";
import { Trace, unionDiff } from "../../tensorviz/widgets/static/trace.js";

const { fonts, brief, operands, cases } = JSON.parse(readFileSync(0, "utf8"));
setFonts(fonts);
setNames(brief, operands);

const FIELDS = [
  "key",
  "id",
  "kind",
  "family",
  "label",
  "note",
  "type",
  "change",
  "pale",
  "output",
  "aside",
  "tall",
  "members",
  "w",
  "h",
  "x",
  "y",
];

function drawn({ trace: data, before, after, limit, group, opened }) {
  const trace = new Trace(data);
  const diff = unionDiff(trace.stateAt(before), trace.stateAt(after));
  const final = before === after && after === trace.events.length;
  const drawing = draw(trace, diff, { limit, final, group, opened });
  return {
    figures: drawing.figures.map((f) => ({
      ...Object.fromEntries(FIELDS.map((k) => [k, f[k]])),
      badges: f.badges.map((b) => b.text),
    })),
    links: drawing.links.map((l) => [l.source, l.target, l.width, l.change, l.state]),
    routes: drawing.flow.routes,
    frame: drawing.flow.frame,
    count: [drawing.shown, drawing.total, drawing.grouped, drawing.groups, drawing.inside.length],
  };
}

process.stdout.write(JSON.stringify(cases.map(drawn)));

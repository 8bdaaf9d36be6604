// Two screens that belong together in one module: the passes, and the rewrites inside them.
import { passes } from "./explorer.js";
import { mount } from "./shell.js";
import { rewrites } from "./stepper.js";

export default { render: (context) => mount(context, { passes, rewrites }) };

"""How a trace is shown: drawings, layout, SVG, DOT, text and pages; plain data in, pictures and text out."""

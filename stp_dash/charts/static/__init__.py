"""An interactive chart's dictionary drawn as SVG by the server, for the first view and without scripts."""

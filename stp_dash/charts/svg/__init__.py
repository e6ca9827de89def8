"""Small pictures in tables and cards, as SVG text made on the server."""

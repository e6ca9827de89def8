"""From readings to what a page shows: control limits, standing, areas, wording and sheets. No SQL."""

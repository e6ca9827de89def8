"""Vizro's page of three charts and a table, for `test_vizro.py`: run by the peers' own Python.

Rows come from two CSV files. Printed is one line of JSON: the port, and what the browser posts when the page loads.
It serves until its input ends.
"""

from __future__ import annotations

import json
import sys
import threading

import pandas as pd
import vizro.models as vm
import vizro.plotly.express as px
from vizro import Vizro
from vizro.tables import dash_ag_grid
from werkzeug.serving import make_server


def _part(name: str) -> dict[str, str]:
    identifier, _, prop = name.rpartition(".")
    return {"id": identifier, "property": prop}


def main() -> None:
    one, series = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2], parse_dates=["period"])
    page = vm.Page(
        title="Variation",
        components=[
            vm.Graph(figure=px.bar(one, x="organisation", y="value")),
            vm.Graph(figure=px.scatter(one, x="denominator", y="value", hover_name="organisation")),
            vm.Graph(figure=px.line(series, x="period", y="value", color="organisation")),
            vm.Table(figure=dash_ag_grid(one)),
        ],
    )
    server = Vizro().build(vm.Dashboard(pages=[page])).dash.server
    known = server.test_client().get("/_dash-dependencies").get_json()
    load = next(d for d in known if "on_page_load" in d["output"] and not d["clientside_function"])
    trigger = load["inputs"][0]
    body = {
        "output": load["output"],
        "outputs": [_part(name) for name in load["output"].strip(".").split("...")],
        "inputs": [{**trigger, "value": {}}],
        "changedPropIds": [f"{trigger['id']}.{trigger['property']}"],
    }
    serving = make_server("127.0.0.1", 0, server)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps({"port": serving.server_port, "body": body}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    serving.shutdown()


main()

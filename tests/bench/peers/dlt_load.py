"""Loads a frame with dlt, in the peers' own environment: `dlt_load.py frame.npz destination url disposition folder`.

The frame is the canonical one, codes as text. The clock runs from the frame at hand to committed rows: the frame made
Arrow, dlt's quickest way in, and the pipeline's run. The table is there beforehand with its key, as it is with us:
dlt loads one row of it, and where it has made no key (on PostgreSQL) the key is added. dlt neither checks the rows nor
keeps what they replace. Prints the seconds.
"""

import os
import sys
from time import perf_counter

import dlt
import numpy as np
import pandas as pd
import pyarrow as pa
from dlt.destinations import postgres, sqlalchemy

KEY = ["indicator", "period", "breakdown", "organisation"]
KEY_ON_POSTGRESQL = (
    "SELECT count(*) FROM pg_index, unnest(indkey) "
    "WHERE indrelid = 'peer.observation'::regclass AND indisprimary AND indisvalid"
)
KEY_ON_SQLITE = "SELECT count(*) FROM pragma_table_info('observation', 'peer') WHERE pk"


def main(path: str, destination: str, url: str, disposition: str, folder: str) -> None:
    with np.load(path) as held:
        frame = pd.DataFrame({name: held[name] for name in held.files})
    on_postgresql = destination == "postgres"
    target = postgres(url) if on_postgresql else sqlalchemy(url, create_primary_keys=True)
    pipeline = dlt.pipeline("bench", destination=target, dataset_name="peer", pipelines_dir=folder)

    def load(rows: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(rows, preserve_index=False)
        resource = dlt.resource(table, name="observation", write_disposition=disposition, primary_key=KEY)
        pipeline.run(resource).raise_on_failed_jobs()

    load(frame.head(1))
    with pipeline.sql_client() as client:
        if on_postgresql:
            client.execute_sql(f"ALTER TABLE peer.observation ADD PRIMARY KEY ({', '.join(KEY)})")
    started = perf_counter()
    load(frame)
    taken = perf_counter() - started
    with pipeline.sql_client() as client:
        key = client.execute_sql(KEY_ON_POSTGRESQL if on_postgresql else KEY_ON_SQLITE)
        count = client.execute_sql("SELECT count(*) FROM peer.observation")
    found = (key[0][0], count[0][0])
    if found != (len(KEY), len(frame)):
        sys.exit(f"wanted a key of {len(KEY)} columns and {len(frame)} rows, found {found}")
    print(taken)


if __name__ == "__main__":
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    main(*sys.argv[1:])

"""What describes the files: a data package for each format (Frictionless), and the hash of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from db.catalogue.source_files import Licence, publications
from db.domain.holdings import DataVersion
from stp_dash.analysis.download_columns import CellType, ColumnDefinition, column_definition
from stp_dash.api.bulk.tables import BulkTable

PACKAGES = {"csv.gz": "datapackage.json", "parquet": "datapackage-parquet.json"}
"""The description of the files of each format."""
SUMS = "SHA256SUMS"
MEDIA_TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".gz": "application/gzip",
    ".json": "application/json",
    "": "text/plain; charset=utf-8",
}
"""The media type of a file by its ending."""
_FIELD_TYPES: Mapping[CellType, str] = {
    CellType.TEXT: "string",
    CellType.CODE: "string",
    CellType.NUMBER: "number",
    CellType.WHOLE: "integer",
    CellType.DATE: "date",
    CellType.MOMENT: "datetime",
}
_LICENCES = {
    Licence.OPEN_GOVERNMENT: {
        "name": "OGL-UK-3.0",
        "title": Licence.OPEN_GOVERNMENT.value,
        "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    },
    Licence.ATTRIBUTION: {"name": "attribution", "title": Licence.ATTRIBUTION.value},
}


def describe(
    folder: Path, about: Mapping[str, str], tables: Sequence[BulkTable], counts: Mapping[str, int]
) -> None:
    """Write the data packages of a folder's tables, and the hashes of all files as `sha256sum --check` reads them.

    about: what is said of the whole, such as its title and version.
    """
    known = publications().values()
    told = {
        "profile": "data-package",
        **about,
        "licenses": [_LICENCES[item] for item in dict.fromkeys(own.licence for own in known)],
        "sources": [{"title": f"{own.publisher}: {own.name}", "path": own.landing_url} for own in known],
    }
    for ending, name in PACKAGES.items():
        resources = [_resource(folder, table, counts[table.name], ending) for table in tables]
        content = orjson.dumps({**told, "resources": resources}, option=orjson.OPT_INDENT_2)
        (folder / name).write_bytes(content)
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    (folder / SUMS).write_text("".join(f"{sha256_of(folder / name)}  {name}\n" for name in names), "ascii")


def figures_package(site: str, version: DataVersion) -> dict[str, str]:
    """What is said of the files of a data version."""
    invented = " (demonstration data: every number is invented)" if version.demonstration else ""
    return {
        "name": "performance-standards",
        "title": f"{site}: all figures, data version {version.number}{invented}",
        "version": str(version.number),
        **({"created": f"{version.loaded_on.isoformat()}T00:00:00Z"} if version.loaded_on else {}),
    }


def notes_package(site: str, version: DataVersion) -> dict[str, str]:
    """What is said of the files of what people wrote: as of now, since it belongs to no data version."""
    return {
        "name": "performance-standards-notes",
        "title": f"{site}: events, plans, commentary and issued packs, as readers see them",
        "version": str(version.state),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resource(folder: Path, table: BulkTable, rows: int, ending: str) -> dict[str, Any]:
    path = folder / f"{table.name}.{ending}"
    told = {
        "name": table.name,
        "path": path.name,
        "title": table.title,
        "description": f"A row: {table.about[:1].lower()}{table.about[1:]}.",
        "mediatype": MEDIA_TYPES[path.suffix],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "rows": rows,
    }
    fields = [_field(column_definition(key)) for key in table.keys]
    unique = {"primaryKey": list(table.unique)} if table.unique else {}
    schema = {"fields": fields, "missingValues": [""], **unique}
    as_csv = {"format": "csv", "encoding": "utf-8", "compression": "gz"}
    how = as_csv if ending == "csv.gz" else {"format": "parquet"}
    return {**told, "profile": "tabular-data-resource", **how, "schema": schema}


def _field(known: ColumnDefinition) -> dict[str, Any]:
    unit = f" Unit: {known.unit}." if known.unit else ""
    limits = {"minimum": known.least, "maximum": known.most, "enum": list(known.values) or None}
    constraints = {name: limit for name, limit in limits.items() if limit is not None}
    return {
        "name": known.key,
        "type": _FIELD_TYPES[known.type],
        **({"format": "any"} if known.type is CellType.MOMENT else {}),
        "description": f"{known.meaning}{unit}",
        **({"constraints": constraints} if constraints else {}),
    }

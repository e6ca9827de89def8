"""What commands print of files."""

from __future__ import annotations

from etl.commands.report import refused_line


def test_a_refusal_names_its_file_once() -> None:
    assert refused_line("a.xls", "a.xls: its name says May, but the file says June") == (
        "REFUSED a.xls: its name says May, but the file says June"
    )
    assert refused_line("a.xls", "the file is cut short") == "REFUSED a.xls: the file is cut short"

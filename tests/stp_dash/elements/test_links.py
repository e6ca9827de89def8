"""Addresses, and what hostile ones are read as."""

from __future__ import annotations

from stp_dash.elements.links import LONGEST_VALUE, href, read_search


def test_addresses_leave_out_what_is_not_given() -> None:
    assert href("/trend", indicator="a b", organisation=None, view="") == "/trend?indicator=a+b"
    assert href("/") == "/"


def test_an_address_reads_back() -> None:
    breakdown = "route: Screening; tumour group: Breast & other"
    assert read_search(href("", breakdown=breakdown)) == {"breakdown": breakdown}


def test_the_first_of_a_repeated_parameter_counts() -> None:
    assert read_search("?a=1&a=2") == {"a": "1"}


def test_hostile_text_is_cut_and_never_fails() -> None:
    assert len(read_search("?a=" + "x" * 10_000)["a"]) == LONGEST_VALUE
    for text in (
        None,
        "",
        "?",
        "?&&==",
        "?%ff=%zz",
        "?a=%00",
        "?" + "&".join(f"a{i}=1" for i in range(5_000)),
    ):
        assert isinstance(read_search(text), dict)

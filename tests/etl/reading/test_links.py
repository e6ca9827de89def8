"""Links of a page, with the heading they stand under."""

from __future__ import annotations

from etl.reading.links import Link, links

PAGE = "https://www.example.org/statistics/area/"
HTML = """
<p><a href="guide/">Guide</a></p>
<h2>October  <em>2025</em></h2>
<ul><li><a href="/uploads/2025/12/A%20file-&amp;.CSV">2025-26 Oct &#8211; Mar (CSV, 27.8MB)</a>
<li><a href="/uploads/2025/12/A%20file-&amp;.CSV">2025-26 Oct &#8211; Mar (CSV, 27.8MB)</a>
<li><a href="mailto:someone@example.org">write</a><a>no address</a><a href="#top">top</a></ul>
"""


def test_links_are_absolute_with_tidy_text_and_heading() -> None:
    found = links(HTML, PAGE)
    assert found == (
        Link(PAGE + "guide/", "Guide", ""),
        Link(
            "https://www.example.org/uploads/2025/12/A%20file-&.CSV",
            "2025-26 Oct – Mar (CSV, 27.8MB)",
            "October 2025",
        ),
        Link(PAGE, "top", "October 2025"),
    )


def test_name_and_suffix_come_from_the_address() -> None:
    file = links(HTML, PAGE)[1]
    assert (file.name, file.suffix) == ("A file-&.CSV", ".csv")
    assert links(HTML, PAGE)[0].suffix == ""

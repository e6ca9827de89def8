"""The sentences of the loading page."""

from __future__ import annotations

from db.domain.holdings import Filling, SourceFilling

AGAIN_SECONDS = 4
"""How long a page of what is under way stands before it is asked for again."""
INVENTED = "Its numbers are invented. The first real file of a source removes those of that source."


def loading_title(filling: Filling, *, empty: bool) -> str:
    """What the page finds, in a line that stays the same while files come in."""
    if filling.stopped:
        return "Loading the demonstration edition was stopped"
    if filling.sources:
        return "The demonstration edition is being loaded"
    return "No data is loaded yet" if empty else "Nothing is being loaded"


def loading_lede(filling: Filling, *, empty: bool) -> str:
    """How far it is, and what a reader can do meanwhile."""
    if not filling.sources:
        return "The store is empty." if empty else "Every figure that was to be loaded first is in the store."
    told = files_words(filling.done, filling.files)
    if filling.stopped:
        return f"{told} are in. The next start of the site goes on with it."
    if not filling.files:
        return "The store was empty when the site started. The first figures come within a minute."
    return (
        f"{told} are in. What is in can be read already. This page looks again every {AGAIN_SECONDS} seconds."
    )


def files_words(done: int, files: int) -> str:
    """`34 of 137 files`."""
    return f"{done} of {files} files"


def filling_words(filling: SourceFilling) -> str:
    """How far one source is."""
    if not filling.files:
        return "being prepared"
    return f"all {filling.files} files" if filling.whole else files_words(filling.done, filling.files)


def held_words(indicators: int, newest: str) -> str:
    """What of a source can be read: `9 indicators, up to October 2025`."""
    if not indicators:
        return "Nothing of it can be read yet."
    return f"{indicators} indicator{'' if indicators == 1 else 's'}, up to {newest}"

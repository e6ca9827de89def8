"""What became of an organisation: when it closed, what came after it, and what came before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.catalogue.policy_dates import FORMER_CCGS_END
from db.domain import Catalogue, Organisation, OrganisationType, SuccessionKind
from stp_dash.analysis.wording import date_text, listing
from stp_dash.elements.links import ORGANISATION, href

_KINDS = {
    SuccessionKind.MERGER: "merged into",
    SuccessionKind.SPLIT: "split between",
    SuccessionKind.RENAME: "carried on as",
    SuccessionKind.TRANSFER: "handed on a part to",
}


@dataclass(frozen=True)
class OrganisationStatus:
    """Sentences on an organisation that closed or changed, and the organisations to go to."""

    sentences: tuple[str, ...]
    successors: tuple[tuple[str, str], ...]
    predecessors: tuple[tuple[str, str], ...]

    @property
    def told(self) -> bool:
        return bool(self.sentences)


def status_of(
    catalogue: Catalogue, code: str, known: Organisation | None, names: Mapping[str, str], day: date
) -> OrganisationStatus:
    """The organisation's end and successors as of a day. `known` is the catalogue's or a team's own entry."""
    after = [item for item in catalogue.successions if item.predecessor == code and item.effective_on <= day]
    before = [item for item in catalogue.successions if item.successor == code]
    sentences = []
    closed = known.closed_on if known and known.closed_on and known.closed_on <= day else None
    if closed is not None:
        sentences.append(f"Closed on {date_text(closed)}.")
    for on in sorted({item.effective_on for item in after}):
        same = [item for item in after if item.effective_on == on]
        named = listing([f"{names.get(item.successor, item.successor)} ({item.successor})" for item in same])
        if closed is None and same[0].kind is not SuccessionKind.TRANSFER:
            sentences.append(_still_open(known, [item.successor for item in same], named, on))
        else:
            sentences.append(f"On {date_text(on)} it {_KINDS[same[0].kind]} {named}.")
    if (
        closed is not None
        and closed >= FORMER_CCGS_END
        and known is not None
        and known.type is OrganisationType.CCG
    ):
        sentences.append(
            "Figures of practice staff since then are sums of the practices that were in its area on "
            f"{date_text(FORMER_CCGS_END)}."
        )
    return OrganisationStatus(
        tuple(sentences),
        tuple(_link(item.successor, names) for item in after),
        tuple(_link(item.predecessor, names) for item in before),
    )


def _still_open(known: Organisation | None, successors: Sequence[str], named: str, on: date) -> str:
    """What has a successor and did not close: a CCG's code and area go on as a location within the ICB after it."""
    parents = {parent.code for parent in known.parents if parent.in_force(on)} if known else set()
    if known is not None and known.type is OrganisationType.SUB_ICB_LOCATION and parents & {*successors}:
        still = "it is still open, as a location within that ICB"
        return f"Since {date_text(on)} {named} commissions in its place; {still}."
    return f"On {date_text(on)} {named} came after it; no day is known on which it closed."


def _link(code: str, names: Mapping[str, str]) -> tuple[str, str]:
    return f"{names.get(code, code)} ({code})", href(ORGANISATION, organisation=code)

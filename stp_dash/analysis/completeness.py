"""How much of what is wanted a sentence rests on: standards that can be judged, figures that are there."""

from __future__ import annotations

from stp_dash.analysis.wording import capitalised, number_word, uncapitalised


def standards_sentence(topic: str, met: int, missed: int, in_force: int) -> str:
    """How many of a topic's standards are missed, of those that can be judged, of those in force.

    `Two of three cancer standards are missed`, `Of nine cancer standards in force one can be judged: it is missed`;
    "" for a topic without standards in force.
    """
    judged = met + missed
    name = f"{uncapitalised(topic)} standard{'' if in_force == 1 else 's'}"
    if not in_force:
        return ""
    if not judged:
        which = "The one" if in_force == 1 else ("Neither of two" if in_force == 2 else "None of ")
        which = f"{which}{number_word(in_force) if in_force > 2 else ''}"
        return f"{which} {name} in force can{'not' if in_force == 1 else ''} be judged"
    if judged < in_force:
        found = f"{judged_words(met, missed)}"
        return f"Of {number_word(in_force)} {name} in force {number_word(judged)} can be judged: {found}"
    if met and missed:
        verb = "is" if missed == 1 else "are"
        return f"{capitalised(number_word(missed))} of {number_word(judged)} {name} {verb} missed"
    which = {1: "The one", 2: "Both"}.get(judged, f"All {number_word(judged)}")
    return f"{which} {name} {'is' if judged == 1 else 'are'} {'met' if met else 'missed'}"


def judged_words(met: int, missed: int) -> str:
    """`it is missed`, `both are met`, `two are missed, one is met`."""
    if met and missed:
        told = ((missed, "missed"), (met, "met"))
        return ", ".join(f"{number_word(count)} {'is' if count == 1 else 'are'} {how}" for count, how in told)
    judged = met + missed
    which = {1: "it is", 2: "both are"}.get(judged, f"all {number_word(judged)} are")
    return f"{which} {'met' if met else 'missed'}"


def parts_met(name: str, met: int, judged: int, kind: str) -> str:
    """`Two of the four trusts with a figure met 62-day urgent referral.`; `kind` is the parts' plural."""
    if judged == 1:
        return f"The one {kind.removesuffix('s')} with a figure {'met' if met else 'missed'} {name}."
    which = {0: "None", judged: "All"}.get(met, capitalised(number_word(met)))
    return f"{which} of the {number_word(judged)} {kind} with a figure met {name}."

"""The publisher's words for standards, routes, stages, modalities and tumour groups, and ours for each."""

from __future__ import annotations

import re
from collections.abc import Iterable

FDS = "cancer-28-day-faster-diagnosis"
COMBINED_31 = "cancer-31-day-combined"
COMBINED_62 = "cancer-62-day-combined"
TWO_WEEK_WAIT = "cancer-two-week-wait"
BREAST_SYMPTOMS = "cancer-two-week-wait-breast-symptoms"
FIRST_31 = "cancer-31-day-first-treatment"
SURGERY_31 = "cancer-31-day-subsequent-surgery"
DRUGS_31 = "cancer-31-day-subsequent-drugs"
RADIOTHERAPY_31 = "cancer-31-day-subsequent-radiotherapy"
URGENT_62 = "cancer-62-day-urgent-referral"
SCREENING_62 = "cancer-62-day-screening"
UPGRADE_62 = "cancer-62-day-consultant-upgrade"

COMBINED = (COMBINED_31, COMBINED_62)
DAYS = {
    TWO_WEEK_WAIT: 14,
    BREAST_SYMPTOMS: 14,
    FDS: 28,
    FIRST_31: 31,
    SURGERY_31: 31,
    DRUGS_31: 31,
    RADIOTHERAPY_31: 31,
    COMBINED_31: 31,
    URGENT_62: 62,
    SCREENING_62: 62,
    UPGRADE_62: 62,
    COMBINED_62: 62,
}
"""Within how many days each indicator counts a patient as within the standard."""

ROUTE, STAGE, MODALITY, TUMOUR, TUMOUR_TEN = (
    "route",
    "stage",
    "modality",
    "tumour group",
    "tumour group (ten)",
)

ALL_CARE = "all care"
CARE_SETTINGS = (ALL_CARE, "admitted", "non-admitted", "non admitted")
"""Where a patient was treated, to September 2023. Only rows over all settings are read where there are such."""

_ALL_LABELS = frozenset(
    {
        "",
        "all cancers",
        "all suspected cancer",
        "all routes",
        "all referral routes",
        "all stages",
        "all modalities",
    }
)
_ROUTES = (
    "Urgent suspected cancer",
    "Breast symptomatic",
    "Screening",
    "Consultant upgrade",
    "National screening programme",
    "Breast symptomatic, cancer not suspected",
)
_STAGES = ("First treatment", "Subsequent treatment")
_MODALITIES = ("Anti-cancer drug regimen", "Other", "Radiotherapy", "Surgery")
_TUMOURS = (
    "Breast",
    "Gynaecological",
    "Haematological",
    "Haematological - Lymphoma",
    "Haematological - Other",
    "Head & neck",
    "Lower gastrointestinal",
    "Lung",
    "Other",
    "Skin",
    "Upper gastrointestinal",
    "Upper gastrointestinal - Hepatobiliary",
    "Upper gastrointestinal - Oesophagus & stomach",
    "Urological",
    "Urological - Other",
    "Urological - Prostate",
    "Missing or invalid",
    "Exhibited (non-cancer) breast symptoms - cancer not initially suspected",
    "Suspected acute leukaemia",
    "Suspected brain/central nervous system tumours",
    "Suspected breast cancer",
    "Suspected cancer - non-specific symptoms",
    "Suspected children's cancer",
    "Suspected gynaecological cancer",
    "Suspected haematological malignancies (excluding acute leukaemia)",
    "Suspected head & neck cancer",
    "Suspected lower gastrointestinal cancer",
    "Suspected lung cancer",
    "Suspected other cancer",
    "Suspected sarcoma",
    "Suspected skin cancer",
    "Suspected testicular cancer",
    "Suspected upper gastrointestinal cancer",
    "Suspected urological malignancies (excluding testicular)",
)
_OF_DIMENSION = {ROUTE: _ROUTES, STAGE: _STAGES, MODALITY: _MODALITIES, TUMOUR: _TUMOURS}
_SPELLINGS = {member.casefold(): member for members in _OF_DIMENSION.values() for member in members} | {
    "subsequent": "Subsequent treatment",
    "first": "First treatment",
    "urgent screening": "Screening",
}

TEN_GROUPS = {
    "Lung": "Lung",
    "Breast": "Breast",
    "Skin": "Skin",
    "Lower gastrointestinal": "Lower gastrointestinal",
    "Urological": "Urological",
    "Urological - Prostate": "Urological",
    "Urological - Other": "Urological",
    "Haematological": "Haematological",
    "Haematological - Lymphoma": "Haematological",
    "Haematological - Other": "Haematological",
    "Upper gastrointestinal": "Upper gastrointestinal",
    "Upper gastrointestinal - Oesophagus & stomach": "Upper gastrointestinal",
    "Upper gastrointestinal - Hepatobiliary": "Upper gastrointestinal",
    "Head & neck": "Head & neck",
    "Gynaecological": "Gynaecological",
    "Other": "Other",
}
"""The thirteen tumour groups of October 2023 in the ten of April 2022 to September 2023.

NHS England, Technical note on tumour classifications in 31 and 62 day combined standards.
"""

_FOOTNOTE_LETTER = re.compile(r"\s*\(([a-z]|\d+)\)")
_TITLES: tuple[tuple[str, str], ...] = (
    (r"two week wait-exhibited breast symptoms.*", BREAST_SYMPTOMS),
    (r"two week wait breast symptomatic.*", BREAST_SYMPTOMS),
    (r"all cancers two week wait", TWO_WEEK_WAIT),
    (r"two week wait from gp urgent referral to first consultant appointment", TWO_WEEK_WAIT),
    (r"62-day \(urgent gp referral to treatment\) wait for first treatment: all cancers", URGENT_62),
    (r"two month( \(62.days?\))? wait from gp urgent referral to a first treatment for cancer", URGENT_62),
    (r"62-day wait for first treatment from consultant upgrade: all cancers", UPGRADE_62),
    (
        r"two month( \(62.days?\))? wait following a consultant upgrade to a first treatment for cancer",
        UPGRADE_62,
    ),
    (r"62-day wait for first treatment (from|following) (nhs )?screening service referral.*", SCREENING_62),
    (
        r"two month( \(62.days?\))? wait from a national screening service to a first treatment for cancer",
        SCREENING_62,
    ),
    (r"31-day \(diagnosis to treatment\) wait for first treatment: all cancers", FIRST_31),
    (r"one month( \(31.days?\))? wait from a decision to treat to a first treatment for cancer", FIRST_31),
    (r"31-day wait for second or subsequent treatment: surgery.*", SURGERY_31),
    (r"31-day wait for second or subsequent treatment: anti cancer drug.*", DRUGS_31),
    (r"31-day wait for second or subsequent treatment: radiotherapy.*", RADIOTHERAPY_31),
    (
        r"one month( \(31.days?\))? wait from a decision to treat to a subsequent treatment .*\(surgery\)",
        SURGERY_31,
    ),
    (
        r"one month( \(31.days?\))? wait from a decision to treat to a subsequent treatment .*\(anti-cancer drug.*\)",
        DRUGS_31,
    ),
    (
        r"one month( \(31.days?\))? wait from a decision to treat to a subsequent treatment .*\(radiotherapy\)",
        RADIOTHERAPY_31,
    ),
    (r"28-day faster diagnosis.*", FDS),
    (r"four week \(28.days?\) wait from urgent referral to patient told they have cancer.*", FDS),
    (r"one month \(31.days?\) wait from a decision to treat/earliest clinically appropriate.*", COMBINED_31),
    (r"two month \(62.days?\) wait from an urgent suspected cancer or breast symptomatic.*", COMBINED_62),
)
_BY_CANCER = re.compile(r"[\s:,-]*\bby (suspected )?(type of )?(cancer|tumour)( (type|site|group))?$")
_REFERRAL_TITLE = re.compile(
    r"wait from urgent (suspected cancer|breast symptomatic) referral to being seen.*", re.IGNORECASE
)


def indicator_of_title(title: str) -> str | None:
    """The indicator that a table's title names, in a workbook, a text file or a time series; None if unknown."""
    text = " ".join(title.split()).casefold()
    base = _BY_CANCER.sub("", text)
    # The tables by cancer are of the standards of the tables of all cancers, whose titles differ in their ends only.
    spellings = [text] if base == text else [base, f"{base}: all cancers", f"all cancers {base}"]
    return next(
        (
            indicator
            for spelling in spellings
            for pattern, indicator in _TITLES
            if re.fullmatch(pattern, spelling)
        ),
        None,
    )


def is_referral_table(title: str) -> bool:
    """Whether a table counts referrals seen. They have had no standard since October 2023, so we keep none."""
    return _REFERRAL_TITLE.fullmatch(" ".join(title.split())) is not None


def pathway_dimension(indicator: str) -> str:
    """What the route or stage column means: the 31-day standard has stages of treatment, the others routes."""
    return STAGE if indicator == COMBINED_31 else ROUTE


def member_of(label: str) -> str:
    """A published label in one spelling: sentence case, no footnote letter; "" for any "all" and for a blank.

    A label that we do not know is kept, tidied so that it can stand in a breakdown key.
    """
    tidy = " ".join(_FOOTNOTE_LETTER.sub("", label).split())
    if tidy.casefold() in _ALL_LABELS:
        return ""
    return _SPELLINGS.get(tidy.casefold()) or tidy.replace(";", ",").replace(": ", " - ")


def is_misplaced(member: str, dimension: str) -> bool:
    """Whether a label that we know stands among those of another dimension: `Surgery` among tumour groups."""
    return member.casefold() in _SPELLINGS and member not in (*_OF_DIMENSION[dimension], "Missing or invalid")


def unknown_members(members: Iterable[str]) -> list[str]:
    """Those members that are none of the publisher's known labels."""
    return sorted({member for member in members if member and member.casefold() not in _SPELLINGS})

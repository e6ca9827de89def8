"""The publisher's words for parts of the return and treatment functions, and ours for each."""

from __future__ import annotations

WITHIN_18, OVER_52, OVER_65, OVER_78 = (
    "rtt-within-18-weeks",
    "rtt-over-52-weeks",
    "rtt-over-65-weeks",
    "rtt-over-78-weeks",
)
WAITING_LIST, MEDIAN, PERCENTILE_92 = "rtt-waiting-list", "rtt-median-wait", "rtt-92nd-percentile-wait"
NEW_PERIODS = "rtt-new-periods"
ADMITTED_WITHIN_18, NON_ADMITTED_WITHIN_18 = (
    "rtt-admitted-within-18-weeks",
    "rtt-non-admitted-within-18-weeks",
)

ADMITTED, NON_ADMITTED, INCOMPLETE, WITH_DECISION, NEW = "Part_1A", "Part_1B", "Part_2", "Part_2A", "Part_3"
PARTS = (ADMITTED, NON_ADMITTED, INCOMPLETE, WITH_DECISION, NEW)
"""The parts of the return. Part 2A (those with a decision to admit) is a part of Part 2, so parts are never added."""

COMPLETED = {ADMITTED: ADMITTED_WITHIN_18, NON_ADMITTED: NON_ADMITTED_WITHIN_18}

DIMENSION = "treatment function"
TOTAL = "C_999"
FUNCTIONS = {
    "C_100": "General Surgery",
    "C_101": "Urology",
    "C_110": "Trauma and Orthopaedic",
    "C_120": "Ear Nose and Throat",
    "C_130": "Ophthalmology",
    "C_140": "Oral Surgery",
    "C_150": "Neurosurgical",
    "C_160": "Plastic Surgery",
    "C_170": "Cardiothoracic Surgery",
    "C_300": "General Internal Medicine",
    "C_301": "Gastroenterology",
    "C_320": "Cardiology",
    "C_330": "Dermatology",
    "C_340": "Respiratory Medicine",
    "C_400": "Neurology",
    "C_410": "Rheumatology",
    "C_430": "Elderly Medicine",
    "C_502": "Gynaecology",
    "X01": "Other, to March 2021",
    "X02": "Other - Medical",
    "X03": "Other - Mental Health",
    "X04": "Other - Paediatric",
    "X05": "Other - Surgical",
    "X06": "Other - Other",
    TOTAL: "",
}
"""Treatment functions by code, in the words of April 2021 on; those before had other names and one Other."""

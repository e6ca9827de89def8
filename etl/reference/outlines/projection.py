"""From longitude and latitude to metres east and north on the plane of the British National Grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Rows of two numbers: longitude and latitude in degrees, or easting and northing in metres."""

# Ordnance Survey, A guide to coordinate systems in Great Britain, annexes A and C.
SEMI_MAJOR, SEMI_MINOR = 6_377_563.396, 6_356_256.909
SCALE = 0.999_601_271_7
ORIGIN_LATITUDE, ORIGIN_LONGITUDE = np.radians(49.0), np.radians(-2.0)
FALSE_EASTING, FALSE_NORTHING = 400_000.0, -100_000.0
_ECCENTRICITY = 1 - (SEMI_MINOR / SEMI_MAJOR) ** 2
_N = (SEMI_MAJOR - SEMI_MINOR) / (SEMI_MAJOR + SEMI_MINOR)


def national_grid(degrees: Points) -> Points:
    """Eastings and northings of longitudes and latitudes, by the National Grid's transverse Mercator projection.

    The shift between the datums of WGS84 and of the grid (up to 120 metres) is left out: the same for a whole area,
    it cannot be seen on a map of one. Ordnance Survey, A guide to coordinate systems in Great Britain, annex C.1.
    """
    longitude, latitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    sine, cosine, tangent = np.sin(latitude), np.cos(latitude), np.tan(latitude)
    shrink = 1 - _ECCENTRICITY * sine**2
    nu = SEMI_MAJOR * SCALE * shrink**-0.5
    eta = nu / (SEMI_MAJOR * SCALE * (1 - _ECCENTRICITY) * shrink**-1.5) - 1
    ratio = 1 + eta
    east = longitude - ORIGIN_LONGITUDE
    square = tangent**2
    northing = (
        _meridian(latitude)
        + FALSE_NORTHING
        + nu / 2 * sine * cosine * east**2
        + nu / 24 * sine * cosine**3 * (5 - square + 9 * eta) * east**4
        + nu / 720 * sine * cosine**5 * (61 - 58 * square + square**2) * east**6
    )
    easting = (
        FALSE_EASTING
        + nu * cosine * east
        + nu / 6 * cosine**3 * (ratio - square) * east**3
        + nu / 120 * cosine**5 * (5 - 18 * square + square**2 + 14 * eta - 58 * square * eta) * east**5
    )
    return np.column_stack([easting, northing])


def _meridian(latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distance along the central meridian from the grid's origin."""
    difference, total = latitude - ORIGIN_LATITUDE, latitude + ORIGIN_LATITUDE
    arc = (
        (1 + _N + 5 / 4 * _N**2 + 5 / 4 * _N**3) * difference
        - (3 * _N + 3 * _N**2 + 21 / 8 * _N**3) * np.sin(difference) * np.cos(total)
        + (15 / 8 * _N**2 + 15 / 8 * _N**3) * np.sin(2 * difference) * np.cos(2 * total)
        - 35 / 24 * _N**3 * np.sin(3 * difference) * np.cos(3 * total)
    )
    return np.asarray(SEMI_MINOR * SCALE * arc, dtype=np.float64)

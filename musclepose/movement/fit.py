"""How well the fitted body lies on the picture: what may be said about angles depends on it, not on the forces."""

from __future__ import annotations

from musclepose.movement.summary import Level
from musclepose.quality import (
    REPROJECTION_HIGH,
    REPROJECTION_MEDIUM,
    SEEN_HIGH,
    SEEN_MEDIUM,
    person_height_px,
)
from musclepose.records import Analysis


def fit_level(analysis: Analysis) -> Level:
    """By the median miss (share of the person's height in the picture) and the share of seen joints."""
    miss = analysis.quality.reprojection_error_px / person_height_px(
        analysis.track
    )
    seen = analysis.quality.seen_fraction
    if miss <= REPROJECTION_HIGH and seen >= SEEN_HIGH:
        return "high"
    return (
        "medium"
        if miss <= REPROJECTION_MEDIUM and seen >= SEEN_MEDIUM
        else "low"
    )

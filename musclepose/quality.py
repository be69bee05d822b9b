"""How far a result can be trusted, as figures and a level with stated limits."""

from __future__ import annotations

from typing import Literal

import numpy as np
from torch import Tensor

from musclepose.physics.constants import G_M_S2
from musclepose.physics.whole_body import BodyPhysics
from musclepose.records import Array, PoseTrack, Quality

# Hicks et al. 2015: residuals of at most 5 % of the net external force and 1 % of centre-of-mass height x that force.
HICKS_FORCE, HICKS_MOMENT = 0.05, 0.01
# Chosen: where a coach may still read peaks (medium), and the shares of seen joints and reprojection that go with it.
MEDIUM_FORCE_BW = 0.25
SEEN_HIGH, SEEN_MEDIUM = 0.9, 0.7
REPROJECTION_HIGH, REPROJECTION_MEDIUM = 0.02, 0.05  # of the person's height in the picture


def _rms(values: Tensor) -> float:
    return float(values.square().sum(-1).mean().sqrt())


def person_height_px(track: PoseTrack) -> float:
    """Median diagonal of the box around the seen joints, px."""
    span = np.nanmax(track.keypoints_px, axis=1) - np.nanmin(track.keypoints_px, axis=1)
    return float(np.nanmedian(np.hypot(span[:, 0], span[:, 1])))


def quality_of(physics: BodyPhysics, track: PoseTrack, fit_px: Array, mass_kg: float) -> Quality:
    """Quality figures of one analysis; fit_px (T, 17, 2) are the fitted body's points at the source times."""
    force = _rms(physics.required_force_n)
    height = float(physics.com_world_m[:, 1].mean() - physics.sole_world_m[..., 1].amin())
    residual = _rms(physics.residual_force_n)
    error = np.linalg.norm(fit_px - track.keypoints_px, axis=-1)
    reprojection = float(np.nanmedian(error))
    seen = float((track.confidence > 0).mean())
    figures = (
        residual / (mass_kg * G_M_S2), residual / force, _rms(physics.residual_moment_nm) / (height * force),
        reprojection, seen,
    )  # fmt: skip
    level, warnings = _level(figures, reprojection / person_height_px(track))
    return Quality(*figures, level=level, warnings=warnings)


def _level(figures: tuple[float, ...], reprojection: float) -> tuple[Literal["high", "medium", "low"], tuple[str, ...]]:
    residual_bw, force, moment, _, seen = figures
    warnings = []
    if force > HICKS_FORCE or moment > HICKS_MOMENT:
        warnings.append(
            f"Root residual {100 * force:.0f} % of the net force and {100 * moment:.1f} % of centre-of-mass "
            "height x force; 5 % and 1 % are accepted in the field (Hicks 2015)."
        )
    if seen < SEEN_HIGH:
        warnings.append(f"Only {100 * seen:.0f} % of the joints were seen.")
    if reprojection > REPROJECTION_HIGH:
        warnings.append(f"The fitted body lies {100 * reprojection:.1f} % of the person's size beside the seen joints.")
    if not warnings:
        return "high", ()
    usable = residual_bw <= MEDIUM_FORCE_BW and seen >= SEEN_MEDIUM and reprojection <= REPROJECTION_MEDIUM
    return ("medium" if usable else "low"), tuple(warnings)

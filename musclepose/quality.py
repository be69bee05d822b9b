"""How far a result can be trusted, as figures and a level with stated limits."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch

from musclepose.physics.constants import G_M_S2
from musclepose.records import Array, PoseTrack, Quality
from musclepose.utils.rot import rot_x, rot_z

# Hicks et al. 2015: residuals of at most 5 % of the net external force and 1 % of centre-of-mass height x that force.
HICKS_FORCE, HICKS_MOMENT = 0.05, 0.01
# Chosen: where a coach may still read peaks (medium), and the shares of seen joints and reprojection that go with it.
MEDIUM_FORCE_BW = 0.25
SEEN_HIGH, SEEN_MEDIUM = 0.9, 0.7
REPROJECTION_HIGH, REPROJECTION_MEDIUM = (
    0.02,
    0.05,
)  # of the person's height in the picture


def _rms(values: Array) -> float:
    """Root mean square length of the vectors (T, 3) that are known."""
    known = values[np.isfinite(values).all(-1)]
    return (
        float(np.sqrt((known**2).sum(-1).mean()))
        if len(known)
        else float("nan")
    )


def residual_moment_world_nm(
    q: Array, tau_nm: Array, com_from_root_m: Array
) -> Array:
    """(T, 3) N m about the centre of mass: what the ground did not give.

    The root's generalised forces are the residual wrench on its axes: tau[3:6] = A^T M_root, with the columns of A the
    world directions of the z, x and y rotation axes; then M_com = M_root - (com - root) x F.
    """
    z, x = torch.from_numpy(q[:, 3].copy()), torch.from_numpy(q[:, 4].copy())
    first, second = rot_z(z).numpy(), (rot_z(z) @ rot_x(x)).numpy()
    unit_z = np.broadcast_to(np.array([0.0, 0.0, 1.0]), first[:, :, 2].shape)
    axes = np.stack([unit_z, first[:, :, 0], second[:, :, 1]], axis=2)
    root = np.linalg.solve(np.swapaxes(axes, 1, 2), tau_nm[:, 3:6, None])[
        ..., 0
    ]
    return root - np.cross(com_from_root_m, tau_nm[:, :3])


def frames_in_view(track: PoseTrack) -> slice:
    """From the first to the last frame in which anything of the person was seen; all where nothing was."""
    frames = np.flatnonzero((track.confidence > 0).any(1))
    return (
        slice(int(frames[0]), int(frames[-1]) + 1)
        if len(frames)
        else slice(0, len(track.time_s))
    )


def person_height_px(track: PoseTrack) -> float:
    """Median diagonal of the box around the seen joints, px."""
    seen = np.isfinite(track.keypoints_px).all(-1).any(-1)
    points = track.keypoints_px[seen]
    span = np.nanmax(points, axis=1) - np.nanmin(points, axis=1)
    return float(np.median(np.hypot(span[:, 0], span[:, 1])))


def quality_of(
    q: Array,
    tau_nm: Array,
    grf_world_n: Array,
    com_world_m: Array,
    track: PoseTrack,
    fit_px: Array,
    mass_kg: float,
) -> Quality:
    """Quality figures of one analysis, all at the source times; heights are above the floor y = 0. The ground reaction
    is that of all supports (T, n, 3).

    Frames without forces (NaN, nobody seen) count in the share of seen joints alone.
    """
    residual = tau_nm[:, :3]
    needed, lacking = _rms(residual + grf_world_n.sum(1)), _rms(residual)
    moment = _rms(residual_moment_world_nm(q, tau_nm, com_world_m - q[:, :3]))
    reprojection = float(
        np.nanmedian(np.linalg.norm(fit_px - track.keypoints_px, axis=-1))
    )
    height = float(com_world_m[:, 1].mean())
    figures = (
        lacking / (mass_kg * G_M_S2),
        lacking / needed,
        moment / (height * needed),
        reprojection,
        float((track.confidence[frames_in_view(track)] > 0).mean()),
    )
    level, warnings = _level(figures, reprojection / person_height_px(track))
    return Quality(*figures, level=level, warnings=warnings)


def _level(
    figures: tuple[float, ...], reprojection: float
) -> tuple[Literal["high", "medium", "low"], tuple[str, ...]]:
    residual_bw, force, moment, _, seen = figures
    warnings = []
    if force > HICKS_FORCE or moment > HICKS_MOMENT:
        warnings.append(
            f"Root residual {100 * force:.0f} % of the net force and {100 * moment:.1f} % of centre-of-mass "
            "height x force; 5 % and 1 % are accepted in the field (Hicks 2015)."
        )
    if seen < SEEN_HIGH:
        warnings.append(
            f"Only {100 * seen:.0f} % of the joints were seen while the person was in view."
        )
    if reprojection > REPROJECTION_HIGH:
        warnings.append(
            f"The fitted body lies {100 * reprojection:.1f} % of the person's size beside the seen joints."
        )
    if not warnings:
        return "high", ()
    usable = (
        residual_bw <= MEDIUM_FORCE_BW
        and seen >= SEEN_MEDIUM
        and reprojection <= REPROJECTION_MEDIUM
    )
    return ("medium" if usable else "low"), tuple(warnings)

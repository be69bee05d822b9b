"""What the page's player draws over the film: plain numbers per frame, in pixels of the source picture.

The page only draws; every number is made here. A value that is not known is None.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from musclepose.movement.summary import PhysicsSummary
from musclepose.movement.visibility import seen_joints
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import COCO17, DOF_INDEX, SEGMENTS
from musclepose.records import Analysis, Array
from musclepose.report.compare import ComparedSet, comparison_of
from musclepose.report.effort_map import effort_map
from musclepose.report.palette import FORCE, UNSEEN, effort_table
from musclepose.report.repetitions import repetition_columns
from musclepose.report.say import IN_ENGLISH, Say
from musclepose.report.skeleton_lines import BONES, Lines, lines_of
from musclepose.report.space import space_of

_WRISTS = [COCO17.index("left_wrist"), COCO17.index("right_wrist")]
_FAR_PX = 1e5  # a point this far outside is a failed projection
# (segment whose origin is the joint, degree of freedom, key of `seen_joints`), without the side
_ANGLES = (
    ("shank", "knee_flexion", "knee"),
    ("thigh", "hip_flexion", "hip"),
    ("forearm", "elbow_flexion", "elbow"),
)


def drawing_of(
    analysis: Analysis,
    summary: PhysicsSummary,
    before: tuple[Analysis, PhysicsSummary] | None = None,
    say: Say = IN_ENGLISH,
) -> dict[str, Any]:
    """Everything that the player needs besides the film; see the comments for shapes (T frames).

    before: the set before this one, whose repetitions can be compared with these.
    """
    lines = lines_of(analysis)
    return {
        "size": list(analysis.track.size_px),
        "times": _rounded(analysis.time_s, 4),  # T
        "bones": [[bone.start, bone.end] for bone in BONES],
        "points": _points(lines.points_px),  # T x (x, y of 21 points)
        "effort": _efforts(lines),  # T x 21, 0 to 100; None: not known
        "seen": lines.seen.astype(int).tolist(),  # T x bones
        "keypoints": _points(lines.keypoints_px),  # T x (x, y of 17 points)
        "forces": _points(
            lines.force_px
        ),  # T x (start x, y, tip x, y of two feet)
        "path": _points(_hands_px(lines)[:, None]),  # T x (x, y)
        "angles": _angles(analysis),
        "ground": _ground_bw(analysis),  # T x (left, right) body weights
        "colours": {
            "effort": effort_table().tolist(),
            "force": list(FORCE),
            "unseen": list(UNSEEN),
        },
        "repetitions": _repetitions(summary),
        "space": space_of(analysis),
        "efforts": effort_map(analysis, summary, say),
        "compare": comparison_of(
            _compared(analysis, summary),
            None if before is None else _compared(*before),
            say,
        ),
        "steps": [
            {"time": step.time_s, "side": step.side} for step in summary.steps
        ],
    }


def _compared(analysis: Analysis, summary: PhysicsSummary) -> ComparedSet:
    return ComparedSet(analysis, summary, repetition_columns(analysis, summary))


def _rounded(values: Array, digits: int = 1) -> list[Any]:
    return [
        None if not np.isfinite(v) else round(float(v), digits)
        for v in np.ravel(np.asarray(values))
    ]


def _points(points_px: Array) -> list[list[Any]]:
    """One flat list a frame; both coordinates of a point are None where it is not known."""
    known: NDArray[np.bool_] = np.all(
        np.abs(points_px) < _FAR_PX, axis=-1
    )  # NaN is not below it
    clean = np.where(known[..., None], points_px, np.nan)
    return [_rounded(frame) for frame in clean]


def _efforts(lines: Lines) -> list[list[int] | None]:
    return [
        frame.tolist() if known else None
        for frame, known in zip(
            lines.effort_pct, lines.effort_known, strict=True
        )
    ]


def _hands_px(lines: Lines) -> Array:
    """(T, 2) middle of both wrists, which is where a bar is; of the seen one where only one was seen."""
    wrists = lines.keypoints_px[:, _WRISTS]
    seen: NDArray[np.bool_] = np.all(np.isfinite(wrists), axis=2)
    total = np.where(seen[..., None], wrists, 0.0).sum(axis=1)
    count = seen.sum(axis=1)[:, None]
    hands: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return hands


def _angles(analysis: Analysis) -> list[dict[str, Any]]:
    """Joints with the point they lie in, their name and their flexion (T,) in degrees where the joint was seen."""
    seen = seen_joints(analysis.track)
    out = []
    for segment, dof, key in _ANGLES:
        for side in ("l", "r"):
            degrees = np.degrees(analysis.q[:, DOF_INDEX[f"{dof}_{side}"]])
            shown = np.where(seen[f"{key}_{side}"], degrees, np.nan)
            point = SEGMENTS.index(f"{segment}_{side}")
            out.append(
                {
                    "name": f"{key}_{side}",
                    "point": point,
                    "deg": _rounded(shown, 0),
                }
            )
    return out


def _ground_bw(analysis: Analysis) -> list[list[Any]]:
    weight_n = float(analysis.athlete.mass_kg or 70.0) * G_M_S2
    return [
        _rounded(frame, 2) for frame in analysis.grf_world_n[:, :, 1] / weight_n
    ]


def _repetitions(summary: PhysicsSummary) -> list[dict[str, Any]]:
    return [
        {
            "index": r.index,
            "side": r.side,
            "start": r.start_s,
            "turn": r.turn_s,
            "end": r.end_s,
            "phases": [
                {"name": p.name, "start": p.start_s, "end": p.end_s}
                for p in r.phases
            ],
        }
        for r in summary.repetitions
    ]

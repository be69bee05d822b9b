"""Marker file (.trc): joint centres of the fitted body, its COCO points, heels and toes, in m, y up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.skeleton47 import COCO17, SEGMENTS, SOLE_POINTS
from musclepose.records import Analysis, Array


def marker_places_m(analysis: Analysis) -> dict[str, Array]:
    """(T, 3) per marker: proximal joint centre of each segment, `coco_` and the point's name, heels and toes."""
    joints = {
        f"{name}_joint": analysis.joints_world_m[:, i]
        for i, name in enumerate(SEGMENTS)
    }
    points = {
        f"coco_{name}": analysis.keypoints_world_m[:, i]
        for i, name in enumerate(COCO17)
    }
    return joints | points | _heels_and_toes(analysis)


def _heels_and_toes(analysis: Analysis) -> dict[str, Array]:
    if analysis.lengths_m is None:
        return {}
    lengths = torch.from_numpy(analysis.lengths_m)
    pose = forward_kinematics(
        torch.from_numpy(np.ascontiguousarray(analysis.q)), lengths
    )
    sole = sole_points(pose, lengths).numpy()
    return {
        f"{name}_{side}": sole[:, foot, SOLE_POINTS.index(name)]
        for foot, side in enumerate("lr")
        for name in ("heel", "toe")
    }


def write_trc(path: Path, analysis: Analysis, frames: slice) -> Path:
    """The markers of some frames; frame rate is the mean one of the clip."""
    time_s, places = analysis.time_s[frames], marker_places_m(analysis)
    rate = 1.0 / float(np.mean(np.diff(analysis.time_s)))
    count = f"{len(time_s)}\t{len(places)}\tm"
    head = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate:.6f}\t{rate:.6f}\t{count}\t{rate:.6f}\t1\t{len(time_s)}",
        "Frame#\tTime\t" + "\t\t\t".join(places),
        "\t\t"
        + "\t".join(
            f"{axis}{i}" for i in range(1, len(places) + 1) for axis in "XYZ"
        ),
        "",
    ]
    table = np.column_stack([p[frames] for p in places.values()])
    rows = (
        "\t".join([str(i), f"{t:.6f}", *(f"{v:.6f}" for v in row)])
        for i, (t, row) in enumerate(zip(time_s, table, strict=True), 1)
    )
    path.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")
    return path

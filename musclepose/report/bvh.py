"""motion.bvh: the body's 18 segments as a hierarchy with its rotations, for animation programs; m, degrees, y up.

A joint turns in its parent by Z, X, Y, each about the turned axes (`R_parent_seg = Rz Rx Ry`), which is how BVH reads
channels in the order in which they stand; `p_world_child = p_world_parent + R_world_parent @ offset`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from musclepose.physics.kinematics import joint_offsets, local_rotations
from musclepose.physics.skeleton47 import (
    GEOMETRY,
    LENGTHS,
    PARENTS,
    SEGMENTS,
    SOLE_POINTS,
)
from musclepose.records import Analysis, Array
from musclepose.report.even import even_times
from musclepose.utils.rot import unwrap_zxy, zxy_from_matrix

_CHANNELS = "Zrotation Xrotation Yrotation"


def _ends(lengths_m: Array) -> dict[int, Array]:
    """End of each segment that has no child, in its own frame, m: crown, fingertips, toes."""
    toes = GEOMETRY.sole_offsets[:, SOLE_POINTS.index("toe")] @ lengths_m
    along = dict(zip(LENGTHS, lengths_m, strict=True))
    hand = np.array([0.0, -along["hand"], 0.0])
    ends = {
        "head": np.array([0.0, along["head"], 0.0]),
        "hand_l": hand,
        "hand_r": hand,
    }
    ends |= {"foot_l": toes[0], "foot_r": toes[1]}
    return {SEGMENTS.index(name): end for name, end in ends.items()}


def _triple(values: Array) -> str:
    return " ".join(f"{v:.6f}" for v in values)


def _joint(
    segment: int, depth: int, offsets: Array, ends: dict[int, Array]
) -> list[str]:
    """Lines of a joint and of all below it."""
    tab, root = "\t" * depth, PARENTS[segment] < 0
    places = "Xposition Yposition Zposition "
    lines = [
        f"{tab}{'ROOT' if root else 'JOINT'} {SEGMENTS[segment]}",
        f"{tab}{{",
        f"{tab}\tOFFSET {_triple(offsets[segment])}",
        f"{tab}\tCHANNELS {f'6 {places}' if root else '3 '}{_CHANNELS}",
    ]
    for child in (s for s, parent in enumerate(PARENTS) if parent == segment):
        lines += _joint(child, depth + 1, offsets, ends)
    if segment in ends:
        end = f"{tab}\t\tOFFSET {_triple(ends[segment])}"
        lines += [f"{tab}\tEnd Site", f"{tab}\t{{", end, f"{tab}\t}}"]
    return [*lines, f"{tab}}}"]


def write_bvh(path: Path, analysis: Analysis, lengths_m: Array) -> Path:
    """The told stretch at its mean frame rate, on the body with these lengths (13,)."""
    even = even_times(analysis)
    q = even.of(analysis.q)
    R_parent_seg = local_rotations(torch.from_numpy(q))
    # SEGMENTS lists the tree depth first, as the hierarchy does.
    turns = [
        unwrap_zxy(zxy_from_matrix(R_parent_seg[:, s]))
        for s in range(len(SEGMENTS))
    ]
    angles = np.degrees(torch.cat(turns, dim=1).numpy())
    offsets = joint_offsets(torch.from_numpy(lengths_m)).numpy()
    rows = np.concatenate([q[:, :3], angles], axis=1)
    lines = [
        "HIERARCHY",
        *_joint(0, 0, offsets, _ends(lengths_m)),
        "MOTION",
        f"Frames: {len(rows)}",
        f"Frame Time: {1.0 / even.rate_hz:.8f}",
        *(" ".join(f"{v:.6f}" for v in row) for row in rows),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path

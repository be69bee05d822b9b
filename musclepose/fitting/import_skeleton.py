"""What ASF/AMC and BVH files have in common: a tree of nodes, forward kinematics, and the names of the joints we keep.

Units inside a `Skeleton` are those of the file; `Recording.unit_m` turns them into metres. Node order is such that a
parent comes before its children, so that no step recurses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musclepose.errors import InputError
from musclepose.records import Array

MAX_FILE_BYTES = 64_000_000
MAX_NODES = 256
LARGEST = 1e9  # of any number in a file
MAX_FRAMES = 200_000
MAX_FRAME_NODES = 3_000_000  # frames x nodes: what forward kinematics holds at once, about 0.3 GB

# Joints of the 30 Hz set that `fit_sources.read_cmu` reads, and their parents; README of the data has the meaning.
_TRUNK = ("spine1", "spine2", "neck_base", "neck_mid", "head_base", "head_end")
_LEG = ("hip", "knee", "ankle", "toebase", "toetip")
_ARM = (
    "shoulder",
    "elbow",
    "forearm_mid",
    "wrist",
    "knuckles",
    "fingers",
    "thumb",
)
JOINTS = (
    "root", *(f"l_{j}" for j in _LEG), *(f"r_{j}" for j in _LEG), *_TRUNK, *(f"l_{j}" for j in _ARM),
    *(f"r_{j}" for j in _ARM),
)  # fmt: skip
PARENT_OF = (
    {"l_hip": "root", "r_hip": "root", "spine1": "root"}
    | dict(zip(_TRUNK[1:], _TRUNK[:-1], strict=True))
    | {
        f"{s}_{b}": f"{s}_{a}"
        for s in "lr"
        for chain in (_LEG, _ARM)
        for a, b in zip(chain, chain[1:], strict=False)
    }
    | {f"{s}_shoulder": "neck_base" for s in "lr"}
    | {f"{s}_thumb": f"{s}_wrist" for s in "lr"}
)
_NEEDED_SIDE = ("hip", "knee", "ankle", "toebase", "shoulder", "elbow", "wrist")
NEEDED = (
    "root",
    *(f"{s}_{j}" for s in "lr" for j in _NEEDED_SIDE),
    "spine1",
    "neck_base",
    "head_end",
)


@dataclass(frozen=True)
class Skeleton:
    """A tree. A node's position is `p_parent + R offset`, R its own rotation (`own_frame`, ASF) or its parent's."""

    names: tuple[str, ...]
    parents: tuple[int, ...]  # -1 for the root, which is node 0
    offsets: Array  # (N, 3) file units
    own_frame: bool


@dataclass(frozen=True)
class Recording:
    """A skeleton in motion: rotations of the nodes in their parents (T, N, 3, 3), root track (T, 3) in file units."""

    skeleton: Skeleton
    R_parent_node: Array
    root: Array
    fps: float
    unit_m: float
    source: str  # "asf+amc" or "bvh"


def world_positions(
    skeleton: Skeleton, R_parent_node: Array, root: Array
) -> Array:
    """(T, N, 3) node positions, file units: R_w_n = R_w_p R_p_n, p_w_n = p_w_p + R offset."""
    R: list[Array] = [R_parent_node[:, 0]]
    p: list[Array] = [root]
    for n, parent in enumerate(skeleton.parents[1:], 1):
        R.append(R[parent] @ R_parent_node[:, n])
        p.append(
            p[parent]
            + R[n if skeleton.own_frame else parent] @ skeleton.offsets[n]
        )
    return np.stack(p, 1)


def rest_positions(skeleton: Skeleton) -> Array:
    """(N, 3) node positions with all rotations zero, the root at the origin."""
    eye = np.broadcast_to(np.eye(3), (1, len(skeleton.names), 3, 3))
    return world_positions(skeleton, eye, np.zeros((1, 3)))[0]


def axis_rotations(axis: str, angle_rad: Array) -> Array:
    """(..., 3, 3) rotation about x, y or z."""
    c, s, o, z = (
        np.cos(angle_rad),
        np.sin(angle_rad),
        np.ones_like(angle_rad),
        np.zeros_like(angle_rad),
    )
    rows = {
        "x": (o, z, z, z, c, -s, z, s, c),
        "y": (c, z, s, z, o, z, -s, z, c),
        "z": (c, -s, z, s, c, z, z, z, o),
    }
    return np.stack(rows[axis], -1).reshape(*np.shape(angle_rad), 3, 3)


def product(matrices: Sequence[Array], shape: tuple[int, ...]) -> Array:
    """Product of (..., 3, 3) from left to right; the identity where there is none."""
    out: Array = np.broadcast_to(np.eye(3), (*shape, 3, 3))
    for matrix in matrices:
        out = out @ matrix
    return out


def in_tree_order(
    children: Mapping[str, Sequence[str]], root: str, file: str
) -> list[tuple[str, str]]:
    """(node, parent) pairs from the root down, without recursion; refuses loops and nodes with two parents."""
    order, seen = [(root, "")], {root}
    for node, _ in order:  # grows while it is walked
        for child in children.get(node, ()):
            if child in seen:
                raise InputError(
                    f"{file}: bone {child!r} has two parents or is part of a loop; a tree is needed."
                )
            seen.add(child)
            order.append((child, node))
    return order


def check_size(file: str, nodes: int, frames: int = 0) -> None:
    """Bounds on what is held in memory."""
    if nodes > MAX_NODES:
        raise InputError(
            f"{file} has {nodes} joints; at most {MAX_NODES} are allowed."
        )
    if frames > MAX_FRAMES or frames * nodes > MAX_FRAME_NODES:
        most = min(MAX_FRAMES, MAX_FRAME_NODES // max(nodes, 1))
        raise InputError(
            f"{file} has {frames} frames of {nodes} joints; at most {most} are allowed: cut the file."
        )


def numbers(words: Sequence[str], count: int, where: str) -> list[float]:
    """`count` finite numbers."""
    try:
        values = [float(w) for w in words]
    except ValueError:
        values = []
    if len(values) != count or not all(abs(v) < LARGEST for v in values):
        raise InputError(
            f"{where} reads {' '.join(words)[:60]!r}; {count} finite numbers are needed there."
        )
    return values


def read_lines(path: Path) -> list[str]:
    """Lines of a text file within MAX_FILE_BYTES."""
    if not path.is_file():
        raise InputError(
            f"There is no file {path.name}; give an .amc (with its .asf) or a .bvh file, or a folder."
        )
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(
            f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; at most {MAX_FILE_BYTES / 1e6:.0f} MB are allowed."
        )
    text = path.read_bytes()
    if b"\0" in text:
        raise InputError(
            f"{path.name} is not a text file; ASF, AMC and BVH are plain text."
        )
    return text.decode("latin-1").splitlines()


def pick_joints(
    names: Sequence[str], table: Mapping[str, str], file: str
) -> dict[str, int]:
    """Our joint name -> node, for those that the file has; refuses where a joint that the fit needs is missing."""
    index = {name: i for i, name in enumerate(names)}
    found = {
        ours: index[theirs]
        for ours in JOINTS
        if (theirs := table.get(ours, "")) in index
    }
    missing = [j for j in NEEDED if j not in found]
    if missing:
        raise InputError(
            f"{file} shows no {', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''} under the CMU names (it has "
            f"{', '.join(names[:8])} ...); give --names a JSON file that maps these joints to the file's."
        )
    return found


def parents_of(kept: Sequence[str]) -> list[int]:
    """(K,) index of the nearest kept ancestor of each joint, -1 for the root."""
    out = []
    for name in kept:
        parent = PARENT_OF.get(name)
        while parent is not None and parent not in kept:
            parent = PARENT_OF.get(parent)
        out.append(-1 if parent is None else list(kept).index(parent))
    return out

"""Biovision (.bvh) files; the cgspeed conversions of CMU get their missing bones back.

A joint's rotation in its parent is the product of its channels as listed; its position is `p_parent + R_parent offset`.
End sites become nodes called `<joint>.end`. In every cgspeed file three bones have length zero: the thorax and both
wrists. The wrist is half the forearm bone (so in every CMU skeleton checked); the thorax is that of the subject's ASF
where it is given, else as long as the upper back and straight up (right to 0.5-17 mm over 17 skeletons).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from musclepose.errors import InputError
from musclepose.fitting.import_asf import INCH_M, AsfSkeleton
from musclepose.fitting.import_skeleton import (
    Recording,
    Skeleton,
    axis_rotations,
    check_size,
    numbers,
    product,
    read_lines,
)
from musclepose.records import Array

CGSPEED_UNIT_M = INCH_M / 0.45
MAX_DEPTH = 64
_SIDE = {
    "hip": "{}UpLeg", "knee": "{}Leg", "ankle": "{}Foot", "toebase": "{}ToeBase", "toetip": "{}ToeBase.end",
    "shoulder": "{}Arm", "elbow": "{}ForeArm", "forearm_mid": "{}Hand", "wrist": "{}FingerBase",
    "knuckles": "{}HandIndex1", "fingers": "{}HandIndex1.end",
}  # fmt: skip
CGSPEED_JOINTS = {"root": "Hips", "spine1": "Spine", "spine2": "Spine1", "neck_base": "Neck", "neck_mid": "Neck1",
                  "head_base": "Head", "head_end": "Head.end", "l_thumb": "LThumb.end", "r_thumb": "RThumb.end"} | {
    f"{s}_{ours}": name.format(side) for s, side in (("l", "Left"), ("r", "Right")) for ours, name in _SIDE.items()
}  # fmt: skip
_THORAX = (
    "Neck",
    "LeftShoulder",
    "RightShoulder",
)  # all start at the far end of the thorax
_WRISTS = {
    "LeftHand": ("LeftFingerBase", "LThumb"),
    "RightHand": ("RightFingerBase", "RThumb"),
}
_CHANNELS = {
    f"{a}{kind}": kind[0] + a.lower()
    for a in "XYZ"
    for kind in ("position", "rotation")
}


@dataclass
class _Tree:
    """Nodes in the order of the file."""

    names: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    offsets: list[list[float]] = field(default_factory=list)
    channels: list[list[str]] = field(
        default_factory=list
    )  # "px" ... "rz" of each node

    def add(self, name: str, parent: int) -> int:
        self.names.append(name)
        self.parents.append(parent)
        self.offsets.append([0.0, 0.0, 0.0])
        self.channels.append([])
        return len(self.names) - 1


def _channel_names(words: list[str], where: str, root: bool) -> list[str]:
    listed = {k.lower(): v for k, v in _CHANNELS.items()}
    names = [listed.get(w.lower(), "") for w in words[1:]]
    if (
        "" in names
        or len(set(names)) != len(names)
        or words[:1] != [str(len(names))]
    ):
        raise InputError(
            f"{where} has CHANNELS {' '.join(words)[:60]!r}; the count and X/Y/Zposition/rotation are needed."
        )
    if not root and any(n.startswith("p") for n in names):
        raise InputError(
            f"{where} moves in its parent (position channels); only the root may: export rotations alone."
        )
    return names


@dataclass
class _Reader:
    """Reads the hierarchy line by line; a stack of open joints instead of recursion."""

    file: str
    tree: _Tree = field(default_factory=_Tree)
    stack: list[int] = field(default_factory=lambda: [-1])
    pending: int = -1  # a joint whose bracket has not opened yet

    def read(self, words: list[str], where: str) -> None:
        """One line before MOTION. Raises InputError where it is not allowed there."""
        key = words[0].upper()
        if key in ("ROOT", "JOINT", "END"):
            self._joint(key, words[1:], where)
        elif key in ("{", "}"):
            self._bracket(key, where)
        elif key in ("OFFSET", "CHANNELS"):
            self._numbers(key, words[1:], where)
        elif key != "HIERARCHY":
            raise InputError(
                f"{where} starts with {words[0][:30]!r}; that is not BVH."
            )

    def _joint(self, key: str, words: list[str], where: str) -> None:
        tree, inside = self.tree, len(self.stack) > 1
        is_first = not tree.names
        if (
            (key == "ROOT") != is_first
            or inside == is_first
            or len(self.stack) > MAX_DEPTH
        ):
            raise InputError(
                f"{where}: one ROOT and, inside it, joints at most {MAX_DEPTH} deep are allowed."
            )
        end = f"{tree.names[self.stack[-1]]}.end" if inside else ""
        name = end if key == "END" else " ".join(words).split(":")[-1]
        if not name or name in tree.names:
            raise InputError(
                f"{where}: joint name {name!r} is empty or taken; names must differ."
            )
        self.pending = tree.add(name, self.stack[-1])
        check_size(self.file, len(tree.names))

    def _bracket(self, key: str, where: str) -> None:
        if key == "{":
            if self.pending < 0:
                raise InputError(
                    f"{where}: a bracket opens without a joint; the file is damaged."
                )
            self.stack.append(self.pending)
            self.pending = -1
        elif len(self.stack) == 1:
            raise InputError(
                f"{where}: a bracket closes that was never opened; the file is damaged."
            )
        else:
            self.stack.pop()

    def _numbers(self, key: str, words: list[str], where: str) -> None:
        own = self.stack[-1]
        if own < 0:
            raise InputError(
                f"{where}: {key} stands outside a joint; the file is damaged."
            )
        if key == "OFFSET":
            self.tree.offsets[own] = numbers(words, 3, where)
        else:
            self.tree.channels[own] = _channel_names(
                words, where, root=own == 0
            )


def _hierarchy(lines: list[str], file: str) -> tuple[_Tree, int]:
    """The tree, and the line after it."""
    reader = _Reader(file)
    for number, line in enumerate(lines):
        words, where = line.split(), f"{file}, line {number + 1}"
        if not words:
            continue
        if words[0].upper() != "MOTION":
            reader.read(words, where)
            continue
        if len(reader.stack) != 1 or not reader.tree.names:
            raise InputError(
                f"{where}: MOTION starts before the hierarchy is closed; the file is damaged."
            )
        return reader.tree, number + 1
    raise InputError(
        f"{file} has no MOTION part; it is not a BVH file, or it is cut off."
    )


def _motion(
    lines: list[str], first: int, channels: int, nodes: int, file: str
) -> tuple[Array, float]:
    """(T, channels) values and the frame rate."""
    body = [line.split() for line in lines[first:] if line.strip()]
    head = {
        " ".join(words[:-1]).lower(): words[-1]
        for words in body[:2]
        if len(words) > 1
    }
    frames = int(numbers([head.get("frames:", "")], 1, f"{file}, Frames:")[0])
    step = numbers([head.get("frame time:", "")], 1, f"{file}, Frame Time:")[0]
    check_size(file, nodes, frames)
    if frames != len(body) - 2 or step <= 0.0:
        raise InputError(
            f"{file} announces {frames} frames of {step:g} s and has {len(body) - 2}; both must agree, above zero."
        )
    rows = [
        numbers(words, channels, f"{file}, frame {n + 1}")
        for n, words in enumerate(body[2:])
    ]
    return np.array(rows), 1.0 / step


def _without_rest_pose(values: Array, tree: _Tree) -> Array:
    """Converted files start with the rest pose: a first frame of zeros is dropped."""
    turning = [c.startswith("r") for own in tree.channels for c in own]
    return (
        values[1:]
        if len(values) > 1 and not values[0, turning].any()
        else values
    )


def read_bvh(path: Path, unit_m: float = CGSPEED_UNIT_M) -> Recording:
    """A BVH file; it does not hold its unit of length."""
    lines = read_lines(path)
    tree, first = _hierarchy(lines, path.name)
    count = sum(map(len, tree.channels))
    values, fps = _motion(lines, first, count, len(tree.names), path.name)
    values = _without_rest_pose(values, tree)
    R, start, root = [], 0, np.zeros((len(values), 3))
    for own in tree.channels:
        column = {c: values[:, start + i] for i, c in enumerate(own)}
        R.append(
            product(
                [
                    axis_rotations(c[1], np.radians(v))
                    for c, v in column.items()
                    if c[0] == "r"
                ],
                (len(values),),
            )
        )
        if not start:
            root = (
                np.stack(
                    [column.get(f"p{a}", np.zeros(len(values))) for a in "xyz"],
                    -1,
                )
                + tree.offsets[0]
            )
        start += len(own)
    skeleton = Skeleton(
        tuple(tree.names),
        tuple(tree.parents),
        np.array(tree.offsets),
        own_frame=False,
    )
    return Recording(skeleton, np.stack(R, 1), root, fps, unit_m, "bvh")


def with_missing_bones(
    skeleton: Skeleton, asf: AsfSkeleton | None = None
) -> tuple[Skeleton, tuple[str, ...]]:
    """A cgspeed skeleton with thorax and wrists put back, and what was put back; others come back as they are."""
    index = {name: n for n, name in enumerate(skeleton.names)}
    offsets, mended = skeleton.offsets.copy(), []

    def lie_on_their_parents(names: tuple[str, ...]) -> bool:
        return all(n in index and not offsets[index[n]].any() for n in names)

    if lie_on_their_parents(_THORAX) and "Spine1" in index:
        offsets[[index[n] for n in _THORAX]] = _thorax(
            offsets[index["Spine1"]], asf
        )
        mended.append(
            "thorax"
            if asf is not None
            else "thorax (assumed as long as the upper back)"
        )
    for hand, parts in _WRISTS.items():
        if hand in index and lie_on_their_parents(parts):
            offsets[[index[n] for n in parts]] = 0.5 * offsets[index[hand]]
            mended.append(
                "left wrist" if hand.startswith("L") else "right wrist"
            )
    return replace(skeleton, offsets=offsets), tuple(mended)


def _thorax(upper_back: Array, asf: AsfSkeleton | None) -> Array:
    """(3,) the bone's offset: the subject's own, else straight up and as long as the upper back."""
    if asf is None:
        return np.array([0.0, np.linalg.norm(upper_back), 0.0])
    if "thorax" not in asf.skeleton.names:
        raise InputError(
            "The given .asf has no bone 'thorax'; leave --skeleton out, or give the subject's own."
        )
    return np.asarray(asf.skeleton.offsets[asf.skeleton.names.index("thorax")])

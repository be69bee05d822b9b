"""Acclaim skeleton (.asf) and motion (.amc) files, as CMU publishes them.

A bone's rotation in its parent is `L = C M C^-1`: C from its `axis` (the bone's own frame in the rest pose, which has
world axes), M from the `dof` values of the frame. `rx ry rz` turn about fixed axes in that order: M = Rz Ry Rx;
likewise C of `axis a b c XYZ`. The node of a bone is its far end: `p = p_parent + R (length x direction)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from musclepose.errors import InputError
from musclepose.fitting.import_skeleton import (
    Recording,
    Skeleton,
    axis_rotations,
    check_size,
    in_tree_order,
    numbers,
    product,
    read_lines,
)
from musclepose.records import Array

INCH_M = 0.0254  # `length 0.45` in CMU's files: one unit is an inch / 0.45
ROTATIONS = ("rx", "ry", "rz")
ROOT = "root"
# Our joint -> CMU bone whose far end it is.
_SIDE = {
    "hip": "hipjoint", "knee": "femur", "ankle": "tibia", "toebase": "foot", "toetip": "toes", "shoulder": "clavicle",
    "elbow": "humerus", "forearm_mid": "radius", "wrist": "wrist", "knuckles": "hand", "fingers": "fingers",
    "thumb": "thumb",
}  # fmt: skip
CMU_BONES = {"root": ROOT, "spine1": "lowerback", "spine2": "upperback", "neck_base": "thorax", "neck_mid": "lowerneck",
             "head_base": "upperneck", "head_end": "head"} | {
    f"{s}_{ours}": f"{s}{bone}" for s in "lr" for ours, bone in _SIDE.items()
}  # fmt: skip


@dataclass
class _Bone:
    """One bone as written."""

    name: str = ""
    direction: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    length: float = 0.0
    axis_deg: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    axis_order: str = "xyz"
    dof: tuple[str, ...] = ()


@dataclass(frozen=True)
class AsfSkeleton:
    """Skeleton with what its motion files need."""

    skeleton: Skeleton
    C: Array  # (N, 3, 3) bone axes in the rest pose
    dof: tuple[
        tuple[str, ...], ...
    ]  # per node, as in the motion file; the root's with translations
    root_position: Array  # (3,) file units
    unit_m: float
    degrees: bool


def _sections(lines: list[str]) -> dict[str, list[list[str]]]:
    """Words of each line under its `:section`; the words after the section's name are its first line."""
    out: dict[str, list[list[str]]] = {}
    section = ""
    for line in lines:
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if words[0].startswith(":"):
            section = words[0][1:].lower()
            out.setdefault(section, [])
            words = words[1:]
        if words and section:
            out[section].append(words)
    return out


def _axis_matrix(angles: list[float], order: str, degrees: bool) -> Array:
    """C: turns about fixed axes in the given order, the first one nearest to the vector."""
    scale = np.pi / 180.0 if degrees else 1.0
    turns = [
        axis_rotations(a, np.asarray(v * scale))
        for a, v in zip(order, angles, strict=True)
    ]
    return product(turns[::-1], ())


def _order(words: list[str], where: str) -> str:
    order = words[0].lower() if words else "xyz"
    if sorted(order) != ["x", "y", "z"]:
        raise InputError(
            f"{where}: axis order {words[0]!r} came; an order of X, Y and Z is allowed."
        )
    return order


def _fill(bone: _Bone, words: list[str], file: str) -> None:
    """One line of a bone."""
    key, rest, where = (
        words[0].lower(),
        words[1:],
        f"{file}, bone {bone.name or '?'}, {words[0]}",
    )
    if key == "name":
        bone.name = " ".join(rest)
    elif key == "direction":
        bone.direction = numbers(rest, 3, where)
    elif key == "length":
        bone.length = numbers(rest, 1, where)[0]
    elif key == "axis":
        bone.axis_deg, bone.axis_order = (
            numbers(rest[:3], 3, where),
            _order(rest[3:4], where),
        )
    elif key == "dof":
        bone.dof = tuple(w.lower() for w in rest)
        if len(set(bone.dof)) != len(bone.dof) or not set(bone.dof) <= set(
            ROTATIONS
        ):
            raise InputError(
                f"{where} is {' '.join(rest)!r}; each of rx, ry, rz at most once is allowed."
            )


def _bones(rows: list[list[str]], file: str) -> dict[str, _Bone]:
    out: dict[str, _Bone] = {}
    bone: _Bone | None = None
    for words in rows:
        key = words[0].lower()
        if key == "begin":
            bone = _Bone()
        elif key == "end" and bone is not None:
            if not bone.name or bone.name in out or bone.name == ROOT:
                raise InputError(
                    f"{file}: bone name {bone.name!r} is empty, taken or 'root'; names must differ."
                )
            out[bone.name], bone = bone, None
            check_size(file, len(out))
        elif bone is not None:
            _fill(bone, words, file)
    return out


def _children(
    rows: list[list[str]], bones: dict[str, _Bone], file: str
) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for words in rows:
        if words[0].lower() in ("begin", "end"):
            continue
        unknown = [w for w in words if w != ROOT and w not in bones]
        if unknown:
            raise InputError(
                f"{file}: the hierarchy names {unknown[0]!r}, which :bonedata does not have."
            )
        out.setdefault(words[0], []).extend(words[1:])
    return out


def _root_lines(rows: list[list[str]]) -> dict[str, list[str]]:
    return {words[0].lower(): words[1:] for words in rows}


def _units(units: dict[str, list[str]], file: str) -> tuple[float, bool]:
    """Length of an inch in the file's unit, and whether angles are degrees."""
    degrees = (units.get("angle") or ["deg"])[0].lower().startswith("deg")
    length = numbers(units.get("length", ["1"]), 1, f"{file}, length")[0]
    if length <= 0.0:
        raise InputError(
            f"{file}: unit length {length:g} came; it must be above zero (CMU's files say 0.45)."
        )
    return length, degrees


def read_asf(path: Path) -> AsfSkeleton:
    """A skeleton file."""
    file, parts = path.name, _sections(read_lines(path))
    for needed in ("bonedata", "hierarchy"):
        if not parts.get(needed):
            raise InputError(
                f"{file} has no :{needed} section; it is not an ASF skeleton, or it is cut off."
            )
    length, degrees = _units(_root_lines(parts.get("units", [])), file)
    bones = _bones(parts["bonedata"], file)
    order = in_tree_order(
        _children(parts["hierarchy"], bones, file), ROOT, file
    )
    names = tuple(node for node, _ in order)
    parents = tuple(
        names.index(parent) if parent else -1 for _, parent in order
    )
    own = [bones.get(n, _Bone(n)) for n in names]
    offsets = np.array([np.asarray(b.direction) * b.length for b in own])
    C = np.stack([_axis_matrix(b.axis_deg, b.axis_order, degrees) for b in own])
    root = _root_lines(parts.get("root", []))
    turn = numbers(
        root.get("orientation", ["0"] * 3), 3, f"{file}, root orientation"
    )
    C[0] = _axis_matrix(
        turn, _order(root.get("axis", ["xyz"]), f"{file}, root"), degrees
    )
    dof = (_root_dof(root, file), *(b.dof for b in own[1:]))
    position = np.array(
        numbers(root.get("position", ["0"] * 3), 3, f"{file}, root position")
    )
    return AsfSkeleton(
        Skeleton(names, parents, offsets, own_frame=True),
        C,
        dof,
        position,
        INCH_M / length,
        degrees,
    )


def _root_dof(root: dict[str, list[str]], file: str) -> tuple[str, ...]:
    order = tuple(
        w.lower() for w in root.get("order", ["tx", "ty", "tz", *ROTATIONS])
    )
    if sorted(order) != sorted(("tx", "ty", "tz", *ROTATIONS)):
        raise InputError(
            f"{file}: root order {' '.join(order)!r} came; TX TY TZ RX RY RZ in any order are needed."
        )
    return order


def _frames(path: Path, asf: AsfSkeleton) -> tuple[dict[str, Array], int, bool]:
    """{bone: (T, dof) values}, number of frames, whether angles are degrees."""
    degrees = asf.degrees
    rows: dict[str, list[list[float]]] = {
        n: [] for n, d in zip(asf.skeleton.names, asf.dof, strict=True) if d
    }
    count, sizes = (
        0,
        dict(zip(asf.skeleton.names, map(len, asf.dof), strict=True)),
    )
    for line in read_lines(path):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].startswith(":"):
            degrees = {":degrees": True, ":radians": False}.get(
                words[0].lower(), degrees
            )
        elif len(words) == 1 and words[0].isdecimal():
            _complete(rows, count, path.name)
            count += 1
            check_size(path.name, len(asf.skeleton.names), count)
        elif words[0] not in sizes:
            raise InputError(
                f"{path.name}, frame {count} moves {words[0]!r}, which its skeleton does not have."
            )
        elif count and sizes[words[0]]:
            rows[words[0]].append(
                numbers(
                    words[1:],
                    sizes[words[0]],
                    f"{path.name}, frame {count}, {words[0]}",
                )
            )
    _complete(rows, count, path.name)
    if not count:
        raise InputError(
            f"{path.name} has no frames; it is not an AMC motion, or it is cut off."
        )
    return (
        {name: np.array(values) for name, values in rows.items()},
        count,
        degrees,
    )


def _complete(
    rows: dict[str, list[list[float]]], frames: int, file: str
) -> None:
    for name, values in rows.items():
        if len(values) != frames:
            raise InputError(
                f"{file}, frame {frames} has bone {name!r} {len(values) - frames + 1} times; once is needed."
            )


def read_amc(path: Path, asf: AsfSkeleton, fps: float) -> Recording:
    """A motion file on its skeleton; the format does not hold its frame rate."""
    values, frames, degrees = _frames(path, asf)
    scale = np.pi / 180.0 if degrees else 1.0
    R = []
    for name, dof, C in zip(asf.skeleton.names, asf.dof, asf.C, strict=True):
        turns = [
            axis_rotations(d[1], values[name][:, i] * scale)
            for i, d in enumerate(dof)
            if d in ROTATIONS
        ]
        R.append(C @ product(turns[::-1], (frames,)) @ C.T)
    track = (
        values[ROOT][:, [asf.dof[0].index(t) for t in ("tx", "ty", "tz")]]
        + asf.root_position
    )
    return Recording(
        asf.skeleton, np.stack(R, 1), track, fps, asf.unit_m, "asf+amc"
    )

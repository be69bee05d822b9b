"""body.osim: the 47-DoF body of the analysis itself as an OpenSim model, with its joints, masses and inertias.

Each segment is a body whose frame is ours (ISB axes, origin at the proximal joint), each joint a CustomJoint with our
coordinates about the turned axes z, x, y; where a coordinate counts the other way, its axis is turned about. A held
load is added where the physics has it: half of it as a point at the centre of mass of each hand or shoulder blade.
`body_motion.mot` holds the 47 coordinates under their names, so that InverseDynamicsTool needs no scaling and no
inverse kinematics, and gives our torques back.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

import numpy as np
import torch

from musclepose.physics.constants import G_M_S2
from musclepose.physics.dumas_bsip import BodyInertia, segment_inertia
from musclepose.physics.external_load import CARRIERS
from musclepose.physics.kinematics import SLOT_INDEX, SLOT_SIGN, joint_offsets
from musclepose.physics.skeleton47 import DOF_NAMES, DOFS, PARENTS, SEGMENTS
from musclepose.records import Analysis, Array

VERSION = "40000"
_AXES = {"z": "0 0 1", "x": "1 0 0", "y": "0 1 0"}
_TURNED = {"z": "0 0 -1", "x": "-1 0 0", "y": "0 -1 0"}
_SLOTS = "zxy"
_NO_COORDINATE = len(DOFS)


def motion_columns(analysis: Analysis) -> dict[str, Array]:
    """(T,) per coordinate of the model: m and degrees."""
    return {
        dof.name: analysis.q[:, i]
        if dof.axis.startswith("t")
        else np.degrees(analysis.q[:, i])
        for i, dof in enumerate(DOFS)
    }


def _field(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _numbers(values: Array) -> str:
    return " ".join(f"{v:.10g}" for v in values)


def _inertia_with_load(
    analysis: Analysis, lengths: torch.Tensor
) -> BodyInertia:
    """Masses, centres and inertias as the physics has them; a load at a centre of mass adds mass only."""
    person, load = analysis.athlete, analysis.load
    inertia = segment_inertia(
        lengths, lengths.new_tensor(person.mass_kg), person.sex
    )
    mass = inertia.mass.clone()
    mass[list(CARRIERS[load.at])] += 0.5 * load.mass_kg
    return inertia._replace(mass=mass)


def _add_body(
    parent: Element, name: str, mass: float, com: Array, inertia: Array
) -> None:
    body = SubElement(parent, "Body", name=name)
    _field(body, "mass", f"{mass:.10g}")
    _field(body, "mass_center", _numbers(com))
    both = [
        inertia[i, j]
        for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
    ]
    _field(body, "inertia", _numbers(np.array(both)))


def _frame(parent: Element, name: str, socket: str, place: Array) -> None:
    frame = SubElement(parent, "PhysicalOffsetFrame", name=name)
    _field(frame, "socket_parent", socket)
    _field(frame, "translation", _numbers(place))
    _field(frame, "orientation", "0 0 0")


def _axis(parent: Element, name: str, coordinate: str, axis: str) -> None:
    """One axis of a SpatialTransform: moved by a coordinate, or never."""
    transform = SubElement(parent, "TransformAxis", name=name)
    _field(transform, "coordinates", coordinate)
    _field(transform, "axis", axis)
    function = SubElement(
        transform,
        "LinearFunction" if coordinate else "Constant",
        name="function",
    )
    if coordinate:
        _field(function, "coefficients", "1 0")
    else:
        _field(function, "value", "0")


def _rotations(transform: Element, segment: int) -> None:
    for slot, axis in enumerate(_SLOTS):
        index = SLOT_INDEX[segment][slot]
        name = "" if index == _NO_COORDINATE else DOF_NAMES[index]
        turned = SLOT_SIGN[segment][slot] < 0
        _axis(
            transform,
            f"rotation{slot + 1}",
            name,
            (_TURNED if turned else _AXES)[axis],
        )


def _translations(transform: Element, segment: int) -> None:
    for i, axis in enumerate("xyz"):
        name = f"pelvis_t{axis}" if PARENTS[segment] < 0 else ""
        _axis(transform, f"translation{i + 1}", name, _AXES[axis])


def _add_joint(parent: Element, segment: int, offset: Array) -> None:
    name, above = SEGMENTS[segment], PARENTS[segment]
    joint = SubElement(parent, "CustomJoint", name=f"{name}_joint")
    _field(joint, "socket_parent_frame", f"{name}_in_parent")
    _field(joint, "socket_child_frame", f"{name}_own")
    coordinates = SubElement(joint, "coordinates")
    for dof in (d for d in DOFS if d.segment == segment):
        one = SubElement(coordinates, "Coordinate", name=dof.name)
        _field(one, "default_value", "0")
        _field(one, "clamped", "false")
    frames = SubElement(joint, "frames")
    socket = "/ground" if above < 0 else f"/bodyset/{SEGMENTS[above]}"
    _frame(frames, f"{name}_in_parent", socket, offset)
    _frame(frames, f"{name}_own", f"/bodyset/{name}", np.zeros(3))
    transform = SubElement(joint, "SpatialTransform")
    _rotations(transform, segment)
    _translations(transform, segment)


def write_osim(path: Path, analysis: Analysis, lengths_m: Array) -> Path:
    """The model of the body with these lengths (13,)."""
    lengths = torch.from_numpy(lengths_m)
    inertia, offsets = (
        _inertia_with_load(analysis, lengths),
        joint_offsets(lengths).numpy(),
    )
    root = Element("OpenSimDocument", Version=VERSION)
    model = SubElement(root, "Model", name="MusclePose_body")
    _field(model, "gravity", f"0 {-G_M_S2:g} 0")
    _field(model, "length_units", "meters")
    _field(model, "force_units", "N")
    bodies = SubElement(SubElement(model, "BodySet", name="bodyset"), "objects")
    joints = SubElement(
        SubElement(model, "JointSet", name="jointset"), "objects"
    )
    for s, name in enumerate(SEGMENTS):
        mass, com, about = (v[s].numpy() for v in inertia)
        _add_body(bodies, name, float(mass), com, about)
        _add_joint(joints, s, offsets[s])
    indent(root)
    ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
    return path

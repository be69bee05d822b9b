"""The same 47-DoF body for other engines (MuJoCo, Pinocchio): oracles of the tests, rivals of the benchmark.

Both are built from the joint table and one body's lengths and inertia, nothing else of ours. The engines are imported
only when asked for; they are no requirement of the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from musclepose.physics.constants import GRAVITY_WORLD_M_S2
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.kinematics import joint_offsets
from musclepose.physics.skeleton47 import (
    DOFS,
    N_SEGMENTS,
    PARENTS,
    SEGMENTS,
    Dof,
)

if TYPE_CHECKING:
    import mujoco

Array = NDArray[np.float64]


def _body_arrays(
    lengths_m: Tensor, inertia: BodyInertia
) -> tuple[Array, Array, Array, Array]:
    offsets, mass, com, tensor = (
        x.detach().double().numpy()
        for x in (joint_offsets(lengths_m), *inertia)
    )
    return offsets, mass, com, tensor


def _numbers(values: Any) -> str:
    return " ".join(repr(float(v)) for v in values)


def _axis(dof: Dof) -> Array:
    """The DoF's axis with its sign, in the segment's frame before the joint turns."""
    return dof.sign * np.eye(3)["xyz".index(dof.axis[-1])]


def mujoco_xml(lengths_m: Tensor, inertia: BodyInertia) -> str:
    """MJCF of one body (lengths (13,), inertia of 18 segments): slides and hinges in the order and sign of our DoFs."""
    offsets, mass, com, tensor = _body_arrays(lengths_m, inertia)

    def element(s: int) -> str:
        I = tensor[s]
        full = (I[0, 0], I[1, 1], I[2, 2], I[0, 1], I[0, 2], I[1, 2])
        joints = "".join(
            f'<joint name="{d.name}" type="{"slide" if d.axis[0] == "t" else "hinge"}" axis="{_numbers(_axis(d))}"/>'
            for d in DOFS
            if d.segment == s
        )
        children = "".join(
            element(c) for c in range(N_SEGMENTS) if PARENTS[c] == s
        )
        return (
            f'<body name="{SEGMENTS[s]}" pos="{_numbers(offsets[s])}">{joints}<inertial pos="{_numbers(com[s])}" '
            f'mass="{float(mass[s])!r}" fullinertia="{_numbers(full)}"/>{children}</body>'
        )

    return (
        f'<mujoco><compiler angle="radian"/><option gravity="{_numbers(GRAVITY_WORLD_M_S2)}"/>'
        f"<worldbody>{element(0)}</worldbody></mujoco>"
    )


def mujoco_model(lengths_m: Tensor, inertia: BodyInertia) -> mujoco.MjModel:
    """MuJoCo model of one body; its coordinates are ours, in our order and sign."""
    import mujoco

    model = mujoco.MjModel.from_xml_string(mujoco_xml(lengths_m, inertia))
    model.opt.disableflags |= (
        mujoco.mjtDisableBit.mjDSBL_CONSTRAINT
        | mujoco.mjtDisableBit.mjDSBL_CONTACT
    )
    return model


def pinocchio_model(
    lengths_m: Tensor, inertia: BodyInertia
) -> tuple[Any, Array]:
    """Pinocchio model of one body, and the sign (47,) of our coordinates in it: `q_pinocchio = sign * q`.

    Every DoF is an axis-aligned prismatic or revolute joint, the fastest kind there; so the signs stay outside.
    """
    import pinocchio as pin

    offsets, mass, com, tensor = _body_arrays(lengths_m, inertia)
    kinds = {
        "tx": pin.JointModelPX,
        "ty": pin.JointModelPY,
        "tz": pin.JointModelPZ,
        "x": pin.JointModelRX,
        "y": pin.JointModelRY,
        "z": pin.JointModelRZ,
    }
    model = pin.Model()
    model.gravity.linear = np.array(GRAVITY_WORLD_M_S2)
    last: dict[int, int] = {-1: 0}  # segment to its last joint
    for dof in DOFS:
        s = dof.segment
        first = s not in last
        parent = last[PARENTS[s]] if first else last[s]
        placement = (
            pin.SE3(np.eye(3), offsets[s]) if first else pin.SE3.Identity()
        )
        last[s] = model.addJoint(parent, kinds[dof.axis](), placement, dof.name)
    for s in range(N_SEGMENTS):
        model.appendBodyToJoint(
            last[s],
            pin.Inertia(float(mass[s]), com[s], tensor[s]),
            pin.SE3.Identity(),
        )
    return model, np.array([d.sign for d in DOFS], float)

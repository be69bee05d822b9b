"""OpenSim motion files: kinematics.mot in the coordinates of LaiUhlrich2022, ground_reaction.mot as OpenCap names it.

Both models share axes (x forward, y up, z right), the z-x-y order and the signs of these coordinates. Our two spine
joints make one lumbar joint there, scapula and shoulder one arm joint: their rotation matrices are multiplied and
taken apart again. The pelvis origin differs: ours is the mid-hip point, theirs lies before and above it. Neck and
wrists have no coordinate there. Our ankle is zero when the sole of a standing foot is level; in a model scaled by
markers that pose has an `ankle_angle` of -2 to +7 deg, by person and side (docs/data.md), so no constant is added.
OpenSim reads no NaN, and a gap would be zero force under a moving body: the files hold the longest stretch of the clip
in which the forces are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.external_load import load_wrenches
from musclepose.physics.kinematics import local_rotations
from musclepose.physics.segment_motion import segment_motion
from musclepose.physics.skeleton47 import DOF_INDEX, DOF_NAMES, N_ROOT, SEGMENTS
from musclepose.records import Analysis, Array, Mask
from musclepose.utils.rot import unwrap_zxy, zxy_from_matrix

_ROOT = (
    "pelvis_tilt",
    "pelvis_list",
    "pelvis_rotation",
    "pelvis_tx",
    "pelvis_ty",
    "pelvis_tz",
)
_LEG = {  # ours -> OpenSim
    "hip_flexion": "hip_flexion", "hip_adduction": "hip_adduction", "hip_rotation": "hip_rotation",
    "knee_flexion": "knee_angle", "ankle_dorsiflexion": "ankle_angle", "ankle_inversion": "subtalar_angle",
}  # fmt: skip
_NOTE = "Units are S.I. units (second, meters, Newtons, ...)\nAngles are in degrees."
N_TRANSLATIONS = 3
_SIDES = ((1, "R"), (0, "L"))  # our index: prefix there
# Hip joint centres of LaiUhlrich2022 (Rajagopal 2016, unscaled) in its pelvis, midway: m, forward and up.
MID_HIP_IN_PELVIS_M = (-0.0563, -0.0785, 0.0)


def _known_forces(analysis: Analysis) -> Mask:
    """(T,) frames whose ground forces are known."""
    return np.asarray(np.isfinite(analysis.grf_world_n).all(axis=(1, 2)))


def has_forces(analysis: Analysis) -> bool:
    """Whether the ground forces of any frame are known: where none are, no file may say that they are zero."""
    return bool(_known_forces(analysis).any())


def told_stretch(analysis: Analysis) -> slice:
    """The longest run of frames whose ground forces are known; all frames where none are."""
    known = _known_forces(analysis)
    if not known.any():
        return slice(0, len(known))
    edges = np.flatnonzero(
        np.diff(np.concatenate([[0], known.astype(int), [0]]))
    )
    start, end = max(
        zip(edges[::2], edges[1::2], strict=True),
        key=lambda run: run[1] - run[0],
    )
    return slice(int(start), int(end))


def _pelvis_origin_m(analysis: Analysis) -> Array:
    """(T, 3) origin of OpenSim's pelvis: the mid-hip point less its place in that pelvis, turned as the pelvis is."""
    R = local_rotations(torch.from_numpy(np.ascontiguousarray(analysis.q)))
    return analysis.q[:, :3] - R[
        :, SEGMENTS.index("pelvis")
    ].numpy() @ np.array(MID_HIP_IN_PELVIS_M)


def _degrees(analysis: Analysis, name: str) -> Array:
    return np.degrees(analysis.q[:, DOF_INDEX[name]])


def _joined_deg(
    R_parent_seg: torch.Tensor, proximal: str, distal: str
) -> Array:
    """(T, 3) z, x, y degrees of two joints in series, unwrapped over time."""
    R = (
        R_parent_seg[:, SEGMENTS.index(proximal)]
        @ R_parent_seg[:, SEGMENTS.index(distal)]
    )
    return np.degrees(unwrap_zxy(zxy_from_matrix(R)).numpy())


def kinematics_columns(analysis: Analysis) -> dict[str, Array]:
    """(T,) per OpenSim coordinate: degrees, pelvis translations in m."""
    R = local_rotations(torch.from_numpy(np.ascontiguousarray(analysis.q)))
    out = {name: _degrees(analysis, name) for name in _ROOT[:3]}
    origin = _pelvis_origin_m(analysis)
    out |= {name: origin[:, k] for k, name in enumerate(_ROOT[3:])}
    for side in ("r", "l"):
        out |= {
            f"{theirs}_{side}": _degrees(analysis, f"{ours}_{side}")
            for ours, theirs in _LEG.items()
        }
    lumbar = _joined_deg(R, "abdomen", "thorax")
    out |= {
        f"lumbar_{n}": lumbar[:, k]
        for k, n in enumerate(("extension", "bending", "rotation"))
    }
    for side, mirror in (("r", 1.0), ("l", -1.0)):
        arm = _joined_deg(R, f"scapula_{side}", f"upper_arm_{side}")
        for k, (name, sign) in enumerate(
            (("flex", 1.0), ("add", mirror), ("rot", mirror))
        ):
            out[f"arm_{name}_{side}"] = sign * arm[:, k]
        out[f"elbow_flex_{side}"] = _degrees(analysis, f"elbow_flexion_{side}")
        out[f"pro_sup_{side}"] = _degrees(analysis, f"forearm_pronation_{side}")
    return out


def ground_reaction_columns(analysis: Analysis) -> dict[str, Array]:
    """(T,) force N, point m and torque N m per foot; 0 where no force or its point is known: OpenSim reads no NaN."""
    out: dict[str, Array] = {}
    for i, side in _SIDES:
        cop = np.nan_to_num(analysis.cop_world_m[:, i])
        for k, axis in enumerate("xyz"):
            out[f"{side}_ground_force_v{axis}"] = np.nan_to_num(
                analysis.grf_world_n[:, i, k]
            )
        for k, axis in enumerate("xyz"):
            out[f"{side}_ground_force_p{axis}"] = cop[:, k]
        for axis in "xyz":
            out[f"{side}_ground_torque_{axis}"] = np.nan_to_num(
                analysis.free_moment_nm[:, i]
            ) * float(axis == "y")
    return out | _hand_columns(analysis) | _lying_columns(analysis)


def _lying_columns(analysis: Analysis) -> dict[str, Array]:
    """The force of the floor on each half of a load that lies on it, at the centre of mass of the hand that holds it.

    Our own model has the load in its hands all the time; with this force it weighs nothing while it lies.
    """
    share, lengths_m = analysis.load_share, analysis.lengths_m
    if share is None or lengths_m is None:
        return {}
    person, lengths = analysis.athlete, torch.from_numpy(lengths_m)
    inertia = segment_inertia(
        lengths, lengths.new_tensor(person.mass_kg), person.sex
    )
    q, qdot, qddot = (
        torch.from_numpy(x) for x in (analysis.q, analysis.qdot, analysis.qddot)
    )
    lying_kg = torch.from_numpy(analysis.load.mass_kg * (1.0 - share))
    motion = segment_motion(q, qdot, qddot, lengths, inertia.com)
    held = load_wrenches(lying_kg, "hands", motion)
    force, point = -held.force_world_n.numpy(), held.point_world_m.numpy()
    out: dict[str, Array] = {}
    for i, side in _SIDES:
        for k, axis in enumerate("xyz"):
            out[f"{side}_lying_force_v{axis}"] = np.nan_to_num(force[:, i, k])
        out |= {
            f"{side}_lying_force_p{axis}": point[:, i, k]
            for k, axis in enumerate("xyz")
        }
        out |= {
            f"{side}_lying_torque_{axis}": np.zeros(len(point))
            for axis in "xyz"
        }
    return out


def _hand_columns(analysis: Analysis) -> dict[str, Array]:
    """The same of both hands where they ever carry: the force acts at the wrist and has no torque of its own."""
    out: dict[str, Array] = {}
    if analysis.hand_force_world_n is None:
        return out
    for i, side in _SIDES:
        wrist = analysis.joints_world_m[
            :, SEGMENTS.index(f"hand_{side.lower()}")
        ]
        for k, axis in enumerate("xyz"):
            out[f"{side}_hand_force_v{axis}"] = np.nan_to_num(
                analysis.hand_force_world_n[:, i, k]
            )
        out |= {
            f"{side}_hand_force_p{axis}": wrist[:, k]
            for k, axis in enumerate("xyz")
        }
        out |= {
            f"{side}_hand_torque_{axis}": np.zeros(len(wrist)) for axis in "xyz"
        }
    return out


def moment_columns(analysis: Analysis) -> dict[str, Array]:
    """(T,) per degree of freedom of our body: net joint moments (N m; root: residual in N and N m); 0 where unknown."""
    return {
        f"{name}_{'force' if i < N_TRANSLATIONS else 'moment'}": np.nan_to_num(
            analysis.tau_nm[:, i]
        )
        for i, name in enumerate(DOF_NAMES)
    }


def activation_columns(analysis: Analysis) -> dict[str, Array]:
    """(T,) activation (0 to 1) of both torque generators of each joint axis; 0 where unknown."""
    names = DOF_NAMES[N_ROOT:]
    sides = [
        (f"{name}_{side}", i + k * len(names))
        for k, side in enumerate(("plus", "minus"))
        for i, name in enumerate(names)
    ]
    return {
        f"{name}/activation": np.nan_to_num(analysis.activation[:, i])
        for name, i in sides
    }


def write_storage(
    path: Path,
    title: str,
    time_s: Array,
    columns: Mapping[str, Array],
    in_degrees: bool,
) -> Path:
    """A .mot or .sto file: header, `endheader`, then tab-separated rows with the time in s first."""
    table = np.column_stack([time_s, *columns.values()])
    header = (
        f"{title}\nversion=1\nnRows={table.shape[0]}\nnColumns={table.shape[1]}\n"
        f"inDegrees={'yes' if in_degrees else 'no'}\n\n{_NOTE}\n\nendheader\n"
    )
    lines = ["\t".join(["time", *columns])] + [
        "\t".join(f"{v:.8f}" for v in row) for row in table
    ]
    path.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    return path

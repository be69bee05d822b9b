"""Task targets -> generalised coordinates: limbs in closed form, feet exactly where they should be, CoM over the feet.

A movement says where feet, trunk and hands are; knees, hips, ankles, elbows and shoulders follow. A two-link limb with
lengths l1, l2 whose ends are D apart bends by k = acos((D^2 - l1^2 - l2^2) / (2 l1 l2)) in the plane of its pole.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.kinematics import Pose, forward_kinematics
from musclepose.physics.skeleton47 import (
    DOF_INDEX,
    DOFS,
    GEOMETRY,
    N_DOF,
    SEGMENTS,
)
from musclepose.synthesis.exercise.body import Body
from musclepose.utils.rot import matrix_from_zxy, rot_z, zxy_from_matrix

REACH = 0.9985  # of the stretched limb: the knee keeps about 3 degrees
HIP_RAD = 2.25  # largest hip flexion that a target may ask for, 129 deg
FOLD_RAD = 2.62  # largest elbow flexion that a target may ask for, 150 deg
SIDES = ("l", "r")
ROOT_ANGLES = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
SPINE = tuple(
    f"{s}_{a}"
    for s in ("lumbar", "thoracic", "neck")
    for a in ("flexion", "bending", "rotation")
)
ARM = (
    "scapula_tilt",
    "scapula_elevation",
    "shoulder_flexion",
    "shoulder_adduction",
    "shoulder_rotation",
    "elbow_flexion",
    "forearm_pronation",
    "wrist_flexion",
    "wrist_deviation",
)
HIP = ("hip_flexion", "hip_adduction", "hip_rotation")
ANKLE = ("ankle_dorsiflexion", "ankle_inversion", "ankle_adduction")
SHOULDER = ("shoulder_flexion", "shoulder_adduction", "shoulder_rotation")


@dataclass
class Targets:
    """What a movement asks for, frame by frame. World: Y up, facing +x, floor y = 0; rad; sides left, right."""

    root_xz_m: Float[Tensor, "t 2"]
    root_angles: Float[Tensor, "t 3"]  # tilt, list, rotation
    spine: Float[Tensor, "t 9"]  # in the order of SPINE
    ankle_m: Float[Tensor, "t 2 3"]
    R_world_foot: Float[Tensor, "t 2 3 3"]
    knee_pole: Float[
        Tensor, "t 2 3"
    ]  # world direction in which the knees point
    arm: Float[
        Tensor, "t 2 9"
    ]  # in the order of ARM; shoulder and elbow are replaced where `wrist_m` is given
    contact: Float[Tensor, "t 2"]
    knee_flexion: Float[Tensor, " t"] | None = (
        None  # sets the pelvis height, or:
    )
    height_m: Float[Tensor, " t"] | None = None
    wrist_m: Float[Tensor, "t 2 3"] | None = None
    wrist_in_thorax: bool = False
    elbow_pole: Float[Tensor, "t 2 3"] | None = (
        None  # in the same frame as wrist_m
    )
    com_xz_m: Float[Tensor, "t 2"] | None = (
        None  # the pelvis moves until the centre of mass (with load) is here
    )
    notes: dict[str, float] = field(default_factory=dict)


def two_link(
    start: Float[Tensor, "*b 3"],
    end: Float[Tensor, "*b 3"],
    pole: Float[Tensor, "*b 3"],
    l1: float,
    l2: float,
    bends_forward: bool,
    largest_rad: float = 3.0,
) -> tuple[Float[Tensor, "*b 3 3"], Float[Tensor, "*b"]]:
    """World rotation of the upper link (-y along it, z its hinge) and hinge angle; the middle joint points to `pole`.

    `bends_forward`: the lower link turns towards +x of the upper one (elbow), else towards -x (knee).
    """
    line = end - start
    cos_largest = torch.cos(torch.tensor(largest_rad))
    shortest = (l1**2 + l2**2 + 2 * l1 * l2 * cos_largest).sqrt().item()
    longest = REACH * (l1 + l2)
    D = line.norm(dim=-1).clamp(shortest, longest)
    e = torch.nn.functional.normalize(line, dim=-1)
    pole_along = (pole * e).sum(-1, keepdim=True)
    u = torch.nn.functional.normalize(pole - pole_along * e, dim=-1)
    cos_flexion = (D**2 - l1**2 - l2**2) / (2 * l1 * l2)
    flexion = torch.acos(cos_flexion.clamp(-1.0, 1.0))
    cos_a = (l1**2 + D**2 - l2**2) / (2 * l1 * D)
    a = torch.acos(cos_a.clamp(-1.0, 1.0))[..., None]
    along = a.cos() * e + a.sin() * u
    across = a.cos() * u - a.sin() * e
    x = -across if bends_forward else across
    y = -along
    z = torch.linalg.cross(x, y, dim=-1)
    return torch.stack((x, y, z), -1), flexion


def _put(q: Tensor, names: tuple[str, ...], side: str, angles: Tensor) -> None:
    for name, value in zip(names, angles.unbind(-1), strict=True):
        i = DOF_INDEX[f"{name}_{side}" if side else name]
        q[:, i] = value * DOFS[i].sign


def _offset(body: Body, name: str) -> Tensor:
    per_length = GEOMETRY.joint_offsets[SEGMENTS.index(name)]
    return torch.tensor(per_length @ body.lengths_m.numpy())


def follow_branch(
    angles: Float[Tensor, "t 3"], names: tuple[str, ...], side: str
) -> Float[Tensor, "t 3"]:
    """The continuous track of (z, x, y) that leaves the joint limits least: shortest path over both branches."""
    dofs = [DOFS[DOF_INDEX[f"{n}_{side}"]] for n in names]
    middle = torch.tensor([0.5 * (d.lower + d.upper) * d.sign for d in dofs])
    half = torch.tensor([0.5 * (d.upper - d.lower) for d in dofs])
    other = angles * torch.tensor([1.0, -1.0, 1.0]) + torch.pi
    both = torch.stack((angles, other))
    turns = torch.round((both - middle) / (2 * torch.pi))
    both = both - 2 * torch.pi * turns
    beyond = torch.relu((both - middle).abs() - half).sum(-1)
    cost = 10.0 * beyond + 0.1 * both[..., 2].abs()
    change = both[:, None, 1:] - both[None, :, :-1]
    step = change.square().sum(-1).permute(2, 0, 1)
    path = _cheapest_path(cost.T.tolist(), step.tolist())
    return both[torch.tensor(path), torch.arange(angles.shape[0])]


def _cheapest_path(
    costs: list[list[float]], steps: list[list[list[float]]]
) -> list[int]:
    """Branch (0 or 1) of each frame. costs: (T, 2); steps: (T - 1, 2, 2) of going to the first from the second.

    Dynamic programming (Viterbi): the best way to each branch, and back along it.
    """
    best, back = costs[0], []
    for step, cost in zip(steps, costs[1:], strict=True):
        choice = [int(best[1] + row[1] < best[0] + row[0]) for row in step]
        reached = [best[j] for j in choice]
        way = [row[j] for row, j in zip(step, choice, strict=True)]
        best = [reached[j] + way[j] + cost[j] for j in (0, 1)]
        back.append(choice)
    path = [0 if best[0] <= best[1] else 1]
    for choice in reversed(back):
        path.append(choice[path[-1]])
    return path[::-1]


def _legs(q: Tensor, targets: Targets, body: Body) -> Tensor:
    """Fill hips, knees and ankles; returns how far (m) each foot is out of reach (t, 2)."""
    R_root = _root_rotation(q)
    l1 = body.length("thigh")
    l2 = body.length("shank")
    lack = []
    for s, side in enumerate(SIDES):
        hip = q[:, :3] + R_root @ _offset(body, f"thigh_{side}")
        ankle = targets.ankle_m[:, s]
        distance = (ankle - hip).norm(dim=-1)
        lack.append(distance - REACH * (l1 + l2))
        R_thigh, knee = two_link(
            hip, ankle, targets.knee_pole[:, s], l1, l2, bends_forward=False
        )
        R_hip = R_root.transpose(1, 2) @ R_thigh
        _put(q, HIP, side, _hip_angles(R_hip))
        q[:, DOF_INDEX[f"knee_flexion_{side}"]] = knee
        R_shank = R_thigh @ rot_z(-knee)
        R_ankle = R_shank.transpose(1, 2) @ targets.R_world_foot[:, s]
        _put(q, ANKLE, side, zxy_from_matrix(R_ankle))
    return torch.relu(torch.stack(lack, -1))


def _root_rotation(q: Tensor) -> Tensor:
    return matrix_from_zxy(q[:, 3], q[:, 4], q[:, 5])


def _hip_angles(R_hip: Tensor) -> Tensor:
    """(t, 3) flexion, adduction, rotation; flexion from -90 to 270 degrees, as a deep squat needs."""
    angles = zxy_from_matrix(R_hip)
    flexion = angles[:, :1]
    past_half_turn = 2 * torch.pi * (flexion < -torch.pi / 2)
    return torch.cat((flexion + past_half_turn, angles[:, 1:]), -1)


def _arms(q: Tensor, targets: Targets, body: Body) -> None:
    """Shoulders and elbows that bring the wrists to their targets."""
    for s, side in enumerate(SIDES):
        for k, name in enumerate(ARM):
            q[:, DOF_INDEX[f"{name}_{side}"]] = targets.arm[:, s, k]
    if targets.wrist_m is None or targets.elbow_pole is None:
        return
    pose = forward_kinematics(q, body.lengths_m)
    l1 = body.length("upper_arm")
    l2 = body.length("forearm")
    for s, side in enumerate(SIDES):
        wrist, pole = targets.wrist_m[:, s], targets.elbow_pole[:, s]
        if targets.wrist_in_thorax:
            wrist, pole = _out_of_thorax(pose, wrist, pole)
        R_scapula = pose.R_world_seg[:, SEGMENTS.index(f"scapula_{side}")]
        shoulder = pose.p_world_seg[:, SEGMENTS.index(f"upper_arm_{side}")]
        R_upper, elbow = two_link(
            shoulder,
            wrist,
            pole,
            l1,
            l2,
            bends_forward=True,
            largest_rad=FOLD_RAD,
        )
        angles = zxy_from_matrix(R_scapula.transpose(1, 2) @ R_upper)
        _put(q, SHOULDER, side, follow_branch(angles, SHOULDER, side))
        q[:, DOF_INDEX[f"elbow_flexion_{side}"]] = elbow


def _out_of_thorax(
    pose: Pose, point: Tensor, direction: Tensor
) -> tuple[Tensor, Tensor]:
    """A point and a direction (t, 3) of the thorax in the world."""
    thorax = SEGMENTS.index("thorax")
    R_world_thorax = pose.R_world_seg[:, thorax]
    p_world = (R_world_thorax @ point[..., None])[..., 0] + pose.p_world_seg[
        :, thorax
    ]
    return p_world, (R_world_thorax @ direction[..., None])[..., 0]


def _set_height(q: Tensor, targets: Targets, body: Body) -> None:
    """Pelvis height from the wanted mean knee flexion: hip-ankle distance by the law of cosines."""
    if targets.height_m is not None:
        q[:, 1] = targets.height_m
        return
    if targets.knee_flexion is None:
        raise ValueError(
            "a movement gives either knee_flexion or height_m; this one gives neither."
        )
    l1 = body.length("thigh")
    l2 = body.length("shank")
    D2 = l1**2 + l2**2 + 2 * l1 * l2 * targets.knee_flexion.cos()
    R_root = _root_rotation(q)
    heights = []
    for s, side in enumerate(SIDES):
        hip = R_root @ _offset(body, f"thigh_{side}")
        ankle = targets.ankle_m[:, s]
        line = q[:, :3] + hip - ankle
        rise2 = D2 - line[:, 0] ** 2 - line[:, 2] ** 2
        rise = rise2.clamp(min=0.01).sqrt()
        heights.append(ankle[:, 1] + rise - hip[:, 1])
    q[:, 1] = 0.5 * (heights[0] + heights[1])


def _spare_hips(q: Tensor, targets: Targets, body: Body) -> None:
    """Where the hips would flex past HIP_RAD the pelvis tucks under and the lower back rounds, as people do."""
    _legs(q, targets, body)
    flexion = [q[:, DOF_INDEX[f"hip_flexion_{s}"]] for s in SIDES]
    most = torch.maximum(*flexion)
    excess = torch.relu(most - HIP_RAD)
    if float(excess.max()) > 0.0:
        q[:, 3] += excess
        q[:, DOF_INDEX["lumbar_flexion"]] += 0.6 * excess
        q[:, DOF_INDEX["thoracic_flexion"]] += 0.4 * excess


def _into_reach(q: Tensor, targets: Targets, body: Body) -> None:
    """Lower the pelvis until both feet can be reached."""
    leg = body.length("thigh") + body.length("shank")
    for _ in range(4):
        lack = _legs(q, targets, body)
        if float(lack.max()) < 1e-9:
            return
        above = q[:, 1:2] - targets.ankle_m[..., 1]
        steepness = above.clamp(min=0.15) / leg
        lower = 1.02 * lack / steepness.clamp(0.2, 1.0)
        q[:, 1] = q[:, 1] - lower.amax(1)
    _legs(q, targets, body)


def centre_of_mass(pose: Pose, body: Body) -> Float[Tensor, "t 3"]:
    """Centre of mass of body and load, m."""
    inertia = body.inertia
    p = pose.p_world_seg + (pose.R_world_seg @ inertia.com[..., None])[..., 0]
    moment = (p * inertia.mass[:, None]).sum(-2)
    if body.load_kg <= 0.0:
        return moment / body.mass_kg
    carrier = "hand" if body.load_at == "hands" else "scapula"
    carriers = [SEGMENTS.index(f"{carrier}_{s}") for s in SIDES]
    at = p[:, carriers].mean(1)
    return (moment + body.load_kg * at) / (body.mass_kg + body.load_kg)


def solve(
    targets: Targets, body: Body, rounds: int = 3
) -> Float[Tensor, "t 47"]:
    """q (t, 47) in double precision."""
    q = torch.zeros(targets.spine.shape[0], N_DOF, dtype=torch.float64)
    q[:, (0, 2)] = targets.root_xz_m
    q[:, 3:6] = targets.root_angles
    for k, name in enumerate(SPINE):
        q[:, DOF_INDEX[name]] = targets.spine[:, k]
    for _ in range(rounds if targets.com_xz_m is not None else 1):
        _limbs(q, targets, body)
        _over(q, targets.com_xz_m, body)
    _limbs(q, targets, body)
    return q


def _limbs(q: Tensor, targets: Targets, body: Body) -> None:
    """Height, legs and arms for where the pelvis is now."""
    _set_height(q, targets, body)
    _spare_hips(q, targets, body)
    _into_reach(q, targets, body)
    _arms(q, targets, body)


def _over(q: Tensor, com_xz_m: Tensor | None, body: Body) -> None:
    """Move the pelvis by what the centre of mass lacks to its target."""
    if com_xz_m is None:
        return
    com = centre_of_mass(forward_kinematics(q, body.lengths_m), body)
    q[:, (0, 2)] += com_xz_m - com[:, (0, 2)]

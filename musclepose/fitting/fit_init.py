"""Where the fit starts: joint angles read off the landmark geometry, on one continuous branch per clip.

The shoulder passes 90 degrees of abduction, where ZXY is singular; there the angles of a ball joint are followed from
frame to frame by a damped Gauss-Newton step instead of being read off each frame alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.skeleton47 import DOF_INDEX, DOFS, N_DOF
from musclepose.utils.rot import (
    matrix_from_zxy,
    nearest_zxy,
    unwrap_zxy,
    zxy_from_matrix,
)

TRACK_DAMPING = 0.01  # of the angle step, against unit direction error
TRACK_LIMIT = 0.3  # of the excess over a joint limit, likewise: it turns the free angle back near the singular pose
TRACK_NEUTRAL = 0.01  # of the axial angle, likewise: a straight limb returns to neutral rotation
_BALLS = (("shoulder", "l"), ("shoulder", "r"), ("hip", "l"), ("hip", "r"))


def _unit(v: Tensor) -> Tensor:
    return torch.nn.functional.normalize(v, dim=-1)


def frame_from_right_up(
    right: Float[Tensor, "*b 3"], up: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b 3 3"]:
    """Segment frame whose z axis is `right` exactly and whose y axis is as near to `up` as that allows."""
    z = _unit(right)
    x = _unit(torch.linalg.cross(up, z, dim=-1))
    return torch.stack((x, torch.linalg.cross(z, x, dim=-1), z), -1)


def pad_clips(
    x: Float[Tensor, " n *d"], clips: Sequence[int]
) -> Float[Tensor, "c t *d"]:
    """Joined clips to one padded batch; the padding repeats the last frame."""
    longest = max(clips)
    return torch.stack(
        [
            torch.cat((p, p[-1:].expand(longest - len(p), *p.shape[1:])))
            for p in x.split(list(clips))
        ]
    )


def unpad_clips(
    x: Float[Tensor, "c t *d"], clips: Sequence[int]
) -> Float[Tensor, " n *d"]:
    """Inverse of `pad_clips`."""
    return torch.cat(
        [row[:frames] for row, frames in zip(x, clips, strict=True)]
    )


def ball_limits(ball: str, side: str) -> Float[Tensor, "2 3"]:
    """Lower and upper bounds (rad) of a shoulder or hip about the bare axes z, x, y."""
    out = []
    for part in ("flexion", "adduction", "rotation"):
        dof = DOFS[DOF_INDEX[f"{ball}_{part}_{side}"]]
        out.append(sorted((dof.sign * dof.lower, dof.sign * dof.upper)))
    return torch.tensor(out).T


def track_ball_joint(
    direction: Float[Tensor, "b t 3"],
    hinge: Float[Tensor, "b t 3"],
    weight: Float[Tensor, "b t"],
    bounds: Float[Tensor, "b 2 3"],
) -> Float[Tensor, "b t 3"]:
    """ZXY angles (z, x, y; rad, about the axes themselves) of a limb whose -y axis follows `direction` and whose z axis
    follows `hinge` where `weight` (0..1) says that the hinge can be seen. Continuous; `bounds` pull softly.

    One piece because it is one damped Newton step, written as its equations, in a loop over the frames.
    """
    R0 = frame_from_right_up(hinge[:, 0], -direction[:, 0])
    angle = nearest_zxy(zxy_from_matrix(R0), torch.zeros_like(direction[:, 0]))
    down, right = torch.tensor([0.0, -1.0, 0.0]), torch.tensor([0.0, 0.0, 1.0])
    damping, axial = (
        TRACK_DAMPING * torch.eye(3),
        TRACK_NEUTRAL * torch.tensor([0.0, 0.0, 1.0]),
    )
    out = []
    for t in range(direction.shape[1]):
        w = weight[:, t, None]
        for _ in range(3):
            R = matrix_from_zxy(*angle.unbind(-1))
            z, zero = angle[:, 0], torch.zeros_like(angle[:, 0])
            axes = torch.stack(
                (
                    right.expand_as(R[:, 0]),
                    torch.stack((z.cos(), z.sin(), zero), -1),
                    R[:, :, 1],
                ),
                1,
            )
            along, across = R @ down, R @ right
            turn_along = torch.linalg.cross(
                axes, along[:, None].expand_as(axes), dim=-1
            )
            turn_across = torch.linalg.cross(
                axes, across[:, None].expand_as(axes), dim=-1
            )
            J = torch.cat((turn_along, w[:, None] * turn_across), -1)
            r = torch.cat(
                (along - direction[:, t], w * (across - hinge[:, t])), -1
            )
            excess = torch.relu(angle - bounds[:, 1]) - torch.relu(
                bounds[:, 0] - angle
            )
            H = (
                J @ J.transpose(1, 2)
                + damping
                + (TRACK_LIMIT * (excess != 0) + axial).diag_embed()
            )
            gradient = (
                (J @ r[..., None])[..., 0]
                + TRACK_LIMIT * excess
                + axial * angle
            )
            step = torch.linalg.solve(H, gradient)
            angle = angle - step.clamp(-0.5, 0.5)
        out.append(angle)
    return torch.stack(out, 1)


_Limb = tuple[Tensor, Tensor, Tensor, Tensor]


def _limb(
    j: Mapping[str, Tensor], side: str, ball: str, R_w_p: Tensor
) -> _Limb:
    """Direction and hinge in the parent frame, hinge weight, hinge angle (rad) of one arm or leg."""
    names = (
        ("shoulder", "elbow", "wrist")
        if ball == "shoulder"
        else ("hip", "knee", "ankle")
    )
    a, b, c = (j[f"{side}_{n}"] for n in names)
    upper, lower = _unit(b - a), _unit(c - b)
    normal = torch.linalg.cross(upper, lower, dim=-1)
    sine, cosine = normal.norm(dim=-1), (upper * lower).sum(-1)
    sign = 1.0 if ball == "shoulder" else -1.0
    # A nearly straight hinge shows nothing: lean on the parent's right axis there.
    weight = ((sine - 0.15) / 0.35).clamp(0.0, 1.0)
    hinge = _unit(sign * normal * weight[:, None] + 1e-3 * R_w_p[:, :, 2])
    to_parent = R_w_p.transpose(1, 2)
    along, across = (
        (to_parent @ upper[..., None])[..., 0],
        (to_parent @ hinge[..., None])[..., 0],
    )
    return along, across, weight, torch.atan2(sine, cosine)


def _set_zxy(q: Tensor, prefix: Sequence[str], angles: Tensor) -> None:
    for name, value in zip(prefix, angles.unbind(-1), strict=True):
        i = DOF_INDEX[name]
        q[:, i] = value * DOFS[i].sign


def branch_within(
    angles: Float[Tensor, "n 3"], bounds: Float[Tensor, "2 3"]
) -> Float[Tensor, "n 3"]:
    """Of all (z, x, y) triples of the same rotation the one that leaves the bounds least."""
    middle = bounds.mean(0).expand_as(angles)
    flip, sign = torch.full((3,), torch.pi), torch.tensor([1.0, -1.0, 1.0])
    best, best_excess = angles, torch.full(angles.shape[:1], torch.inf)
    for candidate in (angles, angles * sign + flip):
        turned = candidate - 2 * torch.pi * torch.round(
            (candidate - middle) / (2 * torch.pi)
        )
        excess = (
            torch.relu(turned - bounds[1]) + torch.relu(bounds[0] - turned)
        ).sum(-1)
        best = torch.where((excess < best_excess)[:, None], turned, best)
        best_excess = torch.minimum(excess, best_excess)
    return best


def _bend_spine(q: Tensor, R_pelvis_thorax: Tensor) -> None:
    """Half of the turn between pelvis and thorax in each of the two parts of the spine."""
    half = zxy_from_matrix(R_pelvis_thorax) / 2
    for part in ("lumbar", "thoracic"):
        _set_zxy(
            q, (f"{part}_flexion", f"{part}_bending", f"{part}_rotation"), half
        )


def initial_q(
    joints: Mapping[str, Float[Tensor, "n 3"]],
    pelvis_up: Tensor,
    thorax_up: Tensor,
    clips: Sequence[int],
) -> tuple[Float[Tensor, "n 47"], Float[Tensor, "n 47"]]:
    """Starting angles from l_/r_ shoulder, elbow, wrist, hip, knee, ankle (m) and the up directions of pelvis, thorax.

    The first start follows each ball joint in time; the second takes, frame by frame, the branch within the limits.
    """
    j = joints
    R_pelvis = frame_from_right_up(j["r_hip"] - j["l_hip"], pelvis_up)
    R_thorax = frame_from_right_up(j["r_shoulder"] - j["l_shoulder"], thorax_up)
    q = torch.zeros(pelvis_up.shape[0], N_DOF)
    q[:, :3] = 0.5 * (j["l_hip"] + j["r_hip"])
    root = unwrap_zxy(pad_clips(zxy_from_matrix(R_pelvis), clips))
    _set_zxy(
        q,
        ("pelvis_tilt", "pelvis_list", "pelvis_rotation"),
        unpad_clips(root, clips),
    )
    _bend_spine(q, R_pelvis.transpose(1, 2) @ R_thorax)
    R_parent = {"shoulder": R_thorax, "hip": R_pelvis}
    limbs = [_limb(j, side, ball, R_parent[ball]) for ball, side in _BALLS]
    for (ball, side), limb in zip(_BALLS, limbs, strict=True):
        hinge = "elbow" if ball == "shoulder" else "knee"
        q[:, DOF_INDEX[f"{hinge}_flexion_{side}"]] = limb[3]
        q[:, DOF_INDEX[f"forearm_pronation_{side}"]] = 1.4
    alternative = q.clone()
    for (ball, side), track, limb in zip(
        _BALLS, _tracked(limbs, clips), limbs, strict=True
    ):
        names = tuple(
            f"{ball}_{part}_{side}"
            for part in ("flexion", "adduction", "rotation")
        )
        _set_zxy(q, names, track)
        single = zxy_from_matrix(frame_from_right_up(limb[1], -limb[0]))
        _set_zxy(
            alternative, names, branch_within(single, ball_limits(ball, side))
        )
    return q, alternative


def _tracked(
    limbs: Sequence[_Limb], clips: Sequence[int]
) -> list[Float[Tensor, "n 3"]]:
    """`track_ball_joint` of every limb, all clips at once."""
    direction, hinge, weight = (
        torch.cat([pad_clips(limb[k], clips) for limb in limbs])
        for k in range(3)
    )
    bounds = torch.stack([ball_limits(ball, side) for ball, side in _BALLS])
    each = bounds.repeat_interleave(len(clips), 0)
    tracks = track_ball_joint(direction, hinge, weight, each).chunk(len(_BALLS))
    return [unpad_clips(track, clips) for track in tracks]

"""90 % bands of torque and ground reaction: keypoint noise through the physics, plus a calibrated model error.

1. Keypoint noise of standard deviation sigma (m, larger where the detector was unsure), correlated in time, is turned
   into joint angles by one regularised least-squares step of the keypoint Jacobian.
   An angle that no keypoint shows (a foot's, in COCO-17) is not made to wander: what it adds is in the model part.
2. A small ensemble of perturbed trajectories runs through filter, balance and inverse dynamics with the contacts held;
   its standard deviation, pooled over a short window, is the noise part.
3. The model part is `offset + slope |value| + dynamic D`, calibrated on force plates (configs/uncertainty.yaml): what
   remains with perfect keypoints, because bodies, masses and contacts are models. D says how far the ground reaction of
   the moment is from quiet standing, in body weights: impacts are known less well than their size alone tells.
The parts are independent: half width = sqrt(noise^2 + model^2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import torch
import yaml
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.constants import G_M_S2
from musclepose.physics.kinematics import forward_kinematics, keypoints_coco
from musclepose.physics.segment_motion import ancestor_matrix, segment_motion
from musclepose.physics.skeleton47 import DOF_NAMES, DOFS, GEOMETRY, N_DOF
from musclepose.physics.smoothing import Motion, smooth_motion

MEMBERS = 8
STUDENT_T = 1.895  # 95th percentile of Student's t with 7 degrees of freedom: 90 % two-sided, 8 members
NOISE_SHARE = 0.012  # keypoint noise / stature at confidence 1 (chosen: about 1 % of the person's height)
LOWEST_CONFIDENCE = 0.15
CORRELATION_S = 0.10  # detector noise forgets itself over this time (chosen)
PRIOR_RAD = 0.3  # how far an angle that no keypoint shows may wander
PRIOR_M = 0.05  # likewise for the root
POOL_S = 0.25
DYNAMIC_S = 0.1
FRAMES_AT_ONCE = 7200  # of all members together: what a frame needs on the way is 20 to 80 kB
GRF_AXES = ("horizontal", "vertical", "horizontal")

Loads = tuple[Float[Tensor, "*b t 47"], Float[Tensor, "*b t 2 3"]]


class Bands(NamedTuple):
    """Half widths of the 90 % bands."""

    tau_nm: Float[Tensor, "t 47"]
    grf_n: Float[Tensor, "t 2 3"]


@lru_cache(maxsize=1)
def model_error_table() -> dict:
    """configs/uncertainty.yaml: per group offset, slope and dynamic (N m/kg or body weights, share, the same per D)."""
    return yaml.safe_load(
        files("musclepose.configs").joinpath("uncertainty.yaml").read_text()
    )


def keypoint_sigma(
    confidence: Float[Tensor, "t k"], stature_m: float
) -> Float[Tensor, "t k"]:
    """Standard deviation (m) of each keypoint: a share of the stature, inversely proportional to the confidence."""
    certain = confidence.nan_to_num(0.0).clamp(LOWEST_CONFIDENCE, 1.0)
    return NOISE_SHARE * stature_m / certain


def keypoint_jacobian(
    q: Float[Tensor, "t 47"], lengths_m: Float[Tensor, " 13"]
) -> Float[Tensor, "t 51 47"]:
    """d keypoints / d q: a point turns by `axis x (point - joint)` with every rotation above it."""
    zero = torch.zeros_like(q)
    moving = segment_motion(q, zero, zero, lengths_m, q.new_zeros(18, 3))
    points = keypoints_coco(forward_kinematics(q, lengths_m), lengths_m)
    rotations = DOFS[3:]
    segment = [d.segment for d in rotations]
    slot = ["zxy".index(d.axis) for d in rotations]
    sign = q.new_tensor([d.sign for d in rotations])
    axes = moving.axes_world[:, segment, :, slot] * sign[:, None, None]
    axes = axes.movedim(0, 1)
    arm = points[:, None] - moving.p_world_seg[:, segment, None]
    turn = torch.linalg.cross(axes[:, :, None].expand_as(arm), arm)
    above = torch.as_tensor(ancestor_matrix(), dtype=q.dtype, device=q.device)
    carries = above[GEOMETRY.keypoint_segments][:, segment]
    turn = turn * carries.T[None, :, :, None]
    shift = torch.eye(3, dtype=q.dtype, device=q.device).repeat(17, 1)
    return torch.cat((shift.expand(len(q), 51, 3), turn.flatten(2).mT), -1)


def angle_noise(
    q: Float[Tensor, "t 47"],
    lengths_m: Float[Tensor, " 13"],
    sigma_m: Float[Tensor, "t 17"],
    dt: float,
    members: int = MEMBERS,
    seed: int = 0,
) -> Float[Tensor, "k t 47"]:
    """Coordinate errors that keypoint errors cause: `(J' W J + P) dq = J' W e`, e correlated over CORRELATION_S."""
    generator = torch.Generator().manual_seed(seed)
    white = torch.randn(
        members, len(q), 17, 3, generator=generator, dtype=torch.float64
    )
    noise = _correlated(white.to(q), dt)
    error = (noise * sigma_m[..., None]).flatten(2).movedim(0, -1)
    at_once = FRAMES_AT_ONCE // MEMBERS
    pieces = zip(*(x.split(at_once) for x in (q, sigma_m, error)), strict=True)
    solved = [
        _angles_of(piece, lengths_m, sigma, some)
        for piece, sigma, some in pieces
    ]
    return torch.cat(solved).movedim(-1, 0)


def _correlated(
    white: Float[Tensor, "k t 17 3"], dt: float
) -> Float[Tensor, "k t 17 3"]:
    """White noise that is forgotten over CORRELATION_S: e_t = c e_(t-1) + sqrt(1 - c^2) w_t."""
    keep = math.exp(-dt / CORRELATION_S)
    drive = math.sqrt(1.0 - keep**2)
    noise = [white[:, 0]]
    for new in white[:, 1:].unbind(1):
        noise.append(keep * noise[-1] + drive * new)
    return torch.stack(noise, 1)


def _angles_of(
    q: Float[Tensor, "t 47"],
    lengths_m: Float[Tensor, " 13"],
    sigma_m: Float[Tensor, "t 17"],
    error_m: Float[Tensor, "t 51 k"],
) -> Float[Tensor, "t 47 k"]:
    """`(J' W J + P)^-1 J' W e` of each frame."""
    J = keypoint_jacobian(q, lengths_m)
    W = sigma_m.repeat_interleave(3, -1).pow(-2)
    JtW = J.mT * W.unsqueeze(-2)
    P = torch.full((N_DOF,), PRIOR_RAD**-2, dtype=q.dtype, device=q.device)
    P[:3] = PRIOR_M**-2
    return torch.linalg.solve(JtW @ J + torch.diag(P), JtW @ error_m)


def _spread(samples: Tensor, dt: float) -> Tensor:
    """(T, ...) standard deviation over the members (K, T, ...), its square averaged over POOL_S."""
    variance = samples.var(0)
    wanted = 2 * int(0.5 * POOL_S / dt) + 1
    width = min(wanted, 2 * len(variance) - 1)
    flat = variance.flatten(1).T.unsqueeze(1)
    mean = torch.nn.functional.avg_pool1d(
        flat, width, 1, width // 2, count_include_pad=False
    )
    return mean[:, 0].T.reshape(variance.shape).sqrt()


def _group(dof: str) -> str:
    joint = dof.split("_")[0]
    return joint if joint in ("hip", "knee", "ankle") else "other"


def liveliness(
    grf_n: Float[Tensor, "t 2 3"], mass_kg: float, dt: float
) -> Float[Tensor, " t"]:
    """D: |sum of the feet's forces - body weight| / body weight, its largest value within DYNAMIC_S to either side."""
    weight = mass_kg * G_M_S2
    standing = grf_n.new_tensor([0.0, weight, 0.0])
    net = grf_n.sum(-2) - standing
    size = net.norm(dim=-1) / weight
    reach = min(int(round(DYNAMIC_S / dt)), len(size) - 1)
    return torch.nn.functional.max_pool1d(
        size[None, None], 2 * reach + 1, 1, reach
    )[0, 0]


def model_error(
    tau_nm: Float[Tensor, "t 47"],
    grf_n: Float[Tensor, "t 2 3"],
    mass_kg: float,
    dt: float,
    table: dict | None = None,
) -> Bands:
    """Calibrated half widths with perfect keypoints. The root rows are the residual itself and get none."""
    rows = (table or model_error_table())["groups"]
    D = liveliness(grf_n, mass_kg, dt)[:, None]
    of_torque = tau_nm.new_tensor([rows[_group(n)] for n in DOF_NAMES])
    of_torque[:6] = 0.0
    offset, slope, dynamic = of_torque.unbind(-1)
    tau = (offset + dynamic * D) * mass_kg + slope * tau_nm.abs()
    of_force = grf_n.new_tensor([rows[f"grf_{axis}"] for axis in GRF_AXES])
    offset, slope, dynamic = of_force.unbind(-1)
    fixed = (offset + dynamic * D)[:, None] * mass_kg * G_M_S2
    return Bands(tau, fixed + slope * grf_n.abs())


def uncertainty_bands(
    q: Float[Tensor, "t 47"],
    lengths_m: Float[Tensor, " 13"],
    sigma_m: Float[Tensor, "t 17"],
    loads: Callable[[Motion], Loads],
    nominal: Loads,
    mass_kg: float,
    dt: float,
    smooth: Callable[[Tensor], Motion] | None = None,
    members: int = MEMBERS,
) -> Bands:
    """Bands of the `nominal` torques and ground reaction of a clip.

    `q` is the trajectory before the filter `smooth` (none: `smooth_motion`); `loads` maps a motion with leading axes
    (k, t) to torques and forces, with the contacts held at those of the clip.
    """
    with torch.no_grad():
        disturbed = q + angle_noise(q, lengths_m, sigma_m, dt, members)
        groups = disturbed.split(max(1, FRAMES_AT_ONCE // len(q)))
        motions = (
            smooth(group) if smooth else smooth_motion(group, dt)
            for group in groups
        )
        found = [loads(motion) for motion in motions]
        tau, grf = (torch.cat(parts) for parts in zip(*found, strict=True))
        model = model_error(*nominal, mass_kg, dt)
        noise = (STUDENT_T * _spread(tau, dt), STUDENT_T * _spread(grf, dt))
    both = zip(noise, model, strict=True)
    return Bands(*((n.square() + m.square()).sqrt() for n, m in both))

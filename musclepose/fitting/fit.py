"""Inverse kinematics: the 47-DoF body fitted to 3D landmark tracks by batched Levenberg-Marquardt.

Per subject one set of 13 scale lengths and one constant offset per landmark in its segment's frame (so that differences
between skeletons do not bend joints); per frame q (47). The cost of a frame is

    sum_m |p_m(q) - y_m|^2 / sigma_m^2 + sum_i (q_i - neutral_i)^2 / sigma_neutral_i^2
    + sum_i (q_i - smooth_i)^2 / sigma_smooth_i^2 + sum_i hinge(q_i outside its limits)^2 / sigma_limit^2

where `smooth` is the Gaussian-filtered track of the sweep before. The Jacobian is geometric: a rotation about the world
axis a through o moves a point p by a x (p - o).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from musclepose.fitting.fit_model import (
    Subject,
    landmark_jacobian,
    landmark_positions,
    neutral_prior,
)
from musclepose.physics.kinematics import Pose, forward_kinematics
from musclepose.physics.skeleton47 import (
    GEOMETRY,
    LENGTHS,
    N_DOF,
    N_SEGMENTS,
    PARENTS,
    limits,
)

FIT_VERSION = 7
SIGMA_LIMIT_RAD = 0.03
LOST_MM = 15.0
CHUNK = 2048
N_LENGTHS = len(LENGTHS)


class FitResult(NamedTuple):
    """q (N, 47) and the RMS distance of the weighted landmarks per frame, mm (N,)."""

    q: Float[Tensor, "n 47"]
    residual_mm: Float[Tensor, " n"]


class _Targets(NamedTuple):
    """Per frame: landmark tracks, weights 1/sigma (0 = missing), the smooth reference and its stiffness 1/sigma^2."""

    points: Float[Tensor, "n m 3"]
    weight: Float[Tensor, "n m"]
    smooth: Float[Tensor, "n 47"]
    smooth_stiffness: Float[Tensor, " 47"]


class _Priors(NamedTuple):
    neutral: Float[Tensor, " 47"]
    stiffness: Float[Tensor, " 47"]
    lower: Float[Tensor, " 47"]
    upper: Float[Tensor, " 47"]


def _priors() -> _Priors:
    neutral, sigma = neutral_prior()
    stiffness = sigma.pow(-2)
    stiffness[:6] = 0.0
    lower, upper = (torch.tensor(b, dtype=torch.float32) for b in limits())
    return _Priors(neutral, stiffness, lower, upper)


def _prior_terms(
    q: Tensor, targets: _Targets, priors: _Priors
) -> tuple[Tensor, Tensor, Tensor]:
    """Cost (n,), gradient (n, 47) and diagonal Hessian (n, 47) of the terms that touch one DoF each."""
    excess = torch.relu(q - priors.upper) - torch.relu(priors.lower - q)
    limit = (excess != 0).to(q.dtype) / SIGMA_LIMIT_RAD**2
    to_neutral, to_smooth = q - priors.neutral, q - targets.smooth
    gradient = (
        priors.stiffness * to_neutral
        + targets.smooth_stiffness * to_smooth
        + excess / SIGMA_LIMIT_RAD**2
    )
    cost = (
        priors.stiffness * to_neutral.square()
        + targets.smooth_stiffness * to_smooth.square()
        + (excess / SIGMA_LIMIT_RAD).square()
    ).sum(-1)
    return cost, gradient, priors.stiffness + targets.smooth_stiffness + limit


def _cost(
    q: Tensor, subject: Subject, targets: _Targets, priors: _Priors
) -> tuple[Tensor, Pose, Tensor]:
    pose = forward_kinematics(q, subject.lengths_m)
    points = landmark_positions(pose, subject)
    residual = (points - targets.points) * targets.weight[..., None]
    return (
        residual.square().sum((-1, -2)) + _prior_terms(q, targets, priors)[0],
        pose,
        points,
    )


def _lm_chunk(
    q: Tensor, subject: Subject, targets: _Targets, priors: _Priors, steps: int
) -> Tensor:
    """Levenberg-Marquardt with one damping per frame; a step that does not lower the cost is undone.

    One piece because it is one step of the method, and what is undone is all that the step made.
    """
    damping = torch.full((q.shape[0], 1), 1.0)
    cost, pose, points = _cost(q, subject, targets, priors)
    for _ in range(steps):
        J = (
            landmark_jacobian(q, pose, points, subject.landmarks.segment)
            * targets.weight[:, None, :, None]
        )
        J = J.flatten(2)
        residual = (
            (points - targets.points) * targets.weight[..., None]
        ).flatten(1)
        _, gradient, diagonal = _prior_terms(q, targets, priors)
        gradient = gradient + (J @ residual[..., None])[..., 0]
        H = J @ J.transpose(1, 2)
        H.diagonal(dim1=1, dim2=2).add_(
            diagonal + damping * (1.0 + 1e-2 * H.diagonal(dim1=1, dim2=2))
        )
        step = torch.cholesky_solve(
            gradient[..., None], torch.linalg.cholesky(H)
        )[..., 0].clamp(-0.6, 0.6)
        trial = q - step
        trial_cost, trial_pose, trial_points = _cost(
            trial, subject, targets, priors
        )
        better = trial_cost < cost
        q = torch.where(better[:, None], trial, q)
        pose = Pose(
            *(
                torch.where(better.reshape(-1, *[1] * (a.dim() - 1)), a, b)
                for a, b in zip(trial_pose, pose, strict=True)
            )
        )
        points = torch.where(better[:, None, None], trial_points, points)
        cost = torch.where(better, trial_cost, cost)
        damping = torch.where(
            better[:, None], damping * 0.2, damping * 8.0
        ).clamp(1e-3, 1e6)
    return q


def _smooth_tracks(
    q: Tensor, clips: Sequence[int], sigma_frames: float
) -> Tensor:
    pieces = [
        gaussian_filter1d(p.numpy(), sigma_frames, axis=0, mode="nearest")
        for p in q.split(list(clips))
    ]
    return torch.from_numpy(np.concatenate(pieces))


def _restart_lost(
    q: Tensor, residual_mm: Tensor, clips: Sequence[int]
) -> Tensor:
    """Frames that ended in a false minimum start again from the nearest frame of the clip that did not."""
    pieces, start = [], 0
    for frames in clips:
        part, lost = (
            q[start : start + frames].clone(),
            residual_mm[start : start + frames] > LOST_MM,
        )
        good = (~lost).nonzero()[:, 0]
        if lost.any() and len(good):
            bad = lost.nonzero()[:, 0]
            part[bad, 3:] = part[
                good[(bad[:, None] - good).abs().argmin(1)], 3:
            ]
        pieces.append(part)
        start += frames
    return torch.cat(pieces)


def _sweep(
    q: Tensor, targets: _Targets, subject: Subject, steps: int
) -> Tensor:
    """`steps` Levenberg-Marquardt steps for all frames, in chunks that stay in cache."""
    priors, done = _priors(), []
    for start in range(0, q.shape[0], CHUNK):
        part = slice(start, start + CHUNK)
        chunk = _Targets(
            targets.points[part],
            targets.weight[part],
            targets.smooth[part],
            targets.smooth_stiffness,
        )
        done.append(_lm_chunk(q[part], subject, chunk, priors, steps))
    return torch.cat(done)


def _second_start(
    q: Tensor,
    alternative: Tensor,
    targets: _Targets,
    subject: Subject,
    steps: int,
) -> Tensor:
    """Frames that are lost try the alternative start; the better of both stays."""
    seen = targets.weight > 0
    before = _residual_mm(q, targets.points, seen, subject)
    lost = (before > LOST_MM).nonzero()[:, 0]
    if not len(lost):
        return q
    own = _Targets(
        targets.points[lost],
        targets.weight[lost],
        targets.smooth[lost],
        targets.smooth_stiffness,
    )
    trial = _sweep(alternative[lost], own, subject, 2 * steps)
    better = _residual_mm(trial, own.points, seen[lost], subject) < before[lost]
    q = q.clone()
    q[lost[better]] = trial[better]
    return q


def solve_frames(
    q: Float[Tensor, "n 47"],
    points: Float[Tensor, "n m 3"],
    subject: Subject,
    clips: Sequence[int],
    sweeps: int = 3,
    steps: int = 4,
    smooth_sigma_rad: float = 0.1,
    alternative: Float[Tensor, "n 47"] | None = None,
) -> FitResult:
    """Fit q to landmark tracks (NaN = missing). `clips` are the frame counts of the clips that the N frames join.

    Every sweep but the last hands frames that are lost (residual above LOST_MM) a new start: `alternative`, then the
    nearest good frame. From the second sweep on the track is tied to its smoothed self.
    """
    seen = torch.isfinite(points).all(-1)
    points = torch.where(seen[..., None], points, torch.zeros_like(points))
    stiffness = torch.full((N_DOF,), smooth_sigma_rad**-2)
    stiffness[:6] = 0.0
    weight = seen.to(q.dtype) / subject.landmarks.sigma_m
    for sweep in range(sweeps):
        targets = _Targets(
            points,
            weight,
            _smooth_tracks(q, clips, 2.0),
            stiffness if sweep else stiffness * 0.0,
        )
        q = _sweep(q, targets, subject, steps)
        if alternative is not None and sweep + 1 < sweeps:
            q = _second_start(q, alternative, targets, subject, steps)
        if sweep + 1 < sweeps:
            q = _restart_lost(q, _residual_mm(q, points, seen, subject), clips)
    return FitResult(q, _residual_mm(q, points, seen, subject))


def _residual_mm(
    q: Tensor, points: Tensor, seen: Tensor, subject: Subject
) -> Tensor:
    model = landmark_positions(
        forward_kinematics(q, subject.lengths_m), subject
    )
    counted = seen & (subject.landmarks.sigma_m <= 0.0101)
    squared = (model - points).square().sum(-1) * counted
    return 1000.0 * (squared.sum(-1) / counted.sum(-1).clamp(min=1)).sqrt()


def _offset_design(pose: Pose, subject: Subject) -> Float[Tensor, "n m 3 k"]:
    """Landmark positions relative to the root are linear in x = (lengths 13, offsets 3 M): the design matrix."""
    model, R = subject.landmarks, pose.R_world_seg
    joints = torch.tensor(GEOMETRY.joint_offsets, dtype=R.dtype)
    chain = [torch.zeros(R.shape[0], 3, N_LENGTHS)]
    for s in range(1, N_SEGMENTS):
        chain.append(chain[PARENTS[s]] + R[:, PARENTS[s]] @ joints[s])
    R_m = R[:, model.segment]
    lengths = torch.stack(chain, 1)[:, model.segment] + R_m @ model.coefficients
    m = len(model.names)
    offsets = torch.einsum("nmij,mk->nmikj", R_m, torch.eye(m)).reshape(
        R.shape[0], m, 3, 3 * m
    )
    return torch.cat((lengths, offsets), -1)


def calibrate_body(
    q: Float[Tensor, "n 47"],
    points: Float[Tensor, "n m 3"],
    subject: Subject,
    start: Subject,
    frames_worth: float = 40.0,
) -> Subject:
    """Lengths and offsets by regularised least squares at fixed joint rotations, the root translation eliminated.

    The data count as `frames_worth` independent frames, because model error does not average out over time. The prior
    is centred on `start`.
    """
    model = start.landmarks
    pose = forward_kinematics(q, subject.lengths_m)
    seen = torch.isfinite(points).all(-1)
    weight = seen / model.sigma_m
    target = torch.where(seen[..., None], points, torch.zeros_like(points))
    design = _offset_design(pose, subject)
    share = (weight.square() / weight.square().sum(1, keepdim=True))[..., None]
    design = (
        design - (design * share[..., None]).sum(1, keepdim=True)
    ) * weight[..., None, None]
    target = (target - (target * share).sum(1, keepdim=True)) * weight[
        ..., None
    ]
    A = design.flatten(0, 2).double()
    scale = frames_worth / max(q.shape[0], 1)
    prior_mean = torch.cat((start.lengths_m, model.offset_m.flatten())).double()
    prior = (
        torch.cat((start.length_sigma_m, model.offset_sigma_m.flatten()))
        .double()
        .pow(-2)
    )
    H = scale * (A.T @ A) + prior.diag()
    x = torch.linalg.solve(
        H, scale * (A.T @ target.flatten().double()) + prior * prior_mean
    ).float()
    landmarks = replace(model, offset_m=x[N_LENGTHS:].reshape(-1, 3))
    return replace(subject, lengths_m=x[:N_LENGTHS], landmarks=landmarks)


def fit_subject(
    q0: Float[Tensor, "n 47"],
    alternative: Float[Tensor, "n 47"],
    points: Float[Tensor, "n m 3"],
    start: Subject,
    clips: Sequence[int],
    rounds: int = 6,
) -> tuple[Subject, FitResult]:
    """Calibrate the body on up to 400 spread frames (alternating q and body), then fit every frame."""
    keep = (
        torch.linspace(0, q0.shape[0] - 1, min(400, q0.shape[0]))
        .round()
        .long()
        .unique()
    )
    subject, q = start, q0[keep]
    for _ in range(rounds):
        q, residual_mm = solve_frames(
            q, points[keep], subject, [len(keep)], sweeps=1, steps=5
        )
        good = residual_mm <= residual_mm.median().clamp(min=LOST_MM)
        subject = calibrate_body(q[good], points[keep][good], subject, start)
    return subject, solve_frames(
        q0, points, subject, clips, alternative=alternative
    )

"""Analysis records of generated exercise clips: their true motion through the real physics, with a camera and a track.

They feed the corpus of the coach and the tests of recognition and counting. `angle_noise_deg` adds what a pose network
adds: a slow error (AR(1), 0.85 at 30 Hz) and a smaller white one on every joint angle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.kinematics import (
    Pose,
    forward_kinematics,
    keypoints_coco,
)
from musclepose.physics.skeleton47 import N_ROOT
from musclepose.physics.smoothing import Motion, smooth_motion
from musclepose.physics.whole_body import physics_of_motion
from musclepose.records import (
    Analysis,
    Array,
    Camera,
    ExternalLoad,
    Person,
    PoseTrack,
    Quality,
)
from musclepose.synthesis.exercise import ExerciseClip

SIZE_PX = (1280, 720)
_AR = 0.85


def camera_at(
    yaw_rad: float,
    centre_m: Array,
    distance_m: float = 4.0,
    focal_px: float = 1000.0,
) -> Camera:
    """Level camera that looks at `centre_m` (3,); yaw 0 looks along -x, at the face of an athlete in the zero pose."""
    away = np.array([math.cos(yaw_rad), 0.0, math.sin(yaw_rad)])
    down = np.array([0.0, -1.0, 0.0])
    rotation = np.stack([np.cross(down, -away), down, -away])
    return Camera(
        rotation,
        -rotation @ (centre_m + distance_m * away),
        focal_px,
        (SIZE_PX[0] / 2.0, SIZE_PX[1] / 2.0),
    )


def angle_noise(
    shape: tuple[int, int], size_deg: float, rng: np.random.Generator
) -> Array:
    """(T, n) rad: slow and white error, in total `size_deg` standard deviation."""
    slow = np.zeros(shape)
    slow[0] = rng.normal(size=shape[1])
    for t in range(1, shape[0]):
        slow[t] = _AR * slow[t - 1] + math.sqrt(1 - _AR**2) * rng.normal(
            size=shape[1]
        )
    return np.radians(size_deg) * (0.92 * slow + 0.39 * rng.normal(size=shape))


@dataclass(frozen=True)
class _Forces:
    """Source arrays of what needs inverse dynamics; NaN where it was not asked for."""

    grf_world_n: Array  # (T, 2, 3)
    cop_world_m: Array  # (T, 2, 3)
    free_moment_nm: Array  # (T, 2)
    tau_nm: Array  # (T, 47)
    tau_mtg_nm: Array  # (T, 41)
    activation: Array  # (T, 82)
    effort: Array  # (T, 41)
    residual: float  # share of the net external force


def _no_forces(frames: int) -> _Forces:
    def empty(*shape: int) -> Array:
        return np.full((frames, *shape), np.nan)

    return _Forces(
        empty(2, 3),
        empty(2, 3),
        empty(2),
        empty(47),
        empty(41),
        empty(82),
        empty(41),
        math.nan,
    )


def _forces(
    q: torch.Tensor, clip: ExerciseClip, person: Person, load: ExternalLoad
) -> tuple[_Forces, Motion]:
    lengths, contact = (
        torch.from_numpy(clip.motion.lengths_m).double(),
        torch.from_numpy(clip.motion.contact),
    )
    p = physics_of_motion(q, lengths, contact, person, load)
    needed = float(p.required_force_n.square().sum(-1).mean().sqrt())
    lacking = float(p.residual_force_n.square().sum(-1).mean().sqrt())
    made = _Forces(
        p.feet.force_world_n.numpy(),
        p.feet.cop_world_m.numpy(),
        p.feet.free_moment_nm.numpy(),
        p.tau_nm.numpy(),
        p.tau_mtg_nm.numpy(),
        p.effort.alpha.numpy(),
        p.effort.effort.numpy(),
        lacking / needed,
    )
    return made, Motion(p.q, p.qdot, p.qddot)


def _centre_of_mass(pose: Pose, lengths: torch.Tensor, person: Person) -> Array:
    inertia = segment_inertia(
        lengths, lengths.new_tensor(person.mass_kg), person.sex
    )
    p_world = (
        pose.p_world_seg + (pose.R_world_seg @ inertia.com[..., None])[..., 0]
    )
    return (
        (p_world * inertia.mass[:, None]).sum(-2) / inertia.mass.sum()
    ).numpy()


def _noisy(
    q: NDArray[np.float32], angle_noise_deg: float, rng: np.random.Generator
) -> torch.Tensor:
    """(T, 47) float64 with noise on every angle but the root's."""
    angles = q.astype(np.float64)
    angles[:, N_ROOT:] += angle_noise(
        (len(q), q.shape[1] - N_ROOT), angle_noise_deg, rng
    )
    return torch.from_numpy(angles)


def _loads_and_motion(
    q: torch.Tensor,
    clip: ExerciseClip,
    person: Person,
    load: ExternalLoad,
    forces: bool,
) -> tuple[_Forces, Motion]:
    if forces:
        return _forces(q, clip, person, load)
    return _no_forces(len(q)), smooth_motion(q, 1.0 / clip.motion.fps)


def analysis_of_clip(
    clip: ExerciseClip,
    seed: int = 0,
    angle_noise_deg: float = 0.0,
    yaw_deg: float | None = None,
    forces: bool = True,
) -> Analysis:
    """A generated clip as the pipeline would return it, had the network seen this motion.

    forces: whether inverse dynamics is done (seconds a clip, most of them for the uncertainty bands, which are left
    out here); without it forces, torques and effort are NaN, and their figures absent.
    """
    rng = np.random.default_rng(seed)
    made = clip.motion
    frames, lengths = len(made.q), torch.from_numpy(made.lengths_m).double()
    q = _noisy(made.q, angle_noise_deg, rng)
    person = Person(made.stature_m, made.mass_kg, clip.sex)
    load = ExternalLoad(clip.load_kg, clip.load_at)
    loads, motion = _loads_and_motion(q, clip, person, load, forces)
    pose = forward_kinematics(motion.q, lengths)
    points, com = (
        keypoints_coco(pose, lengths).numpy(),
        _centre_of_mass(pose, lengths, person),
    )
    yaw = rng.uniform(-120, 120) if yaw_deg is None else yaw_deg
    camera = camera_at(math.radians(float(yaw)), com.mean(0))
    time_s = np.arange(frames) / made.fps
    px = camera.project(points)
    return Analysis(
        athlete=person,
        assumed=(),
        load=load,
        camera=camera,
        time_s=time_s,
        track=PoseTrack(px, np.full((frames, 17), 0.9), time_s, SIZE_PX),
        q=motion.q.numpy(),
        qdot=motion.qdot.numpy(),
        qddot=motion.qddot.numpy(),
        joints_world_m=pose.p_world_seg.numpy(),
        keypoints_world_m=points,
        keypoints_fit_px=px,
        com_world_m=com,
        contact=made.contact.astype(np.float64),
        grf_world_n=loads.grf_world_n,
        cop_world_m=loads.cop_world_m,
        free_moment_nm=loads.free_moment_nm,
        tau_nm=loads.tau_nm,
        tau_mtg_nm=loads.tau_mtg_nm,
        activation=loads.activation,
        effort=loads.effort,
        tau_band_nm=np.zeros((frames, 47)),
        grf_band_n=np.zeros((frames, 2, 3)),
        quality=Quality(loads.residual, loads.residual, 0.0, 0.0, 1.0, "high"),
        lengths_m=lengths.numpy(),
    )

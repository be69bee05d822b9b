"""Analysis records of generated exercise clips: their true motion through the real physics, with a camera and a track.

They feed the corpus of the coach and the tests of recognition and counting. `angle_noise_deg` adds what a pose network
adds: a slow error (AR(1), 0.85 at 30 Hz) and a smaller white one on every joint angle.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from musclepose.data.exercise import ExerciseClip
from musclepose.physics.kinematics import forward_kinematics, keypoints_coco
from musclepose.physics.skeleton47 import N_ROOT
from musclepose.physics.whole_body import physics_of_motion
from musclepose.quality import quality_of
from musclepose.records import Analysis, Array, Athlete, Camera, ExternalLoad, PoseTrack

SIZE_PX = (1280, 720)
_AR = 0.85


def camera_at(yaw_rad: float, centre_m: Array, distance_m: float = 4.0, focal_px: float = 1000.0) -> Camera:
    """Level camera that looks at `centre_m` (3,); yaw 0 looks along -x, at the face of an athlete in the zero pose."""
    away = np.array([math.cos(yaw_rad), 0.0, math.sin(yaw_rad)])
    down = np.array([0.0, -1.0, 0.0])
    rotation = np.stack([np.cross(down, -away), down, -away])
    return Camera(rotation, -rotation @ (centre_m + distance_m * away), focal_px, (SIZE_PX[0] / 2.0, SIZE_PX[1] / 2.0))


def angle_noise(shape: tuple[int, int], size_deg: float, rng: np.random.Generator) -> Array:
    """(T, n) rad: slow and white error, in total `size_deg` standard deviation."""
    slow = np.zeros(shape)
    slow[0] = rng.normal(size=shape[1])
    for t in range(1, shape[0]):
        slow[t] = _AR * slow[t - 1] + math.sqrt(1 - _AR**2) * rng.normal(size=shape[1])
    return np.radians(size_deg) * (0.92 * slow + 0.39 * rng.normal(size=shape))


def analysis_of_clip(
    clip: ExerciseClip, seed: int = 0, angle_noise_deg: float = 0.0, yaw_deg: float | None = None
) -> Analysis:
    """A generated clip as the pipeline would return it, had the network seen this motion."""
    rng = np.random.default_rng(seed)
    motion = clip.motion
    angles = motion.q.astype(np.float64)
    angles[:, N_ROOT:] += angle_noise((len(angles), angles.shape[1] - N_ROOT), angle_noise_deg, rng)
    q, lengths = torch.from_numpy(angles), torch.from_numpy(motion.lengths_m).double()
    athlete = Athlete(float(np.clip(motion.stature_m, 1.2, 2.3)), float(np.clip(motion.mass_kg, 25, 250)), clip.sex)
    load = ExternalLoad(clip.load_kg, clip.load_at)
    physics = physics_of_motion(q, lengths, torch.from_numpy(motion.contact), athlete, load)
    pose = forward_kinematics(physics.q, lengths)
    points = keypoints_coco(pose, lengths).numpy()
    yaw = math.radians(float(rng.uniform(-120, 120)) if yaw_deg is None else yaw_deg)
    camera = camera_at(yaw, physics.com_world_m.mean(0).numpy())
    px, frames = camera.project(points), len(q)
    time_s = np.arange(frames) / motion.fps
    track = PoseTrack(px, np.full((frames, 17), 0.9), time_s, SIZE_PX)
    return Analysis(
        athlete=athlete, assumed=(), load=load, track=track, camera=camera, time_s=time_s, q=physics.q.numpy(),
        qdot=physics.qdot.numpy(), qddot=physics.qddot.numpy(), joints_world_m=pose.p_world_seg.numpy(),
        keypoints_world_m=points, keypoints_fit_px=px, com_world_m=physics.com_world_m.numpy(),
        contact=motion.contact.astype(np.float64), grf_world_n=physics.feet.force_world_n.numpy(),
        cop_world_m=physics.feet.cop_world_m.numpy(), free_moment_nm=physics.feet.free_moment_nm.numpy(),
        tau_nm=physics.tau_nm.numpy(), tau_mtg_nm=physics.tau_mtg_nm.numpy(), activation=physics.effort.alpha.numpy(),
        effort=physics.effort.effort.numpy(), tau_band_nm=np.zeros((frames, 47)), grf_band_n=np.zeros((frames, 2, 3)),
        quality=quality_of(physics, track, px, float(athlete.mass_kg or 0.0)), warnings=physics.warnings,
    )  # fmt: skip

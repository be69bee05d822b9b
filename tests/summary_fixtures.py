"""Small synthetic clips: joint angle curves through the real forward kinematics, as Analysis records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.kinematics import forward_kinematics, keypoints_coco
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.records import (
    Analysis,
    Camera,
    ExternalLoad,
    Person,
    PoseTrack,
    Quality,
)

HEIGHT_M, MASS_KG = 1.75, 75.0


def bumps(
    time_s: np.ndarray, count: int, period_s: float, rest_s: float = 0.4
) -> np.ndarray:
    """(T,) `count` raised-cosine bumps of height 1 after a rest."""
    phase = (time_s - rest_s) / period_s
    return np.where(
        (phase >= 0) & (phase < count),
        0.5 - 0.5 * np.cos(2 * np.pi * phase),
        0.0,
    )


def camera(yaw_deg: float) -> Camera:
    """Camera 4 m away; 0 = in front of an athlete who faces +x, 90 = at the athlete's right side."""
    yaw = np.radians(yaw_deg)
    away = np.array([np.cos(yaw), 0.0, np.sin(yaw)])
    forward, down = -away, np.array([0.0, -1.0, 0.0])
    rotation = np.stack([np.cross(down, forward), down, forward])
    return Camera(
        rotation,
        -rotation @ (4.0 * away + np.array([0.0, 0.9, 0.0])),
        1000.0,
        (640.0, 360.0),
    )


def analysis_of(
    curves: dict[str, Any],
    time_s: np.ndarray,
    yaw_deg: float = 45.0,
    **changes: Any,
) -> Analysis:
    """Analysis of joint angle curves in degrees (metres for pelvis_tx, _ty, _tz); torques are made up from them."""
    frames = len(time_s)
    q = np.zeros((frames, 47))
    for name, values in curves.items():
        q[:, DOF_INDEX[name]] = (
            values
            if name in ("pelvis_tx", "pelvis_ty", "pelvis_tz")
            else np.radians(values)
        )
    lengths = segment_lengths(
        torch.tensor(HEIGHT_M, dtype=torch.float64),
        torch.zeros(13, dtype=torch.float64),
    )
    pose = forward_kinematics(torch.tensor(q), lengths)
    joints, points = (
        pose.p_world_seg.numpy(),
        keypoints_coco(pose, lengths).numpy(),
    )
    if "pelvis_ty" not in curves:
        lift = joints[:, :, 1].min(axis=1) - 0.07
        q[:, 1] -= lift
        joints, points = (
            joints - lift[:, None, None] * [0, 1, 0],
            points - lift[:, None, None] * [0, 1, 0],
        )
    cam = camera(yaw_deg)
    px = cam.project(points)
    com = joints[:, [0, 1, 2, 3]].mean(axis=1)
    qdot = np.gradient(q, time_s, axis=0)
    weight = MASS_KG * 9.81
    grf = np.zeros((frames, 2, 3))
    acceleration = np.gradient(np.gradient(com[:, 1], time_s), time_s)
    contact = np.repeat((joints[:, (14, 17), 1] < 0.16)[:, :, None], 1, axis=2)[
        ..., 0
    ].astype(float)
    grf[..., 1] = (
        contact * 0.5 * weight * np.clip(1 + acceleration / 9.81, 0, 4)[:, None]
    )
    tau = -0.9 * MASS_KG * q
    made = Analysis(
        athlete=Person(HEIGHT_M, MASS_KG, "male"),
        assumed=(),
        load=ExternalLoad(),
        camera=cam,
        time_s=time_s,
        track=PoseTrack(px, np.full((frames, 17), 0.9), time_s, (1280, 720)),
        q=q,
        qdot=qdot,
        qddot=np.gradient(qdot, time_s, axis=0),
        joints_world_m=joints,
        keypoints_world_m=points,
        keypoints_fit_px=px,
        com_world_m=com,
        contact=contact,
        grf_world_n=grf,
        cop_world_m=np.zeros((frames, 2, 3)),
        free_moment_nm=np.zeros((frames, 2)),
        tau_nm=tau,
        tau_mtg_nm=tau[:, 6:],
        activation=np.zeros((frames, 82)),
        effort=np.abs(tau[:, 6:]) / 250.0,
        tau_band_nm=np.full((frames, 47), 8.0),
        grf_band_n=np.full((frames, 2, 3), 30.0),
        quality=Quality(0.04, 0.05, 0.02, 4.0, 0.97, "high"),
    )
    return replace(made, **changes)


def both(name: str, values: Any) -> dict[str, Any]:
    """The same curve left and right."""
    return {f"{name}_l": values, f"{name}_r": values}


def clip(
    kind: str,
    count: int = 5,
    period_s: float = 2.0,
    depth: float = 1.0,
    yaw_deg: float = 45.0,
    noise_deg: float = 0.0,
    seed: int = 0,
    fps: float = 30.0,
    right_share: float = 1.0,
    **changes: Any,
) -> Analysis:
    """One of the known movements. `depth` scales the excursion; `right_share` the right side's."""
    time_s = np.arange(0.0, count * period_s + 1.0, 1.0 / fps)
    b = depth * bumps(time_s, count, period_s)
    curves = CURVES[kind](time_s, b, 2 * np.pi * (time_s - 0.4) / period_s)
    for name in list(curves):
        if name.endswith("_r") and right_share != 1.0:
            curves[name] = right_share * np.asarray(curves[name])
    rng = np.random.default_rng(seed)
    curves = {
        k: v
        if k.startswith("pelvis_t") and k[-2] == "t"
        else np.asarray(v) + rng.normal(0, noise_deg, len(time_s))
        for k, v in curves.items()
    }
    return analysis_of(curves, time_s, yaw_deg, **changes)


def _squat(t: np.ndarray, b: np.ndarray, _: np.ndarray) -> dict[str, Any]:
    return {
        **both("knee_flexion", 115 * b),
        **both("hip_flexion", 105 * b),
        **both("ankle_dorsiflexion", 28 * b),
        "pelvis_tilt": -38 * b,
        **both("hip_adduction", -12.0),
    }


def _hinge(knee: float) -> Any:
    return lambda t, b, _: {
        **both("knee_flexion", 10 + knee * b),
        **both("hip_flexion", 8 + 82 * b),
        **both("ankle_dorsiflexion", 2 + 0.1 * knee * b),
        "pelvis_tilt": -(70 + 0 * t) * b,
        **both("shoulder_flexion", 60 * b),
    }


def _walk(speed: float, hip: float, knee: float, flight: float) -> Any:
    def curves(
        t: np.ndarray, b: np.ndarray, phase: np.ndarray
    ) -> dict[str, Any]:
        bounce = 0.86 + flight * np.abs(np.sin(phase))
        return {
            "pelvis_tx": speed * t,
            "pelvis_ty": bounce,
            "hip_flexion_l": 8 + hip * np.sin(phase),
            "hip_flexion_r": 8 - hip * np.sin(phase),
            "knee_flexion_l": 8 + knee * np.clip(np.cos(phase), 0, 1),
            "knee_flexion_r": 8 + knee * np.clip(-np.cos(phase), 0, 1),
        }

    return curves


def _jump(t: np.ndarray, b: np.ndarray, phase: np.ndarray) -> dict[str, Any]:
    active = b > 0
    crouch = (
        np.where(
            active,
            np.clip(np.cos(phase), 0, 1) * (1 - np.cos(2 * phase) ** 8 * 0),
            0,
        )
        * active
    )
    crouch = np.where(
        (phase < 0.5) & active, np.sin(np.clip(phase, 0, 0.5) * np.pi), crouch
    )
    up = np.where(active, 0.3 * np.clip(-np.cos(phase), 0, 1), 0)
    return {
        **both("knee_flexion", 85 * crouch),
        **both("hip_flexion", 75 * crouch),
        **both("ankle_dorsiflexion", 20 * crouch),
        "pelvis_tilt": -25 * crouch,
        "pelvis_ty": 0.93 - 0.22 * crouch + up,
    }


CURVES: dict[str, Any] = {
    "squat": _squat,
    "deadlift": _hinge(55.0),
    "romanian_deadlift": _hinge(8.0),
    "curl": lambda t, b, _: {**both("elbow_flexion", 12 + 120 * b), **both("shoulder_adduction", -6.0)},
    "overhead_press": lambda t, b, _: {**both("elbow_flexion", 115 * (1 - b)), **both("shoulder_flexion",
        60 + 110 * b)},
    "push_up": lambda t, b, _: {"pelvis_tilt": -78 + 8 * b, **both("elbow_flexion", 8 + 90 * b),
                                **both("shoulder_flexion", 75 - 25 * b), **both("ankle_dorsiflexion", 0.0)},
    "plank": lambda t, b, _: {"pelvis_tilt": -80 + 0 * t, **both("elbow_flexion", 85.0), **both("shoulder_flexion",
        80.0)},
    "row": lambda t, b, _: {"pelvis_tilt": -55 + 0 * t, **both("hip_flexion", 65.0), **both("knee_flexion", 20.0),
                            **both("elbow_flexion", 12 + 80 * b), **both("shoulder_flexion", 55 - 65 * b)},
    "jumping_jack": lambda t, b, _: {**both("shoulder_adduction", -12 - 150 * b), **both("hip_adduction", -2 - 22 * b)},
    "lunge": lambda t, b, _: {"hip_flexion_l": 20 + 70 * b, "knee_flexion_l": 10 + 80 * b, "hip_flexion_r": -20 - 5 * b,
                              "knee_flexion_r": 15 + 70 * b, "ankle_dorsiflexion_l": 10 * b, "pelvis_tilt": -8 * b},
    "walking": _walk(1.3, 22, 50, 0.02),
    "running": _walk(3.0, 38, 85, 0.09),
    "jump": _jump,
}  # fmt: skip

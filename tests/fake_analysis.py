"""A complete Analysis without any network: forward kinematics of a sinusoidal squat, with a video to match.

The motion and its pictures are exact; torques, activations and bands are plausible shapes, not inverse dynamics.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.kinematics import (
    forward_kinematics,
    keypoints_coco,
    sole_points,
)
from musclepose.physics.skeleton47 import DOF_INDEX, N_DOF, N_ROOT
from musclepose.records import (
    Analysis,
    Array,
    Camera,
    ExternalLoad,
    Person,
    PoseTrack,
    Quality,
)

GRAVITY_M_S2 = 9.81
HEIGHT_M, MASS_KG = 1.76, 74.0


def squat_angles(time_s: Array, period_s: float) -> Array:
    """(T, 47) rad, m: knees between 5 and 100 (left) or 95 (right) degrees; the root translation is still zero."""
    depth = 0.5 - 0.5 * np.cos(2 * np.pi * time_s / period_s)
    q = np.zeros((len(time_s), N_DOF))
    for side, knee_deg in (("l", 100.0), ("r", 95.0)):
        q[:, DOF_INDEX[f"knee_flexion_{side}"]] = np.radians(
            5 + (knee_deg - 5) * depth
        )
        q[:, DOF_INDEX[f"hip_flexion_{side}"]] = np.radians(5 + 98 * depth)
        q[:, DOF_INDEX[f"hip_adduction_{side}"]] = np.radians(-8)
        q[:, DOF_INDEX[f"ankle_dorsiflexion_{side}"]] = np.radians(
            2 + 28 * depth
        )
        q[:, DOF_INDEX[f"elbow_flexion_{side}"]] = np.radians(35)
        q[:, DOF_INDEX[f"shoulder_flexion_{side}"]] = np.radians(
            10 + 55 * depth
        )
        q[:, DOF_INDEX[f"forearm_pronation_{side}"]] = np.radians(80)
    q[:, DOF_INDEX["pelvis_tilt"]] = -np.radians(36) * depth
    q[:, DOF_INDEX["lumbar_flexion"]] = np.radians(8) * depth
    return q


def _lengths() -> torch.Tensor:
    return segment_lengths(
        torch.tensor(HEIGHT_M, dtype=torch.float64),
        torch.zeros(13, dtype=torch.float64),
    )


def _stand_on_floor(q: Array) -> Array:
    """Root translation such that the lowest sole point touches y = 0 and the left ankle stays where it is."""
    lengths = _lengths()
    pose = forward_kinematics(torch.from_numpy(q), lengths)
    sole = sole_points(pose, lengths).numpy()
    ankle = pose.p_world_seg.numpy()[:, 14]
    out = q.copy()
    out[:, 0] -= ankle[:, 0]
    out[:, 1] -= sole[:, :, :, 1].min(axis=(1, 2))
    return out


def _camera(size_px: tuple[int, int]) -> Camera:
    """A phone at hip height, 3.6 m away, 50 degrees from straight ahead of the athlete."""
    angle = np.radians(50.0)
    backward = np.array(
        [np.cos(angle), 0.0, np.sin(angle)]
    )  # from the athlete to the camera
    down, forward = np.array([0.0, -1.0, 0.0]), -backward
    R = np.stack([np.cross(down, forward), down, forward])
    centre = np.array([0.0, 0.92, 0.0]) + 3.6 * backward
    focal = 1.35 * size_px[1]
    return Camera(R, -R @ centre, focal, (size_px[0] / 2, size_px[1] / 2))


def _ground_reaction(com: Array, time_s: Array, cop: Array) -> Array:
    """(T, 2, 3) N: mass x (acceleration + gravity), 54 % on the left foot."""
    acceleration = np.gradient(np.gradient(com, time_s, axis=0), time_s, axis=0)
    total = MASS_KG * (acceleration + np.array([0.0, GRAVITY_M_S2, 0.0]))
    share = np.array([0.54, 0.46])[None, :, None]
    return share * total[:, None, :] + 0 * cop


def _torques(q: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    tau = 0.6 * np.sin(q * 2.0) * MASS_KG * 0.4
    for side, scale in (("l", 1.0), ("r", 0.86)):
        knee = np.sin(q[:, DOF_INDEX[f"knee_flexion_{side}"]])
        hip = np.sin(q[:, DOF_INDEX[f"hip_flexion_{side}"]])
        tau[:, DOF_INDEX[f"knee_flexion_{side}"]] = (
            -1.5 * scale * MASS_KG * knee
        )
        tau[:, DOF_INDEX[f"hip_flexion_{side}"]] = -1.3 * scale * MASS_KG * hip
        tau[:, DOF_INDEX[f"ankle_dorsiflexion_{side}"]] = (
            -0.5 * scale * MASS_KG * (0.3 + hip)
        )
    tau[:, :N_ROOT] = rng.normal(0, 6.0, (len(q), N_ROOT))
    net = np.clip(tau[:, N_ROOT:] / 190.0, -1, 1)
    activation = np.concatenate(
        [np.clip(net, 0, 1) + 0.02, np.clip(-net, 0, 1) + 0.02], axis=1
    )
    return tau, np.clip(activation, 0, 1), np.abs(net)


def fake_analysis(
    frames: int = 120,
    rate_hz: float = 30.0,
    size_px: tuple[int, int] = (1280, 720),
) -> Analysis:
    """Two squats, 2 s or longer each; the left wrist is hidden for a while, as a detector would lose it."""
    rng = np.random.default_rng(7)
    time_s = np.arange(frames) / rate_hz
    q = _stand_on_floor(
        squat_angles(time_s, period_s=max(frames / rate_hz / 2, 2.0))
    )
    lengths, camera = _lengths(), _camera(size_px)
    pose = forward_kinematics(torch.from_numpy(q), lengths)
    joints = pose.p_world_seg.numpy()
    keypoints = keypoints_coco(pose, lengths).numpy()
    cop = sole_points(pose, lengths).numpy().mean(axis=2) * np.array(
        [1.0, 0.0, 1.0]
    )
    com = joints[:, (0, 1, 2, 2, 12, 15)].mean(axis=1)
    fit_px = camera.project(keypoints)
    seen_px = fit_px + rng.normal(0, 1.5, fit_px.shape)
    confidence = np.full((frames, 17), 0.9)
    hidden = slice(frames // 4, frames // 3)
    seen_px[hidden, [9]], confidence[hidden, 9] = np.nan, 0.0
    seen_px[hidden, [15]], confidence[hidden, 15] = np.nan, 0.0
    tau, activation, effort = _torques(q, rng)
    qdot = np.gradient(q, time_s, axis=0)
    grf = _ground_reaction(com, time_s, cop)
    return Analysis(
        athlete=Person(HEIGHT_M, MASS_KG, "male"),
        assumed=("sex",),
        load=ExternalLoad(20.0, "shoulders"),
        track=PoseTrack(seen_px, confidence, time_s, size_px),
        camera=camera,
        time_s=time_s,
        q=q,
        qdot=qdot,
        qddot=np.gradient(qdot, time_s, axis=0),
        joints_world_m=joints,
        keypoints_world_m=keypoints,
        keypoints_fit_px=fit_px,
        com_world_m=com,
        contact=np.ones((frames, 2)),
        grf_world_n=grf,
        cop_world_m=cop,
        free_moment_nm=np.zeros((frames, 2)),
        tau_nm=tau,
        tau_mtg_nm=tau[:, N_ROOT:] * 0.97,
        activation=activation,
        effort=effort,
        tau_band_nm=6.0 + 0.12 * np.abs(tau),
        grf_band_n=20.0 + 0.06 * np.abs(grf),
        quality=_quality(tau, fit_px, seen_px, confidence),
        warnings=("The feet leave the picture at the end.",),
        versions={"musclepose": "test"},
        lengths_m=lengths.numpy(),
    )


def _quality(
    tau: Array, fit_px: Array, seen_px: Array, confidence: Array
) -> Quality:
    weight = MASS_KG * GRAVITY_M_S2
    force = float(np.sqrt((tau[:, :3] ** 2).sum(axis=1).mean()))
    error = np.linalg.norm(fit_px - seen_px, axis=2)[confidence > 0]
    seen = float((confidence > 0).mean())
    return Quality(
        force / weight,
        force / weight,
        0.02,
        float(np.median(error)),
        seen,
        "medium",
    )


def fake_video(path: Path, analysis: Analysis, rate_hz: int = 30) -> Path:
    """An H.264 clip of a plain room with a grey figure where the fitted body is."""
    import av
    import cv2

    width, height = analysis.track.size_px
    arms, trunk = (
        ((5, 7), (7, 9), (6, 8), (8, 10)),
        ((5, 6), (11, 12), (5, 11), (6, 12)),
    )
    limbs = (*arms, *trunk, (11, 13), (13, 15), (12, 14), (14, 16))
    room = np.full((height, width, 3), (196, 200, 204), np.uint8)
    room[int(0.72 * height) :] = (150, 146, 140)
    with av.open(
        str(path), "w", options={"movflags": "+faststart"}
    ) as container:
        stream = container.add_stream(
            "libx264", rate=rate_hz, options={"preset": "veryfast", "crf": "23"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for points in analysis.keypoints_fit_px.round().astype(int):
            picture = room.copy()
            for a, b in limbs:
                cv2.line(
                    picture,
                    tuple(points[a]),
                    tuple(points[b]),
                    (92, 98, 108),
                    height // 24,
                    cv2.LINE_AA,
                )
            cv2.circle(
                picture,
                tuple(points[0]),
                height // 20,
                (92, 98, 108),
                -1,
                cv2.LINE_AA,
            )
            container.mux(
                stream.encode(
                    av.VideoFrame.from_ndarray(picture, format="rgb24")
                )
            )
        container.mux(stream.encode())
    return path

"""Real video clips with known joints: what is known of them, and their cameras.

`opencap_*` (Apache-2.0, opencap-visualizer): one phone, joints of a marker-based OpenSim body. `pose2sim_single`
(BSD-3-Clause, D. Pagnon): one man on a beam, two of four cameras, joints triangulated from 2D detections in all views,
good to 2-4 cm. Both are evaluation data: nothing is trained on them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from musclepose.errors import InputError
from musclepose.evaluation.motion_metrics import LIMB
from musclepose.physics.skeleton47 import COCO17
from musclepose.records import Array

POSE2SIM = "pose2sim_single"
VIEWS = ("cam01", "cam03")
CLIPS = (
    "opencap_walk",
    "opencap_STS",
    *(f"{POSE2SIM}_{view}" for view in VIEWS),
)


@dataclass(frozen=True)
class Calibration:
    """Camera of one view, OpenCV conventions; `distortion` is k1, k2, p1, p2."""

    K: Array
    distortion: Array
    R_world_to_camera: Array
    t_world_to_camera_m: Array

    def to_camera(self, points_m: Array) -> Array:
        """(..., 3) world of the calibration -> camera axes."""
        return np.asarray(
            points_m @ self.R_world_to_camera.T + self.t_world_to_camera_m
        )

    def project(self, points_m: Array) -> Array:
        """(..., 3) world of the calibration -> (..., 2) px, lens included."""
        flat, _ = cv2.projectPoints(
            self.to_camera(points_m).reshape(-1, 1, 3),
            np.zeros(3),
            np.zeros(3),
            self.K,
            self.distortion,
        )
        return np.asarray(flat.reshape(*points_m.shape[:-1], 2))

    def matrix(self) -> Array:
        """(3, 4) for normalised picture coordinates."""
        return np.column_stack(
            (self.R_world_to_camera, self.t_world_to_camera_m)
        )

    def normalised(self, px: Array) -> Array:
        """(N, 2) px -> (N, 2) rays without the lens."""
        return np.asarray(
            cv2.undistortPoints(
                px.reshape(-1, 1, 2), self.K, self.distortion
            ).reshape(-1, 2)
        )


@dataclass(frozen=True)
class VideoTruth:
    """Known limb joints of one clip, in the camera's axes turned Y up (x right, z towards the viewer)."""

    video: Path
    calibration: Calibration
    limb: Array  # (T, 12, 3) m, turned into the camera's axes; not moved by its translation
    limb_px: Array  # (T, 12, 2) projected into the picture
    time_s: Array  # (T,) seconds of the video

    def px_per_m(self) -> Array:
        """(T,) pixels that a metre across the line of sight takes at the mid-hip."""
        depth_m = self.calibration.t_world_to_camera_m[2] - self.limb[
            :, 6:8, 2
        ].mean(1)
        return np.asarray(self.calibration.K[0, 0] / depth_m)


def read_truth(folder: Path, clip: str) -> VideoTruth:
    """What is known of one of CLIPS."""
    if clip not in CLIPS:
        raise InputError(
            f"There is no clip {clip!r} with known joints; choose {', '.join(CLIPS)}."
        )
    if clip.startswith(POSE2SIM):
        return _pose2sim(folder, clip.removeprefix(f"{POSE2SIM}_"))
    return _opencap(folder, clip)


def _present(*paths: Path) -> None:
    for path in paths:
        if not path.is_file():
            raise InputError(
                f"{path.name} is not in {path.parent.name}/; the clips with known joints lie in the folder video/ "
                "beside --data."
            )


def _opencap(folder: Path, clip: str) -> VideoTruth:
    archive, video = folder / f"{clip}.npz", folder / f"{clip}.mp4"
    _present(archive, video)
    with np.load(archive) as z:
        names = [str(n) for n in z["joint_names"]]
        order = [names.index(n) for n in COCO17[LIMB]]
        keys = ("K", "distortion", "R_world_to_camera", "t_world_to_camera_m")
        calibration = Calibration(*(z[key].astype(np.float64) for key in keys))
        limb = z["limb_cam_m"][:, order].astype(np.float64)
        limb_px = z["limb_px"][:, order].astype(np.float64)
        return VideoTruth(
            video, calibration, limb, limb_px, z["time_s"].astype(np.float64)
        )


def _pose2sim(folder: Path, view: str) -> VideoTruth:
    """(X, Y, Z) of the calibration = (z, x, y) of the file."""
    endings = (".npz", ".json", f"_{view}.mp4")
    archive, notes, video = (folder / f"{POSE2SIM}{end}" for end in endings)
    _present(archive, notes, video)
    camera = json.loads(notes.read_text())["cameras"][view]
    with np.load(archive) as z:
        names = [str(n) for n in z["joint_names"]]
        joints = z["joints3d_person0"][
            :, [names.index(n) for n in COCO17[LIMB]]
        ].astype(np.float64)
        time_s = z["time"].astype(np.float64)
    names_of = (
        "K",
        "distortion_k1_k2_p1_p2",
        "R_world_to_camera",
        "t_world_to_camera_m",
    )
    calibration = Calibration(
        *(np.asarray(camera[n], np.float64) for n in names_of)
    )
    world = joints[..., [2, 0, 1]]
    limb = to_y_up(world @ calibration.R_world_to_camera.T)
    return VideoTruth(
        video, calibration, limb, calibration.project(world), time_s - time_s[0]
    )


def to_y_up(p_cam: Array) -> Array:
    """OpenCV camera axes (x right, y down, z forward) -> x right, y up, z towards the viewer."""
    return p_cam * np.array([1.0, -1.0, -1.0])

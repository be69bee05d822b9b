"""Real video with triangulated joints: the whole product, from the file to the motion, against 3D truth.

`pose2sim_single` (BSD-3-Clause, D. Pagnon): one man on a beam, two cameras, joints triangulated by Pose2Sim from 2D
detections in four views, good to 2-4 cm. Nothing about the person is told to the model. Both motions are turned into
the camera's axes with the calibrated and the estimated rotation, so a wrong camera tilt counts as error.

Two limits stand beside the figures. `two_cameras`: the detections of both views, triangulated with the calibration, are
what the detector knows at best. `true_keypoints`: the product with the projected true joints in place of the
detector's limbs (its face points stay); what is left is the network's own error.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from musclepose.errors import InputError
from musclepose.evaluation.motion_metrics import (
    ANKLES,
    HIPS,
    KNEES,
    LIMB,
    hinge_deg,
    mpjpe_mm,
    pa_mpjpe_mm,
)
from musclepose.physics.skeleton47 import COCO17
from musclepose.pipeline import AnalyseOptions, analyse_track
from musclepose.pose.follow import track_video
from musclepose.records import Array, Athlete, ExternalLoad, PoseTrack

NAME = "pose2sim_single"
VIEWS = ("cam01", "cam03")
# MediaPipe 0.10 BlazePose (full), world landmarks, on the same frames; measured once for this project's design notes
# (section 6, machine facts). MediaPipe itself is no dependency.
MEDIAPIPE = {
    "cam01": {"mpjpe_mm": 120.0, "pa_mpjpe_mm": 83.0, "knee_flexion_mae_deg": 17.0},
    "cam03": {"mpjpe_mm": 129.0, "pa_mpjpe_mm": 91.0, "knee_flexion_mae_deg": 20.0},
}
MEDIAPIPE_SOURCE = (
    "MediaPipe BlazePose (full) world landmarks on the same frames, figures quoted, not run here"
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
        return np.asarray(points_m @ self.R_world_to_camera.T + self.t_world_to_camera_m)

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
        return np.column_stack((self.R_world_to_camera, self.t_world_to_camera_m))

    def normalised(self, px: Array) -> Array:
        """(N, 2) px -> (N, 2) rays without the lens."""
        return np.asarray(
            cv2.undistortPoints(px.reshape(-1, 1, 2), self.K, self.distortion).reshape(-1, 2)
        )


def triangulate(px: tuple[Array, Array], cameras: tuple[Calibration, Calibration]) -> Array:
    """(N, 3) world points of pairs of picture points (N, 2), linear triangulation; NaN where one is missing."""
    out = np.full((len(px[0]), 3), np.nan)
    good = np.isfinite(px[0]).all(-1) & np.isfinite(px[1]).all(-1)
    if good.any():
        rays = [
            c.normalised(p[good].astype(np.float64)).T for c, p in zip(cameras, px, strict=True)
        ]
        X = cv2.triangulatePoints(cameras[0].matrix(), cameras[1].matrix(), *rays)
        out[good] = (X[:3] / X[3]).T
    return out


@dataclass(frozen=True)
class VideoTruth:
    """Triangulated limb joints of one view, in the camera's axes turned Y up (x right, z towards the viewer)."""

    video: Path
    calibration: Calibration
    limb: Array  # (T, 12, 3) m
    limb_px: Array  # (T, 12, 2) projected into the picture
    time_s: Array  # (T,) from the first frame


def read_truth(folder: Path, view: str) -> VideoTruth:
    """Truth of `view`; (X, Y, Z) of the calibration = (z, x, y) of the file."""
    archive, notes, video = (folder / f"{NAME}{end}" for end in (".npz", ".json", f"_{view}.mp4"))
    for path in (archive, notes, video):
        if not path.is_file():
            raise InputError(
                f"{path.name} is not in {folder.name}/; --video needs the folder video/ beside --data."
            )
    camera = json.loads(notes.read_text())["cameras"][view]
    with np.load(archive) as z:
        names = [str(n) for n in z["joint_names"]]
        joints = z["joints3d_person0"][:, [names.index(n) for n in COCO17[LIMB]]].astype(np.float64)
        time_s = z["time"].astype(np.float64)
    names_of = ("K", "distortion_k1_k2_p1_p2", "R_world_to_camera", "t_world_to_camera_m")
    calibration = Calibration(*(np.asarray(camera[n], np.float64) for n in names_of))
    world = joints[..., [2, 0, 1]]
    limb = to_y_up(world @ calibration.R_world_to_camera.T)
    return VideoTruth(video, calibration, limb, calibration.project(world), time_s - time_s[0])


def to_y_up(p_cam: Array) -> Array:
    """OpenCV camera axes (x right, y down, z forward) -> x right, y up, z towards the viewer."""
    return p_cam * np.array([1.0, -1.0, -1.0])


def compare(limb: Array, truth: Array) -> dict[str, float]:
    """The three figures that MediaPipe is quoted with."""
    knees = hinge_deg(limb, HIPS, KNEES, ANKLES) - hinge_deg(truth, HIPS, KNEES, ANKLES)
    return {
        "mpjpe_mm": mpjpe_mm(limb, truth),
        "pa_mpjpe_mm": pa_mpjpe_mm(limb, truth),
        "knee_flexion_mae_deg": float(np.abs(knees).mean()),
    }


def score_track(track: PoseTrack, truth: VideoTruth, options: AnalyseOptions) -> dict[str, float]:
    """Figures of the product on a track of one view."""
    analysis = analyse_track(track, Athlete(), ExternalLoad(), options)
    row = np.abs(truth.time_s[:, None] - analysis.time_s).argmin(
        1
    )  # video frame of each truth frame
    limb = to_y_up(analysis.keypoints_world_m[row][:, LIMB] @ analysis.camera.R_cam_world.T)
    seen = np.isfinite(limb).all((1, 2))
    return compare(limb[seen], truth.limb[seen]) | {"frames": float(seen.sum())}


def at_truth_times(track: PoseTrack, truth: VideoTruth) -> Array:
    """(T, 12, 2) limb points of the track's frame nearest to each truth frame."""
    row = np.abs(truth.time_s[:, None] - track.time_s).argmin(1)
    return np.asarray(track.keypoints_px[row][:, LIMB])


def with_true_limbs(track: PoseTrack, truth: VideoTruth) -> PoseTrack:
    """The track with the projected true joints as limb points, fully confident."""
    row = np.abs(track.time_s[:, None] - truth.time_s).argmin(1)
    keypoints, confidence = track.keypoints_px.copy(), track.confidence.copy()
    keypoints[:, LIMB] = truth.limb_px[row]
    confidence[:, LIMB] = 1.0
    return replace(track, keypoints_px=keypoints, confidence=confidence)


def two_camera_limit(
    tracks: Sequence[PoseTrack], truths: Sequence[VideoTruth]
) -> list[dict[str, float]]:
    """Figures, per view's axes, of both views' detections triangulated with the calibration."""
    px = [at_truth_times(track, truth) for track, truth in zip(tracks, truths, strict=True)]
    cameras = (truths[0].calibration, truths[1].calibration)
    world = triangulate((px[0].reshape(-1, 2), px[1].reshape(-1, 2)), cameras).reshape(
        *px[0].shape[:2], 3
    )
    seen = np.isfinite(world).all((1, 2))
    out = []
    for truth in truths:
        limb = to_y_up(world @ truth.calibration.R_world_to_camera.T)
        out.append(compare(limb[seen], truth.limb[seen]) | {"frames": float(seen.sum())})
    return out


def evaluate_video(folder: Path, checkpoint: Path, refined: bool = False) -> dict[str, dict]:
    """{view: figures, with those of MediaPipe and the two limits under `baselines`}."""
    from musclepose.pose.detector import YoloPoseDetector

    detector, options = YoloPoseDetector(), AnalyseOptions(checkpoint=checkpoint, refine=refined)
    truths = [read_truth(folder, view) for view in VIEWS]
    tracks = [track_video(truth.video, detector) for truth in truths]
    both = two_camera_limit(tracks, truths)
    found = {}
    for view, truth, track, limit in zip(VIEWS, truths, tracks, both, strict=True):
        perfect = score_track(with_true_limbs(track, truth), truth, options)
        others = {"mediapipe": MEDIAPIPE[view], "two_cameras": limit, "true_keypoints": perfect}
        found[view] = score_track(track, truth, options) | {"baselines": others}
    return found

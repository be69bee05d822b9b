"""Real video with triangulated joints: the whole product, from the file to the motion, against 3D truth.

`pose2sim_single` (BSD-3-Clause, D. Pagnon): one man on a beam, two cameras, joints triangulated by Pose2Sim from 2D
detections in four views, good to 2-4 cm. Nothing about the person is told to the model. Both motions are turned into
the camera's axes with the calibrated and the estimated rotation, so a wrong camera tilt counts as error.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musclepose.errors import InputError
from musclepose.evaluation.motion_metrics import ANKLES, HIPS, KNEES, LIMB, hinge_deg, mpjpe_mm, pa_mpjpe_mm
from musclepose.physics.skeleton47 import COCO17
from musclepose.pipeline import AnalyseOptions, analyse_track
from musclepose.pose.follow import track_video
from musclepose.records import Array, Athlete, ExternalLoad

NAME = "pose2sim_single"
VIEWS = ("cam01", "cam03")
# MediaPipe 0.10 BlazePose (full), world landmarks, on the same frames; measured once for this project's design notes
# (section 6, machine facts). MediaPipe itself is no dependency.
MEDIAPIPE = {
    "cam01": {"mpjpe_mm": 120.0, "pa_mpjpe_mm": 83.0, "knee_flexion_mae_deg": 17.0},
    "cam03": {"mpjpe_mm": 129.0, "pa_mpjpe_mm": 91.0, "knee_flexion_mae_deg": 20.0},
}
MEDIAPIPE_SOURCE = "MediaPipe BlazePose (full) world landmarks on the same frames, figures quoted, not run here"


@dataclass(frozen=True)
class VideoTruth:
    """Triangulated limb joints of one view, in the camera's axes turned Y up (x right, z towards the viewer)."""

    video: Path
    limb: Array  # (T, 12, 3) m
    time_s: Array  # (T,) from the first frame


def read_truth(folder: Path, view: str) -> VideoTruth:
    """Truth of `view`; (X, Y, Z) of the calibration = (z, x, y) of the file."""
    archive, notes, video = (folder / f"{NAME}{end}" for end in (".npz", ".json", f"_{view}.mp4"))
    for path in (archive, notes, video):
        if not path.is_file():
            raise InputError(f"{path.name} is not in {folder.name}/; --video needs the folder video/ beside --data.")
    camera = json.loads(notes.read_text())["cameras"][view]
    with np.load(archive) as z:
        names = [str(n) for n in z["joint_names"]]
        joints = z["joints3d_person0"][:, [names.index(n) for n in COCO17[LIMB]]].astype(np.float64)
        time_s = z["time"].astype(np.float64)
    R_cam_world = np.asarray(camera["R_world_to_camera"])
    return VideoTruth(video, to_y_up(joints[..., [2, 0, 1]] @ R_cam_world.T), time_s - time_s[0])


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


def evaluate_view(folder: Path, view: str, checkpoint: Path, refined: bool = False) -> dict[str, float]:
    """One video through detector, tracker, network and physics."""
    from musclepose.pose.detector import YoloPoseDetector

    truth = read_truth(folder, view)
    track = track_video(truth.video, YoloPoseDetector())
    analysis = analyse_track(track, Athlete(), ExternalLoad(), AnalyseOptions(checkpoint=checkpoint, refine=refined))
    row = np.abs(truth.time_s[:, None] - analysis.time_s).argmin(1)  # video frame of each truth frame
    limb = to_y_up(analysis.keypoints_world_m[row][:, LIMB] @ analysis.camera.R_cam_world.T)
    seen = np.isfinite(limb).all((1, 2))
    return compare(limb[seen], truth.limb[seen]) | {"frames": float(seen.sum())}


def evaluate_video(folder: Path, checkpoint: Path, refined: bool = False) -> dict[str, dict]:
    """{view: figures, with those of MediaPipe under `baselines`}."""
    return {
        v: evaluate_view(folder, v, checkpoint, refined) | {"baselines": {"mediapipe": MEDIAPIPE[v]}} for v in VIEWS
    }

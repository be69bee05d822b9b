"""`python -m musclepose.evaluate video`: real clips with known joints, the whole product from the file to the motion.

Each clip goes through the product with each source of keypoints. Nothing about the person is told to the model, or the
stature alone (`--stature told`): nobody measured it, so it is that of an average build with the true arms and legs.
Both motions are turned into the camera's axes with the calibrated and the estimated rotation, so a wrong camera tilt
counts as error; translation does not.

Limits stand beside the figures. `true_keypoints`: the product with the projected true joints in place of the located
limbs (face points stay); what is left is the network's own error. `two_cameras`, where there are two: the keypoints of
both views, triangulated with the calibration, are what they know at best.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from musclepose.evaluation.motion_metrics import (
    ANKLES,
    HIPS,
    KNEES,
    LIMB,
    hinge_deg,
    mpjpe_mm,
    pa_mpjpe_mm,
)
from musclepose.evaluation.video_truth import (
    CLIPS,
    POSE2SIM,
    VIEWS,
    Calibration,
    VideoTruth,
    read_truth,
    to_y_up,
)
from musclepose.models.checkpoint import DEFAULT_CHECKPOINT
from musclepose.physics.anthropometrics import LENGTH_SHARE
from musclepose.pipeline import (
    KEYPOINTS,
    AnalyseOptions,
    analyse_track,
    track_of_video,
)
from musclepose.records import Array, Athlete, ExternalLoad, PoseTrack

# MediaPipe 0.10 BlazePose (full), world landmarks, on the same frames; measured once for this project's design notes
# (section 6, machine facts). MediaPipe itself is no dependency.
MEDIAPIPE = {
    "pose2sim_single_cam01": {
        "mpjpe_mm": 120.0,
        "pa_mpjpe_mm": 83.0,
        "knee_flexion_mae_deg": 17.0,
    },
    "pose2sim_single_cam03": {
        "mpjpe_mm": 129.0,
        "pa_mpjpe_mm": 91.0,
        "knee_flexion_mae_deg": 20.0,
    },
}
# Upper arms, forearms, thighs and shanks among the 12 limb points, left and right in turn.
BONES = ((0, 2), (1, 3), (2, 4), (3, 5), (6, 8), (7, 9), (8, 10), (9, 11))
COLUMNS = {
    "keypoint_error_mm": "2D error mm",
    "mpjpe_mm": "MPJPE mm",
    "pa_mpjpe_mm": "PA mm",
    "knee_flexion_mae_deg": "knee deg",
    "frames": "frames",
}
DEFINITIONS = {
    "keypoint_error_mm": "mean distance of the seen limb points from the projected true joints, carried to the depth "
    "of the mid-hip",
    "mpjpe_mm": "mean distance of 12 limb joints, mid-hip on mid-hip, camera axes",
    "pa_mpjpe_mm": "the same after the best rotation, size and place",
    "knee_flexion_mae_deg": "both knees, angle between thigh and shank",
    "mediapipe": "BlazePose (full) world landmarks on the same frames: figures quoted, not run here",
    "true_keypoints": "projected true limbs in place of the located ones: the network's own error",
    "two_cameras": "keypoints of both views triangulated with the calibration, by source",
}
Figures = dict[str, float]


def triangulate(
    px: tuple[Array, Array], cameras: tuple[Calibration, Calibration]
) -> Array:
    """(N, 3) world points of pairs of picture points (N, 2), linear triangulation; NaN where one is missing."""
    out = np.full((len(px[0]), 3), np.nan)
    good = np.isfinite(px[0]).all(-1) & np.isfinite(px[1]).all(-1)
    if good.any():
        rays = [
            c.normalised(p[good].astype(np.float64)).T
            for c, p in zip(cameras, px, strict=True)
        ]
        X = cv2.triangulatePoints(
            cameras[0].matrix(), cameras[1].matrix(), *rays
        )
        out[good] = (X[:3] / X[3]).T
    return out


def compare(limb: Array, truth: Array) -> Figures:
    """The three figures that MediaPipe is quoted with."""
    knees = hinge_deg(limb, HIPS, KNEES, ANKLES) - hinge_deg(
        truth, HIPS, KNEES, ANKLES
    )
    return {
        "mpjpe_mm": mpjpe_mm(limb, truth),
        "pa_mpjpe_mm": pa_mpjpe_mm(limb, truth),
        "knee_flexion_mae_deg": float(np.abs(knees).mean()),
    }


def at_times(values: Array, time_s: Array, wanted_s: Array) -> Array:
    """(N, ...) linear interpolation of (T, ...) between the two frames around each wanted time; a NaN stays one."""
    right = np.clip(np.searchsorted(time_s, wanted_s), 1, len(time_s) - 1)
    left = right - 1
    share = (wanted_s - time_s[left]) / (time_s[right] - time_s[left])
    share = np.clip(
        np.round(share, 2), 0.0, 1.0
    )  # a hundredth of a frame: on the frame itself
    weight = share.reshape(-1, *[1] * (values.ndim - 1))
    before = np.where(weight == 1.0, 0.0, (1.0 - weight) * values[left])
    after = np.where(weight == 0.0, 0.0, weight * values[right])
    return np.asarray(before + after)


def keypoint_error_mm(track: PoseTrack, truth: VideoTruth) -> float:
    """2D error of the seen limb points, millimetres at the person's depth."""
    px = at_times(track.keypoints_px[:, LIMB], track.time_s, truth.time_s)
    apart_m = (
        np.linalg.norm(px - truth.limb_px, axis=-1) / truth.px_per_m()[:, None]
    )
    return float(1e3 * np.nanmean(apart_m))


def stature_m(limb: Array) -> float:
    """Stature (m) of an average build whose arms and legs are as long as those of `limb` (T, 12, 3)."""
    length_m = sum(
        np.linalg.norm(limb[:, a] - limb[:, b], axis=-1).mean()
        for a, b in BONES
    )
    share = 2.0 * sum(
        LENGTH_SHARE[name]
        for name in ("upper_arm", "forearm", "thigh", "shank")
    )
    return float(length_m / share)


def score_track(
    track: PoseTrack,
    truth: VideoTruth,
    options: AnalyseOptions,
    told: bool = False,
) -> Figures:
    """Figures of the product on a track of one view, the stature told or not."""
    athlete = Athlete(height_m=stature_m(truth.limb)) if told else Athlete()
    analysis = analyse_track(track, athlete, ExternalLoad(), options)
    limb = to_y_up(
        analysis.keypoints_world_m[:, LIMB] @ analysis.camera.R_cam_world.T
    )
    limb = at_times(limb, analysis.time_s, truth.time_s)
    seen = np.isfinite(limb).all((1, 2))
    return {
        "keypoint_error_mm": keypoint_error_mm(track, truth),
        **compare(limb[seen], truth.limb[seen]),
        "frames": float(seen.sum()),
    }


def with_true_limbs(track: PoseTrack, truth: VideoTruth) -> PoseTrack:
    """The track with the projected true joints as limb points, fully confident, while they are known."""
    known = (track.time_s >= truth.time_s[0] - 1e-3) & (
        track.time_s <= truth.time_s[-1] + 1e-3
    )
    keypoints, confidence = track.keypoints_px.copy(), track.confidence.copy()
    true_px = at_times(truth.limb_px, truth.time_s, track.time_s)
    keypoints[:, LIMB] = np.where(
        known[:, None, None], true_px, keypoints[:, LIMB]
    )
    confidence[:, LIMB] = np.where(known[:, None], 1.0, confidence[:, LIMB])
    return replace(track, keypoints_px=keypoints, confidence=confidence)


def two_camera_limit(
    tracks: Sequence[PoseTrack], truths: Sequence[VideoTruth]
) -> list[Figures]:
    """Figures, per view's axes, of both views' keypoints triangulated with the calibration."""
    px = [
        at_times(track.keypoints_px[:, LIMB], track.time_s, truth.time_s)
        for track, truth in zip(tracks, truths, strict=True)
    ]
    cameras = (truths[0].calibration, truths[1].calibration)
    flat = triangulate((px[0].reshape(-1, 2), px[1].reshape(-1, 2)), cameras)
    world = flat.reshape(*px[0].shape[:2], 3)
    seen = np.isfinite(world).all((1, 2))
    out = []
    for truth in truths:
        limb = to_y_up(world @ truth.calibration.R_world_to_camera.T)
        out.append(
            compare(limb[seen], truth.limb[seen])
            | {"frames": float(seen.sum())}
        )
    return out


def evaluate_video(
    folder: Path, checkpoint: Path, refined: bool = False, told: bool = False
) -> dict[str, dict[str, Figures]]:
    """{clip: {source of keypoints, or limit: figures}} of every clip with known joints."""
    options = AnalyseOptions(checkpoint=checkpoint, refine=refined)
    truths = {clip: read_truth(folder, clip) for clip in CLIPS}
    tracks = {
        (clip, source): track_of_video(truth.video, 0, source)
        for clip, truth in truths.items()
        for source in KEYPOINTS
    }
    found: dict[str, dict[str, Figures]] = {}
    for clip, truth in truths.items():
        rows: dict[str, Figures] = {
            s: score_track(tracks[clip, s], truth, options, told)
            for s in KEYPOINTS
        }
        perfect = with_true_limbs(tracks[clip, KEYPOINTS[0]], truth)
        rows["true_keypoints"] = score_track(perfect, truth, options, told)
        found[clip] = rows | (
            {"mediapipe": MEDIAPIPE[clip]} if clip in MEDIAPIPE else {}
        )
    both = [f"{POSE2SIM}_{view}" for view in VIEWS]
    for source in KEYPOINTS:
        limits = two_camera_limit(
            [tracks[c, source] for c in both], [truths[c] for c in both]
        )
        for clip, limit in zip(both, limits, strict=True):
            found[clip][f"two_cameras {source}"] = limit
    return found


def print_video(result: Mapping[str, Mapping[str, Figures]]) -> None:
    """The table, clips one below the other, and the mean over them by source."""
    print(f"{'':46s}" + "".join(f"{head:>13s}" for head in COLUMNS.values()))
    for clip, rows in result.items():
        for name, row in rows.items():
            print(_line(f"{clip} {name}", row))
    for name in (*KEYPOINTS, "true_keypoints"):
        of_clips = [rows[name] for rows in result.values()]
        mean = {
            c: float(np.mean([row[c] for row in of_clips]))
            for c in COLUMNS
            if c != "frames"
        }
        print(_line(f"mean of the clips {name}", mean))
    print("\n".join(f"{name}: {text}" for name, text in DEFINITIONS.items()))


def _line(name: str, row: Figures) -> str:
    cells = (f"{row[c]:13.1f}" if c in row else f"{'-':>13s}" for c in COLUMNS)
    return f"{name:46s}" + "".join(cells)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with the folder video/"
    )
    parser.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT)
    parser.add_argument(
        "--refine",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="with test-time refinement",
    )
    parser.add_argument(
        "--stature",
        choices=("told", "unknown"),
        default="unknown",
        help="whether the height is given",
    )
    parser.add_argument(
        "--json",
        type=Path,
        help="write the figures there, units in the key names",
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate, print, write."""
    folder = (
        args.data / "video" if (args.data / "video").is_dir() else args.data
    )
    result = evaluate_video(
        folder, args.checkpoint, args.refine, args.stature == "told"
    )
    print_video(result)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    return 0

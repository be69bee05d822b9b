"""`python -m musclepose.evaluate motion`: motion from virtual (and real) cameras against motion that was measured.

Whole clips of held-out subjects are filmed with fixed virtual cameras, seen by a detector (or perfectly), and go
through the product's own inference: overlapping windows, blended. Baselines run on the same windows in the same call.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from musclepose.errors import InputError
from musclepose.evaluation import motion_kinetics, motion_video
from musclepose.evaluation.held_out import SPLITS, clips_of, source_of, spread
from musclepose.evaluation.motion_baselines import (
    DEFAULT_PLAIN,
    Baseline,
    baselines,
    run_baseline,
)
from musclepose.evaluation.motion_metrics import (
    ANGLES,
    DEFINITIONS,
    UNITS_NOTE,
    Points,
    Row,
    clip_metrics,
    points_of,
    pooled,
)
from musclepose.fitting.real_motion import MotionClip
from musclepose.models.checkpoint import DEFAULT_CHECKPOINT
from musclepose.models.decode import generalised_coordinates
from musclepose.models.inference import ClipOut, infer_clip
from musclepose.models.musclepose import MusclePoseCOCO
from musclepose.models.refine import refine
from musclepose.physics.contact import floor_height
from musclepose.physics.filters import low_pass
from musclepose.physics.kinematics import pose_from_rotations
from musclepose.physics.whole_body import CUTOFF_HZ, ONE_CAMERA, RATE_HZ
from musclepose.pipeline import model_of
from musclepose.records import Array
from musclepose.synthesis.film import NOISES, Film, film, pose_points

OURS, UNREFINED = "musclepose", "without_refinement"
MAX_VIEWS = 32
LOW_PASSED = ("mpjpe_mm", "pa_mpjpe_mm", "accel_m_s2")
COLUMNS = {
    "mpjpe_mm": "MPJPE mm", "pa_mpjpe_mm": "PA mm", "accel_m_s2": "acc m/s2", "hip_flexion_mae_deg": "hip deg",
    "knee_flexion_mae_deg": "knee", "ankle_dorsiflexion_mae_deg": "ankle", "shoulder_elevation_mae_deg": "should.",
    "elbow_flexion_mae_deg": "elbow", "trunk_lean_mae_deg": "trunk", "foot_skate_m_s": "skate m/s",
    "penetration_mm": "penet. mm", "foot_sink_mm": "sink mm", "contact_f1": "contact F1", "root_drift_m": "drift m",
}  # fmt: skip


@dataclass(frozen=True)
class Score:
    """Metrics of one method on one film."""

    clip: MotionClip
    rows: Row
    low_passed: Row


def slug(activity: str) -> str:
    """Activity as a JSON key."""
    return re.sub(r"[^a-z0-9]+", "_", activity.lower()).strip("_") or "unknown"


def infer(model: MusclePoseCOCO, shot: Film, refined: bool = False) -> ClipOut:
    """The product's inference on one film."""
    out = infer_clip(
        model,
        shot.keypoints_px,
        shot.confidence,
        shot.size_px,
        shot.stature_m,
        feet_px=shot.feet_px,
    )
    return (
        refine(out, shot.keypoints_px, shot.confidence, shot.size_px)
        if refined
        else out
    )


def points_of_clip(out: ClipOut) -> Points:
    """Body points of the network's motion in the world of the camera, on the floor that the pipeline finds there."""
    m = out.motion
    found = points_of(
        pose_points(
            pose_from_rotations(m.R_parent_seg, m.p_world_root, m.lengths_m),
            m.lengths_m,
        ),
        True,
    )
    assert found.sole is not None and found.lumbar is not None
    up = np.array([0.0, -floor_height(found.sole), 0.0])
    return Points(found.limb + up, found.lumbar + up, found.sole + up, True)


def low_passed(points: Points) -> Points:
    """Limb joints after the low-pass that the pipeline lays over its coordinates."""
    flat = points.limb.reshape(len(points.limb), -1)
    return Points(
        low_pass(flat, 1.0 / RATE_HZ, CUTOFF_HZ).reshape(points.limb.shape)
    )


def score(shot: Film, estimate: Points, contact: Array | None = None) -> Score:
    """Metrics of an estimate against the film's truth."""
    truth, stance = points_of(shot.points, True), shot.stance
    smooth = clip_metrics(low_passed(estimate), truth, stance)
    return Score(
        shot.clip,
        clip_metrics(estimate, truth, stance, contact),
        {k: v for k, v in smooth.items() if k in LOW_PASSED},
    )


def score_all(
    clips: Sequence[MotionClip],
    model: MusclePoseCOCO,
    others: Mapping[str, Baseline],
    take: Callable[..., Film],
    views: int,
    refined: bool = False,
) -> tuple[dict[str, list[Score]], float]:
    """{method: scores} of all clips and views, and the share of joints that the detector saw.

    With refinement the network alone is a method too.
    """
    scores: dict[str, list[Score]] = {
        OURS: [],
        **({UNREFINED: []} if refined else {}),
        **{name: [] for name in others},
    }
    seen = []
    for clip in clips:
        for view in range(views):
            shot = take(clip, view)
            out = infer(model, shot)
            if refined:
                scores[UNREFINED].append(
                    score(
                        shot, points_of_clip(out), out.contact.double().numpy()
                    )
                )
                out = refine(
                    out, shot.keypoints_px, shot.confidence, shot.size_px
                )
            scores[OURS].append(
                score(shot, points_of_clip(out), out.contact.double().numpy())
            )
            for name, baseline in others.items():
                scores[name].append(
                    score(
                        shot, run_baseline(baseline, shot, model.config.window)
                    )
                )
            seen.append(float((shot.confidence > 0).float().mean()))
    return scores, float(np.mean(seen))


def _grouped(
    scores: Sequence[Score], key: Callable[[MotionClip], str]
) -> dict[str, dict[str, float]]:
    groups = sorted({key(s.clip) for s in scores})
    return {
        g: pooled([s.rows for s in scores if key(s.clip) == g]) for g in groups
    }


def _tables(scores: Sequence[Score]) -> dict[str, Any]:
    return {
        "activities": _grouped(scores, lambda c: slug(c.activity)),
        "sources": _grouped(scores, source_of),
        "low_passed": pooled([s.low_passed for s in scores]),
    }


def summary(scores: Mapping[str, Sequence[Score]]) -> dict[str, Any]:
    """`overall`, `activities`, `sources`, `low_passed` of the model; the same of each baseline under its name."""
    ours = scores[OURS]
    return {
        "overall": pooled([s.rows for s in ours]),
        **_tables(ours),
        "baselines": {
            name: pooled([s.rows for s in own]) | _tables(own)
            for name, own in scores.items()
            if name != OURS
        },
    }


def kinetics(
    clips: Sequence[MotionClip],
    folder: Path,
    model: MusclePoseCOCO,
    take: Callable[..., Film],
    limit: int,
    refined: bool = False,
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, dict[str, float]]]]:
    """Force and moment errors on at most `limit` trials, first view: of the estimate and of the measured motion.

    {method: errors}, and {activity: {method: errors}}.
    """
    trials = motion_kinetics.read_references(
        folder, [c.name for c in clips if c.grf_world_n is not None]
    )
    chosen = spread([c for c in clips if c.name in trials], limit)
    rows: dict[str, list[dict[str, float]]] = {OURS: [], "measured_motion": []}
    for clip in chosen:
        reference = motion_kinetics.reference_of(trials[clip.name], len(clip.q))
        shot = take(clip, 0)
        out = infer(model, shot, refined)
        q = generalised_coordinates(out.motion)
        rows[OURS].append(
            motion_kinetics.kinetics_metrics(
                q, out.motion.lengths_m, out.contact, reference, ONE_CAMERA
            )
        )
        stance = torch.from_numpy(np.nan_to_num(shot.stance, nan=1.0))
        lengths = torch.from_numpy(clip.lengths_m)
        rows["measured_motion"].append(
            motion_kinetics.kinetics_metrics(shot.q, lengths, stance, reference)
        )
    if not rows[OURS]:
        raise InputError(
            "No trial of this split carries force plates; leave --kinetics at 0."
        )

    def pooled_over(picked: Sequence[int]) -> dict[str, dict[str, float]]:
        return {
            name: motion_kinetics.over_trials([own[i] for i in picked])
            for name, own in rows.items()
        }

    by_activity: dict[str, list[int]] = {}
    for i, clip in enumerate(chosen):
        by_activity.setdefault(slug(clip.activity), []).append(i)
    return pooled_over(range(len(chosen))), {
        name: pooled_over(picked) for name, picked in by_activity.items()
    }


def evaluate(args: argparse.Namespace) -> dict[str, Any]:
    """Everything that was asked for, as one dictionary with units in the keys."""
    started = time.perf_counter()
    model, info = model_of(args.checkpoint)
    clips = spread(clips_of(args.data, args.split), args.limit)
    others, skipped = baselines(args.plain)

    def take(clip: MotionClip, view: int) -> Film:
        return film(clip, view, args.noise, args.stature == "told")

    scores, seen = score_all(
        clips, model, others, take, args.views, args.refine
    )
    result = summary(scores) | {"skipped": skipped}
    if args.kinetics:
        folder = _sibling(args.data, "force_plate")
        found, by_activity = kinetics(
            clips, folder, model, take, args.kinetics, args.refine
        )
        result["overall"] |= found[OURS]
        result["baselines"]["measured_motion"] = found["measured_motion"]
        result["kinetics"] = by_activity
    if args.video:
        result["video"] = motion_video.evaluate_video(
            _sibling(args.data, "video"),
            args.checkpoint,
            args.refine,
            args.stature == "told",
        )
    result["settings"] = {
        "split": args.split,
        "noise": args.noise,
        "views": args.views,
        "stature": args.stature,
        "refine": args.refine,
        "clips": len(clips),
        "frames": args.views * sum(len(c.q) for c in clips),
        "subjects": sorted({c.subject for c in clips}),
        "seen_joints_share": seen,
        "truth_residual_mm": float(np.mean([c.residual_mm for c in clips])),
        "checkpoint": str(info.get("name", args.checkpoint.stem)),
        "checkpoint_step": info.get("step"),
        "seconds": time.perf_counter() - started,
    }
    result["definitions"] = DEFINITIONS | (
        motion_kinetics.DEFINITIONS if args.kinetics else {}
    )
    return result


def _sibling(data: Path, name: str) -> Path:
    """A folder of the data set, where --data is the set or one of its folders."""
    return (
        data
        if data.name == name
        else data / name
        if (data / name).is_dir()
        else data.parent / name
    )


def _line(name: str, row: Mapping[str, float]) -> str:
    cells = (f"{row[c]:11.2f}" if c in row else f"{'-':>11s}" for c in COLUMNS)
    return f"{name[:31]:32s}" + "".join(cells)


def _print(result: Mapping[str, Any]) -> None:
    s = result["settings"]
    print(
        f"{s['split']}: {s['clips']} clips x {s['views']} views, {s['frames']} frames at 30 Hz, {s['noise']} keypoints "
        f"({100 * s['seen_joints_share']:.0f} % of the joints seen), stature {s['stature']}, "
        f"checkpoint {s['checkpoint']} step {s['checkpoint_step']}"
    )
    print(f"{'':32s}" + "".join(f"{head:>11s}" for head in COLUMNS.values()))
    for group in ("activities", "sources"):
        for name, row in result[group].items():
            print(_line(name, row))
    print(_line("overall", result["overall"]))
    print(_line(f"  low-passed at {CUTOFF_HZ:g} Hz", result["low_passed"]))
    for name, row in result["baselines"].items():
        if "low_passed" in row:  # the measured motion has only forces
            print(_line(f"baseline {name}", row))
            print(_line(f"  low-passed at {CUTOFF_HZ:g} Hz", row["low_passed"]))
    _print_angles(result["overall"])
    for name, reason in result["skipped"].items():
        print(f"baseline {name} left out: {reason}")
    _print_kinetics(result)
    if "video" in result:
        motion_video.print_video(result["video"])
    print(
        "\n"
        + "\n".join(
            f"{name}: {text}" for name, text in result["definitions"].items()
        )
    )
    print(
        f"{UNITS_NOTE} Truth is the 47-DoF body fitted to the measurement ({s['truth_residual_mm']:.1f} mm RMS away)."
    )
    print(f"{s['seconds']:.0f} s.")


def _print_angles(row: Mapping[str, float]) -> None:
    for angle in ANGLES:
        mae, bias, centred = (
            row[f"{angle}_{kind}_deg"]
            for kind in ("mae", "bias", "centred_mae")
        )
        print(
            f"{angle}: MAE {mae:.2f}, bias {bias:+.2f}, MAE without each clip's offset {centred:.2f} degrees"
        )


def _print_kinetics(result: Mapping[str, Any]) -> None:
    if "kinetics" not in result:
        return
    whole = {
        OURS: result["overall"],
        "measured_motion": result["baselines"]["measured_motion"],
    }
    for name, rows in {"all trials": whole, **result["kinetics"]}.items():
        print(f"\n{name:34s}{'camera':>10s}{'measured motion':>17s}{'bar':>9s}")
        for key in motion_kinetics.DEFINITIONS:
            ours, best = rows[OURS][key], rows["measured_motion"][key]
            bar = motion_kinetics.BARS[key]
            falls_short = (
                ours > bar if "error" in key or "_rmse_" in key else ours < bar
            )
            verdict = (
                ""
                if not np.isfinite(ours)
                else "  missed"
                if falls_short
                else "  reached"
            )
            print(f"{key:34s}{ours:10.2f}{best:17.2f}{bar:9.2f}{verdict}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with cmu_mocap/ and force_plate/, or one",
    )
    parser.add_argument(
        "--split",
        choices=SPLITS,
        default="val",
        help="val: the validation people; test: other people that training never saw; train: those it saw; all: "
        "everybody in the folder",
    )
    parser.add_argument(
        "--noise",
        choices=NOISES,
        default="detector",
        help="keypoints as projected (clean), as both stages locate them (detector), as YOLO alone does (yolo), or "
        "with the older, wilder noise of one clip (one_clip)",
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        default=DEFAULT_CHECKPOINT,
        help="weights of MusclePose",
    )
    parser.add_argument(
        "--plain",
        type=Path,
        default=DEFAULT_PLAIN,
        help="weights of the plain regressor",
    )
    parser.add_argument(
        "--views", type=int, default=2, help="virtual cameras per clip"
    )
    parser.add_argument(
        "--refine",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="with test-time refinement; the network alone beside it",
    )
    parser.add_argument(
        "--stature",
        choices=("told", "unknown"),
        default="told",
        help="whether the height is given",
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=0,
        help="at most so many clips, spread over the split; 0: all",
    )
    parser.add_argument(
        "--kinetics",
        type=int,
        default=0,
        help="forces on so many force-plate trials (seconds each)",
    )
    parser.add_argument(
        "--video",
        action="store_true",
        help="also every real clip with known joints, by source of keypoints",
    )
    parser.add_argument(
        "--json",
        type=Path,
        help="write the figures there, units in the key names",
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate, print, write."""
    if not 1 <= args.views <= MAX_VIEWS or args.limit < 0 or args.kinetics < 0:
        raise InputError(
            f"--views {args.views}, --limit {args.limit}, --kinetics {args.kinetics}: views may be 1 to {MAX_VIEWS}, "
            "the others 0 or more."
        )
    torch.set_num_threads(1)
    result = evaluate(args)
    _print(result)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    return 0

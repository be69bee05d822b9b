"""The motion evaluation measures what it says: closed forms for every metric, and the command on planted clips."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from musclepose.data.tokens import Tokens
from musclepose.errors import InputError
from musclepose.evaluate import main
from musclepose.evaluation import motion, motion_video, video_truth
from musclepose.evaluation.held_out import clips_of, spread
from musclepose.evaluation.motion_baselines import (
    MEAN_HEIGHTS_PERMILLE,
    baselines,
    mean_heights,
    mean_pose,
    plain_regressor,
    run_baseline,
)
from musclepose.evaluation.motion_kinetics import over_trials, share_errors
from musclepose.evaluation.motion_metrics import (
    ANKLES,
    DEFINITIONS,
    HIPS,
    KNEES,
    Points,
    angles_deg,
    clip_metrics,
    contact_f1,
    mid,
    points_of,
    pooled,
    procrustes,
    root_drift_m,
)
from musclepose.fitting.fit_sources import SourceSubject
from musclepose.fitting.real_motion import (
    MotionClip,
    known_contact,
    load_real_motion,
)
from musclepose.models.checkpoint import save_checkpoint
from musclepose.models.inference import Windows
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.records import Array
from musclepose.synthesis.exercise import generate_clip
from musclepose.synthesis.film import body_points, film
from musclepose.utils.rot import rot_y

DATA = Path(
    os.environ.get(
        "MUSCLEPOSE_DATA",
        Path(__file__).resolve().parents[2] / "shared" / "data",
    )
)
ZERO = [
    name for name in DEFINITIONS if name not in ("contact_f1", "foot_sink_mm")
]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def clip() -> MotionClip:
    made = generate_clip(3, "squat", variant="goblet", faults={}).motion
    return replace(
        made,
        q=made.q[:150],
        contact=made.contact[:150],
        split="val",
        subject="cmu_02",
        source="asf+amc",
    )


@pytest.fixture(scope="module")
def truth(clip: MotionClip) -> Points:
    return points_of(
        body_points(torch.from_numpy(clip.q), torch.from_numpy(clip.lengths_m)),
        world=True,
    )


def moved(
    points: Points, R: Array | None = None, shift: Array | None = None
) -> Points:
    """All points turned and shifted."""
    R, shift = (
        np.eye(3) if R is None else R,
        np.zeros(3) if shift is None else shift,
    )
    assert points.lumbar is not None and points.sole is not None
    return Points(
        points.limb @ R.T + shift,
        points.lumbar @ R.T + shift,
        points.sole @ R.T + shift,
        points.world,
    )


def values(rows: dict[str, tuple[float, float]]) -> dict[str, float]:
    return {name: value for name, (value, _) in rows.items()}


def test_truth_against_itself_is_perfect(
    clip: MotionClip, truth: Points
) -> None:
    standing = moved(
        truth, shift=np.array([0.0, 0.5, 0.0])
    )  # well above the floor: nothing penetrates
    feet_at_rest = replace(
        standing, sole=np.repeat(standing.sole[:1], len(clip.q), 0)
    )
    found = values(
        clip_metrics(feet_at_rest, feet_at_rest, clip.contact, clip.contact)
    )
    assert set(found) == set(DEFINITIONS)
    assert all(found[name] == pytest.approx(0.0, abs=1e-9) for name in ZERO), (
        found
    )
    assert found["contact_f1"] == 1.0


def test_one_joint_off_by_10_mm_costs_10_twelfths(
    clip: MotionClip, truth: Points
) -> None:
    limb = truth.limb.copy()
    limb[:, 4] += [0.006, 0.0, 0.008]  # a wrist
    found = values(clip_metrics(replace(truth, limb=limb), truth, clip.contact))
    assert found["mpjpe_mm"] == pytest.approx(10.0 / 12.0, rel=1e-9)
    assert (
        0 < found["pa_mpjpe_mm"] < 10.0 / math.sqrt(12.0)
    )  # least squares: the RMS cannot exceed the unaligned one
    assert found["accel_m_s2"] == pytest.approx(
        0.0, abs=1e-9
    )  # a constant offset does not accelerate
    assert (
        found["knee_flexion_mae_deg"] == 0.0
        and found["elbow_flexion_mae_deg"] > 0.0
    )


def test_a_knee_bent_too_far_everywhere_is_bias_and_no_centred_error(
    clip: MotionClip, truth: Points
) -> None:
    limb, too_far = truth.limb.copy(), math.radians(6.0)
    for hip, knee, ankle in zip(HIPS, KNEES, ANKLES, strict=True):
        thigh, shank = (
            limb[:, knee] - limb[:, hip],
            limb[:, ankle] - limb[:, knee],
        )
        axis = np.cross(thigh, shank)
        axis /= np.linalg.norm(
            axis, axis=-1, keepdims=True
        )  # normal to the shank, so Rodrigues has two terms
        limb[:, ankle] = (
            limb[:, knee]
            + math.cos(too_far) * shank
            + math.sin(too_far) * np.cross(axis, shank)
        )
    found = values(clip_metrics(replace(truth, limb=limb), truth, clip.contact))
    assert found["knee_flexion_mae_deg"] == pytest.approx(6.0, abs=1e-6)
    assert found["knee_flexion_bias_deg"] == pytest.approx(6.0, abs=1e-6)
    assert found["knee_flexion_centred_mae_deg"] == pytest.approx(0.0, abs=1e-6)
    straighter = values(
        clip_metrics(truth, replace(truth, limb=limb), clip.contact)
    )
    assert straighter["knee_flexion_bias_deg"] == pytest.approx(-6.0, abs=1e-6)


def test_a_hip_off_moves_the_mid_hip_and_with_it_all_other_joints(
    clip: MotionClip, truth: Points
) -> None:
    limb = truth.limb.copy()
    limb[:, HIPS[0]] += [0.010, 0.0, 0.0]
    found = values(clip_metrics(replace(truth, limb=limb), truth, clip.contact))
    assert found["mpjpe_mm"] == pytest.approx(
        (11 * 5.0 + 5.0) / 12.0, rel=1e-9
    )  # 5 mm each, the moved hip too


def test_turning_the_whole_body_costs_position_but_no_aligned_position_and_no_angle(
    clip: MotionClip, truth: Points
) -> None:
    turn = rot_y(torch.tensor(math.radians(30.0), dtype=torch.float64)).numpy()
    found = values(clip_metrics(moved(truth, turn), truth, clip.contact))
    rooted = truth.limb - mid(truth.limb, HIPS)[:, None]
    chord = (
        2
        * math.sin(math.radians(15.0))
        * np.linalg.norm(rooted[..., [0, 2]], axis=-1)
    )
    assert found["mpjpe_mm"] == pytest.approx(1000 * chord.mean(), rel=1e-9)
    assert found["pa_mpjpe_mm"] == pytest.approx(0.0, abs=1e-6)
    assert all(
        v < 1e-6 for name, v in found.items() if name.endswith("_mae_deg")
    )


def test_scale_is_free_after_procrustes_and_mirrors_are_not(
    clip: MotionClip, truth: Points
) -> None:
    larger = values(clip_metrics(Points(truth.limb * 1.1), truth, clip.contact))
    assert (
        larger["pa_mpjpe_mm"] == pytest.approx(0.0, abs=1e-6)
        and larger["mpjpe_mm"] > 10.0
    )
    mirrored = values(
        clip_metrics(Points(truth.limb * [1, 1, -1]), truth, clip.contact)
    )
    assert mirrored["pa_mpjpe_mm"] > 10.0


def test_acceleration_error_of_a_parabola(
    clip: MotionClip, truth: Points
) -> None:
    limb = truth.limb.copy()
    limb[:, 4, 1] += (
        0.5 * 6.0 * (np.arange(len(limb)) / 30.0) ** 2
    )  # 6 m/s^2 on one of twelve joints
    assert values(clip_metrics(Points(limb), truth, clip.contact))[
        "accel_m_s2"
    ] == pytest.approx(0.5, rel=1e-6)


def test_skate_penetration_and_drift_have_closed_forms(truth: Points) -> None:
    frames = len(truth.limb)
    t = np.arange(frames) / 30.0
    assert truth.sole is not None
    flat = np.zeros_like(truth.sole)
    stance = np.zeros((frames, 2))
    stance[:60, 0] = 1.0  # the left foot stands for two seconds
    sliding = flat.copy()
    sliding[..., 0] += 0.3 * t[:, None, None]  # 0.3 m/s
    sliding[..., 1] -= 0.02  # 20 mm deep
    shift = np.stack((0.1 * t, 0 * t, 0 * t), -1)
    estimate = Points(truth.limb + shift[:, None], truth.lumbar, sliding, True)
    rows = clip_metrics(estimate, truth, stance)
    assert (
        values(rows)["foot_skate_m_s"] == pytest.approx(0.3)
        and rows["foot_skate_m_s"][1] == 59
    )
    assert (
        values(rows)["penetration_mm"] == pytest.approx(20.0)
        and rows["penetration_mm"][1] == 60
    )
    assert values(rows)["foot_sink_mm"] == pytest.approx(0.0, abs=1e-9)
    sinking = replace(
        estimate,
        sole=sliding - np.array([0.0, 0.1, 0.0]) * t[:, None, None, None],
    )
    # 0.1 m/s over 59 frames of 1/30 s, and 90 % of that range
    assert values(clip_metrics(sinking, truth, stance))[
        "foot_sink_mm"
    ] == pytest.approx(0.9 * 1000 * 0.1 * 59 / 30, rel=1e-6)
    assert values(rows)["root_drift_m"] == pytest.approx(
        float(np.sqrt(np.mean((0.1 * t) ** 2)))
    )
    assert root_drift_m(shift + [5.0, 0, 0], shift) == pytest.approx(0.0)


def test_contact_f1_leaves_unknown_frames_out_and_pools_exactly() -> None:
    truth, said = (
        np.array([[1.0], [1.0], [0.0], [np.nan]]),
        np.array([[0.9], [0.1], [0.8], [0.9]]),
    )
    assert contact_f1(said, truth) == pytest.approx(2 * 1 / (2 + 2))
    rows = [
        {"contact_f1": (0.5, 4.0)},
        {"contact_f1": (1.0, 12.0)},
        {"contact_f1": (math.nan, 0.0)},
    ]
    assert pooled(rows) == {
        "contact_f1": pytest.approx((2 * 1 + 2 * 6) / (4 + 12))
    }


def test_means_over_clips_weigh_frames() -> None:
    assert pooled([{"mpjpe_mm": (10.0, 30.0)}, {"mpjpe_mm": (40.0, 90.0)}])[
        "mpjpe_mm"
    ] == pytest.approx(32.5)


@pytest.mark.parametrize("exercise", ["squat", "deadlift", "row", "jump"])
def test_point_angles_are_the_joint_coordinates(exercise: str) -> None:
    made = generate_clip(5, exercise).motion
    q = torch.from_numpy(made.q)
    found = angles_deg(
        points_of(body_points(q, torch.from_numpy(made.lengths_m)))
    )
    for name, tolerance in (
        ("hip_flexion", 0.05),
        ("knee_flexion", 0.05),
        ("elbow_flexion", 0.05),
    ):
        columns = [DOF_INDEX[f"{name}_{s}"] for s in "lr"]
        expected = np.degrees(made.q[:, columns])
        expected = (
            np.abs(expected) if name != "hip_flexion" else expected
        )  # an angle between lines has no sign
        assert np.abs(found[name] - expected).max() < tolerance, name
    # The sole against the shank is the dorsiflexion coordinate up to cos(adduction) and inversion x adduction.
    ankle = np.degrees(
        made.q[
            :,
            [
                DOF_INDEX["ankle_dorsiflexion_l"],
                DOF_INDEX["ankle_dorsiflexion_r"],
            ],
        ]
    )
    assert np.abs(found["ankle_dorsiflexion"] - ankle).max() < 1.5


def test_regressors_with_fewer_points_lose_only_what_these_do_not_show(
    clip: MotionClip, truth: Points
) -> None:
    all_points = body_points(
        torch.from_numpy(clip.q), torch.from_numpy(clip.lengths_m)
    )
    full = set(clip_metrics(points_of(all_points), truth, clip.contact))
    kinds = ("mae", "bias", "centred_mae")
    ankle, hip = (
        {f"{angle}_{kind}_deg" for kind in kinds}
        for angle in ("ankle_dorsiflexion", "hip_flexion")
    )
    assert (
        full
        - set(clip_metrics(points_of(all_points[:, :35]), truth, clip.contact))
        == ankle
    )
    twelve = set(
        clip_metrics(points_of(all_points[:, 5:17]), truth, clip.contact)
    )
    assert full - twelve == ankle | hip
    with pytest.raises(InputError, match="20 points came; 12, 35 or 43"):
        points_of(all_points[:, :20])


def test_film_keeps_the_motion_and_its_camera_projects_it(
    clip: MotionClip,
) -> None:
    shot = film(clip, 0, "clean")
    own = body_points(
        torch.from_numpy(clip.q), torch.from_numpy(clip.lengths_m)
    )
    distance = np.linalg.norm(own[:, :, None] - own[:, None], axis=-1)
    placed = np.linalg.norm(
        shot.points[:, :, None] - shot.points[:, None], axis=-1
    )
    assert np.abs(distance - placed).max() < 1e-4  # a rigid motion
    assert (
        np.abs(own[..., 1] - shot.points[..., 1]).max() < 1e-4
    )  # that leaves heights alone
    assert (
        shot.points[..., 2] < 0
    ).all()  # in front of the camera, which looks along -z
    ankles, shoulders = (
        shot.keypoints_px[:, 15:17, 1],
        shot.keypoints_px[:, 5:7, 1],
    )
    assert float(ankles.nanmean()) > float(shoulders.nanmean())  # y down
    across = shot.keypoints_px[:, 5:17, 0].numpy(), shot.points[:, 5:17, 0]
    seen = np.isfinite(across[0])
    assert (
        np.corrcoef(across[0][seen], across[1][seen])[0, 1] > 0.9
    )  # x to the right of the picture


def test_film_is_fixed_by_clip_and_view(clip: MotionClip) -> None:
    a, b, c = (
        film(clip, 1, "detector"),
        film(clip, 1, "detector"),
        film(clip, 2, "detector"),
    )
    assert torch.equal(a.keypoints_px.nan_to_num(), b.keypoints_px.nan_to_num())
    assert a.size_px != c.size_px or not torch.equal(a.q, c.q)
    assert np.array_equal(
        film(clip, 1, "clean").points, a.points
    )  # noise does not change the camera
    assert (
        a.stature_m == clip.stature_m
        and film(clip, 1, "clean", stature_told=False).stature_m is None
    )
    inside = (film(clip, 1, "clean").confidence > 0).float().mean()
    assert float(inside) >= 0.9


def test_contact_is_unknown_where_a_still_foot_is_on_no_plate(
    clip: MotionClip,
) -> None:
    unloaded = replace(
        clip,
        contact=np.zeros_like(clip.contact),
        grf_world_n=np.zeros((len(clip.q), 2, 3), np.float32),
    )
    assert (
        np.isnan(known_contact(unloaded)).mean() > 0.9
    )  # a squat: both feet stand all the time
    assert np.array_equal(known_contact(clip), clip.contact)


def test_held_out_clips_never_come_from_training_subjects(
    clip: MotionClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        ("cmu_02", "val"),
        ("cmu_08", "heldout"),
        ("new_lab", "val"),
        ("cmu_05", "train"),
    ]
    clips = [replace(clip, name=s, subject=s, split=split) for s, split in rows]
    monkeypatch.setattr(
        "musclepose.evaluation.held_out.build", lambda *_: clips
    )
    assert [c.subject for c in clips_of(tmp_path, "val")] == ["cmu_02"]
    assert [c.subject for c in clips_of(tmp_path, "test")] == [
        "cmu_08",
        "new_lab",
    ]
    assert [c.subject for c in clips_of(tmp_path, "train")] == ["cmu_05"]
    assert [c.subject for c in clips_of(tmp_path, "all")] == [
        subject for subject, _ in rows
    ]
    clips.pop(0)
    with pytest.raises(
        InputError, match="no val subjects; --split test or train or all would"
    ):
        clips_of(tmp_path, "val")


def test_a_folder_of_one_kind_does_not_read_its_sibling(
    clip: MotionClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(folder: Path) -> list[SourceSubject]:
        if folder.name == "cmu_mocap":
            raise AssertionError("the sibling was read")
        return [SourceSubject(folder.name, (), 1.7)]

    for name in ("force_plate", "cmu_mocap"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(
        "musclepose.fitting.real_motion.READERS",
        {"force_plate": read, "cmu_mocap": read},
    )
    monkeypatch.setattr(
        "musclepose.fitting.real_motion.fit_source", lambda _: [clip]
    )
    found = clips_of(tmp_path / "force_plate", "val", tmp_path / "cache")
    assert [c.name for c in found] == [clip.name]
    with pytest.raises(AssertionError, match="sibling"):
        clips_of(tmp_path, "val", tmp_path / "cache")


def test_the_share_of_a_foot_and_its_correlation_have_closed_forms() -> None:
    weight = 700.0
    left = np.array([0.2, 0.4, 0.6, 0.8])
    measured = weight * np.stack((left, 1.0 - left), 1)
    ours = (
        weight * 1.1 * np.stack((left + 0.1, 0.9 - left), 1)
    )  # ten per cent too strong: no matter
    found = share_errors(ours, measured, weight)
    assert found["foot_share_error"] == pytest.approx(0.1)
    assert found["foot_share_correlation"] == pytest.approx(1.0)
    even = np.full((4, 2), 0.5 * weight)
    blind = share_errors(even, measured, weight)
    assert blind["foot_share_error"] == pytest.approx(0.2)
    assert np.isnan(blind["foot_share_correlation"])
    assert np.isnan(share_errors(even, 0.1 * even, weight)["foot_share_error"])


def test_figures_over_trials_leave_out_what_a_trial_does_not_have() -> None:
    rows = [
        {"hip_moment_rmse_bwht_percent": 3.0, "foot_share_correlation": np.nan},
        {"hip_moment_rmse_bwht_percent": 4.0, "foot_share_correlation": 0.8},
    ]
    assert over_trials(rows) == {
        "hip_moment_rmse_bwht_percent": pytest.approx(math.sqrt(12.5)),
        "foot_share_correlation": pytest.approx(0.8),
    }


def test_limit_spreads_over_the_list(clip: MotionClip) -> None:
    many = [replace(clip, name=str(n)) for n in range(11)]
    assert [c.name for c in spread(many, 3)] == ["0", "5", "10"] and len(
        spread(many, 0)
    ) == 11


def test_a_baseline_sees_the_windows_of_the_product_and_is_blended_like_it(
    clip: MotionClip, truth: Points
) -> None:
    shot = film(clip, 0, "clean")
    lengths = []

    def constant(tokens: Tokens) -> torch.Tensor:
        lengths.append(tuple(tokens.features.shape[:2]))
        return torch.full((*tokens.features.shape[:2], 12, 3), 0.25)

    points = run_baseline(constant, shot, 96)
    windows = Windows.over(len(clip.q), 96)
    assert lengths == [(len(windows.starts), 96)]
    assert np.allclose(points.limb, 0.25, atol=1e-6) and len(
        points.limb
    ) == len(clip.q)
    assert "foot_skate_m_s" not in clip_metrics(
        points, truth, clip.contact
    )  # it places nobody in the world


def test_mean_pose_scales_with_the_stature(clip: MotionClip) -> None:
    points = run_baseline(mean_pose, film(clip, 0, "clean"), 96)
    assert np.allclose(
        points.limb[:, :, 1],
        clip.stature_m * np.array(MEAN_HEIGHTS_PERMILLE) / 1000,
        atol=1e-5,
    )
    assert not points.limb[..., [0, 2]].any()


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(
    not (DATA / "cmu_mocap").is_dir(),
    reason="no cmu_mocap under ../shared/data or MUSCLEPOSE_DATA",
)
def test_mean_pose_is_the_mean_of_the_training_motion() -> None:
    heights = mean_heights(load_real_motion(DATA, "train"))
    assert np.abs(1000 * heights - MEAN_HEIGHTS_PERMILLE).max() < 1.0


def test_plain_regressor_is_left_out_with_a_reason(tmp_path: Path) -> None:
    reason = plain_regressor(tmp_path / "plain_regressor.safetensors")
    assert (
        isinstance(reason, str)
        and "no checkpoint plain_regressor.safetensors" in reason
    )
    runs, skipped = baselines(tmp_path / "x.safetensors")
    assert list(runs) == ["mean_pose"] and list(skipped) == ["plain"]


@pytest.fixture(scope="module")
def small_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    model = MusclePoseCOCO(ModelConfig(width=32, layers=1, heads=2, window=48))
    save_checkpoint(path, model, {"name": "small", "step": 0})
    return path


def test_command_writes_what_it_prints(
    clip: MotionClip,
    small_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clips = [
        clip,
        replace(
            clip,
            name="b",
            activity="run/jog, fast",
            q=clip.q[:40],
            contact=clip.contact[:40],
        ),
    ]
    monkeypatch.setattr(
        "musclepose.evaluation.held_out.build", lambda *_: clips
    )
    out = tmp_path / "motion.json"
    arguments = [
        "motion",
        "--data",
        str(tmp_path),
        "--checkpoint",
        str(small_checkpoint),
        "--json",
        str(out),
    ]
    assert (
        main(
            [
                *arguments,
                "--plain",
                str(tmp_path / "none"),
                "--views",
                "1",
                "--noise",
                "clean",
            ]
        )
        == 0
    )
    found, printed = json.loads(out.read_text()), capsys.readouterr().out
    assert (
        set(found["overall"]) == set(DEFINITIONS)
        and f"{found['overall']['mpjpe_mm']:.2f}" in printed
    )
    assert set(found["activities"]) == {"squat", "run_jog_fast"}
    assert (
        found["baselines"]["mean_pose"]["mpjpe_mm"] > 0
        and "plain left out" in printed
    )
    assert (
        found["settings"]["frames"] == 190
        and found["settings"]["noise"] == "clean"
    )
    assert all(f"{name}: " in printed for name in DEFINITIONS)
    weights = np.array([150.0, 40.0])
    parts = [
        found["activities"][a]["mpjpe_mm"] for a in ("squat", "run_jog_fast")
    ]
    assert found["overall"]["mpjpe_mm"] == pytest.approx(
        float(weights @ parts / weights.sum())
    )


def test_command_refuses_in_one_sentence(
    tmp_path: Path, small_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "motion",
        "--data",
        str(tmp_path),
        "--checkpoint",
        str(small_checkpoint),
    ]
    assert (
        main(arguments) == 2
        and "neither cmu_mocap/ nor force_plate/" in capsys.readouterr().err
    )
    assert (
        main([*arguments, "--views", "0"]) == 2
        and "views may be 1 to 32" in capsys.readouterr().err
    )


def test_perfect_network_scores_zero_through_the_whole_path(
    clip: MotionClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The truth handed in as the estimate: no frame, unit or order is lost on the way to the table."""
    shot = film(clip, 0, "detector")
    scored = motion.score(shot, points_of(shot.points, True), shot.stance)
    row = motion.summary({motion.OURS: [scored]})["overall"]
    assert (
        row["mpjpe_mm"] == row["accel_m_s2"] == row["root_drift_m"] == 0.0
        and row["contact_f1"] == 1.0
    )
    assert (
        row["penetration_mm"] < 20.0 and row["foot_skate_m_s"] < 0.05
    )  # what the generator itself leaves


def test_video_truth_is_turned_into_camera_axes() -> None:
    p_cam = np.array([[1.0, 2.0, 3.0]])
    assert np.array_equal(motion_video.to_y_up(p_cam), [[1.0, -2.0, -3.0]])


def test_the_stature_of_an_average_build_comes_from_its_limbs() -> None:
    """1.80 m: upper arm 0.160, forearm 0.153, thigh 0.242, shank 0.248 of it (de Leva 1996), in any direction."""
    limb = np.zeros((4, 12, 3))
    for side in (0, 1):
        limb[:, 2 + side, 0] = 0.160 * 1.8
        limb[:, 4 + side] = limb[:, 2 + side] + [0.0, 0.153 * 1.8, 0.0]
        limb[:, 8 + side, 2] = 0.242 * 1.8
        limb[:, 10 + side] = limb[:, 8 + side] - [0.0, 0.0, 0.248 * 1.8]
    assert motion_video.stature_m(limb) == pytest.approx(1.8)


def test_video_figures_have_closed_forms(truth: Points) -> None:
    assert motion_video.compare(truth.limb, truth.limb) == {
        "mpjpe_mm": 0.0,
        "pa_mpjpe_mm": pytest.approx(0.0, abs=1e-6),
        "knee_flexion_mae_deg": 0.0,
    }
    assert set(motion_video.MEDIAPIPE["pose2sim_single_cam01"]) == set(
        motion_video.compare(truth.limb, truth.limb)
    )


def test_two_cameras_give_back_what_they_saw() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(20, 3)) * 0.5
    K, lens = (
        np.array([[900.0, 0, 540], [0, 900, 960], [0, 0, 1]]),
        np.array([-0.1, 0.02, 1e-3, -1e-3]),
    )
    turn = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    cameras = tuple(
        motion_video.Calibration(K, lens, R, np.array([0, 0, 4.0]))
        for R in (np.eye(3), turn)
    )
    px = tuple(c.project(points) for c in cameras)
    ahead = points[0] + [0, 0, 4.0]
    assert (
        np.hypot(*(px[0][0] - (K @ ahead / ahead[2])[:2])) < 10
    )  # the lens bends it a little, no more
    px[1][3] = np.nan
    found = motion_video.triangulate((px[0], px[1]), (cameras[0], cameras[1]))
    assert np.isnan(found[3]).all()
    seen = np.delete(np.arange(20), 3)
    np.testing.assert_allclose(found[seen], points[seen], atol=1e-5)


@pytest.mark.shared
@pytest.mark.skipif(
    not (DATA / "video").is_dir(),
    reason="no video under ../shared/data or MUSCLEPOSE_DATA",
)
def test_triangulated_joints_stand_upright_in_both_views() -> None:
    both = [
        video_truth.read_truth(DATA / "video", f"pose2sim_single_{view}")
        for view in ("cam01", "cam03")
    ]
    for truth in both:
        assert truth.limb.shape == (100, 12, 3)
        up = truth.limb[:, :2].mean(1) - truth.limb[:, 6:8].mean(1)
        assert (
            up[:, 1] > 0.1
        ).all()  # he leans far forward, but his shoulders stay above his hips
    assert (
        motion_video.compare(both[0].limb, both[1].limb)["pa_mpjpe_mm"] < 1e-3
    )  # one body, two headings


def test_video_without_its_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"opencap_STS\.npz is not in .*the folder video/"
    ):
        video_truth.read_truth(tmp_path, "opencap_STS")


def test_the_best_fit_of_a_mirror_image_is_the_best() -> None:
    """No other size brings it nearer; a mirror image is only turned, so much is left."""
    truth = np.random.default_rng(0).normal(size=(3, 12, 3))
    fitted = procrustes(truth * [1.0, 1.0, -1.0], truth)
    middle = fitted.mean(1, keepdims=True)

    def error(size: float) -> float:
        return float(np.square(middle + size * (fitted - middle) - truth).sum())

    assert error(1.0) > 0.1 * np.square(truth).sum()
    assert error(1.0) < min(error(0.97), error(1.03))

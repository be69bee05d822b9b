"""The fit gives planted angles back, keeps limits, stays continuous, and agrees with OpenSim on measured trials."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from musclepose.fitting.fit import calibrate_body, solve_frames
from musclepose.fitting.fit_init import (
    branch_within,
    initial_q,
    track_ball_joint,
)
from musclepose.fitting.fit_landmarks import start_subject
from musclepose.fitting.fit_model import (
    LandmarkModel,
    Subject,
    dof_axes,
    landmark_jacobian,
    landmark_positions,
)
from musclepose.fitting.fit_sources import read_force_plate, resample_30hz
from musclepose.fitting.real_motion import (
    MotionClip,
    fit_source,
    foot_contact,
    load_clips,
    save_clips,
)
from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.skeleton47 import (
    DOF_INDEX,
    DOF_NAMES,
    LENGTHS,
    N_DOF,
    SEGMENTS,
    limits,
)
from musclepose.synthesis.exercise import generate_clip
from musclepose.utils.rot import matrix_from_zxy

DATA = Path(
    os.environ.get(
        "MUSCLEPOSE_DATA",
        Path(__file__).resolve().parents[2] / "shared" / "data",
    )
)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small batched operations are several times faster on one thread than on two that share a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def needs(folder: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not (DATA / folder).is_dir(),
        reason=f"{folder} is not under ../shared/data, nor under MUSCLEPOSE_DATA",
    )


def three_points_per_segment(lengths: Tensor) -> Subject:
    """Landmarks that show every rotation of every segment."""
    names = tuple(f"{s}_{k}" for s in SEGMENTS for k in "abc")
    offsets = torch.tensor([[0.0, 0, 0], [0.1, 0, 0], [0, 0.05, 0.1]]).repeat(
        len(SEGMENTS), 1
    )
    m = len(names)
    model = LandmarkModel(
        names,
        torch.arange(len(SEGMENTS)).repeat_interleave(3),
        torch.zeros(m, 3, len(LENGTHS)),
        offsets,
        torch.full((m,), 0.005),
        torch.full((m, 3), 0.003),
    )
    return Subject(lengths, model, 0.05 * lengths)


@pytest.fixture(scope="module")
def squat() -> MotionClip:
    return generate_clip(3, "squat", variant="goblet", faults={}).motion


def test_planted_pose_comes_back(squat: MotionClip) -> None:
    q, lengths = (
        torch.from_numpy(squat.q[:60]),
        torch.from_numpy(squat.lengths_m),
    )
    subject = three_points_per_segment(lengths)
    points = landmark_positions(forward_kinematics(q, lengths), subject)
    start = q + 0.3 * torch.randn(
        q.shape, generator=torch.Generator().manual_seed(0)
    )
    fitted = solve_frames(
        start, points, subject, [60], sweeps=2, steps=8, smooth_sigma_rad=10.0
    )
    assert (
        float(fitted.residual_mm.max()) < 1.0
    )  # what the weak pull to neutral leaves
    assert float((fitted.q - q)[:, 3:].abs().max()) < np.radians(1.5)


def test_jacobian_is_the_derivative(squat: MotionClip) -> None:
    q, lengths = (
        torch.from_numpy(squat.q[40:41]).double(),
        torch.from_numpy(squat.lengths_m).double(),
    )
    subject = three_points_per_segment(lengths)
    subject = Subject(
        lengths,
        LandmarkModel(
            subject.landmarks.names,
            subject.landmarks.segment,
            subject.landmarks.coefficients.double(),
            subject.landmarks.offset_m.double(),
            subject.landmarks.sigma_m,
            subject.landmarks.offset_sigma_m,
        ),
        subject.length_sigma_m,
    )
    pose = forward_kinematics(q, lengths)
    J = landmark_jacobian(
        q, pose, landmark_positions(pose, subject), subject.landmarks.segment
    )
    for i in range(N_DOF):
        h = torch.zeros(1, N_DOF, dtype=torch.float64)
        h[0, i] = 1e-6
        high = landmark_positions(forward_kinematics(q + h, lengths), subject)
        low = landmark_positions(forward_kinematics(q - h, lengths), subject)
        # 1e-7: signs are stored in single precision, central differences are good to 1e-9
        torch.testing.assert_close(
            J[:, i], (high - low) / 2e-6, atol=1e-7, rtol=0, msg=DOF_NAMES[i]
        )
    assert dof_axes(q, pose).shape == (1, 44, 3)


def test_limits_hold_against_impossible_landmarks(squat: MotionClip) -> None:
    lengths = torch.from_numpy(squat.lengths_m)
    q = torch.from_numpy(squat.q[:8]).clone()
    q[:, DOF_INDEX["knee_flexion_l"]] = -0.6  # bent the wrong way by 34 degrees
    subject = three_points_per_segment(lengths)
    doubtful = replace(
        subject,
        landmarks=replace(subject.landmarks, sigma_m=torch.full((54,), 0.05)),
    )
    points = landmark_positions(forward_kinematics(q, lengths), subject)
    fitted = solve_frames(q, points, doubtful, [8], sweeps=1, steps=20).q
    lower, _ = limits()
    excess = (
        lower[DOF_INDEX["knee_flexion_l"]]
        - fitted[:, DOF_INDEX["knee_flexion_l"]].numpy()
    )
    # Soft limits: they win against landmarks that may be 5 cm off, not against every landmark at once at 5 mm.
    assert excess.max() < np.radians(6)


def test_lengths_and_offsets_are_recovered(squat: MotionClip) -> None:
    true = torch.from_numpy(squat.lengths_m)
    q = torch.from_numpy(squat.q)
    subject = three_points_per_segment(true)
    points = landmark_positions(forward_kinematics(q, true), subject)
    wrong = three_points_per_segment(true * torch.linspace(0.9, 1.1, 13))
    body = calibrate_body(q, points, wrong, wrong, frames_worth=1e4)
    limbs = [
        LENGTHS.index(n)
        for n in ("hip_width", "upper_arm", "forearm", "thigh", "shank")
    ]
    torch.testing.assert_close(
        body.lengths_m[limbs], true[limbs], atol=0.004, rtol=0
    )


def test_ball_joint_is_followed_through_the_singular_pose() -> None:
    t = torch.linspace(0, 1, 60)
    x = -torch.deg2rad(
        10 + 150 * t
    )  # abduction from 10 to 160 degrees, through 90
    z, y = 0.2 + 0 * t, 0.1 * torch.sin(6 * t)
    R = matrix_from_zxy(z, x, y)
    bounds = torch.tensor([[[-1.3, -3.3, -1.9], [3.3, 1.05, 1.9]]])
    track = track_ball_joint(
        -R[None, :, :, 1], R[None, :, :, 2], torch.ones(1, 60), bounds
    )[0]
    back = matrix_from_zxy(*track.unbind(-1))
    assert (
        float((back - R).abs().max()) < 0.12
    )  # damped: it lags a little behind a fast arm
    assert float(track.diff(dim=0).abs().max()) < 0.35
    assert float((track[:, 1] - x).abs().max()) < 0.2


def test_branch_within_limits() -> None:
    bounds = torch.tensor([[-1.3, -3.3, -1.9], [3.3, 1.05, 1.9]])
    wanted = torch.tensor([[0.3, -2.4, 0.2]])
    flipped = wanted * torch.tensor([1.0, -1.0, 1.0]) + torch.pi
    torch.testing.assert_close(
        branch_within(flipped, bounds), wanted, atol=1e-5, rtol=0
    )


def test_clips_survive_the_cache(tmp_path: Path, squat: MotionClip) -> None:
    save_clips(tmp_path / "a.npz", [squat, squat])
    back = load_clips(tmp_path / "a.npz")
    assert (
        len(back) == 2
        and back[1].name == squat.name
        and back[1].source_joints is None
    )
    np.testing.assert_array_equal(back[0].q, squat.q)


def test_standing_feet_are_in_contact(squat: MotionClip) -> None:
    assert (
        foot_contact(
            torch.from_numpy(squat.q), torch.from_numpy(squat.lengths_m)
        ).mean()
        == 1.0
    )


@pytest.mark.shared
@needs("force_plate")
def test_angles_agree_with_opensim() -> None:
    names = {
        "hip_flexion": "hip_flexion",
        "knee_angle": "knee_flexion",
        "ankle_angle": "ankle_dorsiflexion",
    }
    # Measured over all 15 trials: 0.8, 1.4 and 2.8 deg; without the constant offset 0.6, 0.4 and 1.0 deg.
    allowed = {
        "hip_flexion": (1.6, 1.3),
        "knee_angle": (2.2, 1.0),
        "ankle_angle": (6.5, 2.2),
    }
    for source in read_force_plate(DATA / "force_plate"):
        if source.name not in ("labx_62kg", "rajagopal_walker"):
            continue
        for clip in fit_source(source):
            assert clip.residual_mm < 4.0
            z = np.load(DATA / "force_plate" / f"{clip.name}.npz")
            columns = [str(n) for n in z["joint_angle_names"]]
            reference = resample_30hz(
                z["joint_angles"].astype(float), float(z["fps"])
            )
            for opensim, ours in names.items():
                for side in ("l", "r"):
                    own = np.degrees(clip.q[:, DOF_INDEX[f"{ours}_{side}"]])
                    d = own - reference[:, columns.index(f"{opensim}_{side}")]
                    raw, centred = (
                        np.abs(d).mean(),
                        np.abs(d - np.median(d)).mean(),
                    )
                    assert (
                        raw < allowed[opensim][0]
                        and centred < allowed[opensim][1]
                    ), (
                        clip.name,
                        ours,
                        raw,
                        centred,
                    )


@pytest.mark.shared
@needs("cmu_mocap")
def test_captured_walk_is_fitted_within_limits() -> None:
    from musclepose.fitting.fit_sources import read_cmu

    source = next(s for s in read_cmu(DATA / "cmu_mocap") if s.name == "cmu_07")
    start, columns = start_subject(source)
    assert len(columns) == len(start.landmarks.names)
    lower, upper = limits()
    for clip in fit_source(source)[:4]:
        excess = np.maximum(clip.q - upper, lower - clip.q)[:, 6:]
        assert clip.residual_mm < 3.0 and np.degrees(excess.max()) < 5.0
        assert np.degrees(np.abs(np.diff(clip.q[:, 3:], axis=0)).max()) < 30.0
        assert clip.source_joints is not None
        joints = np.asarray(np.isfinite(clip.source_joints).all(-1))
        assert joints[:, 5:].all() and not joints[:, :5].any()
    with (DATA / "cmu_mocap" / "index.csv").open() as f:
        splits = {r["subject"]: r["split"] for r in csv.DictReader(f)}
    assert splits["07"] == "train" and splits["02"] == "val"


def test_initial_guess_faces_where_the_body_faces(squat: MotionClip) -> None:
    q, lengths = torch.from_numpy(squat.q), torch.from_numpy(squat.lengths_m)
    pose = forward_kinematics(q, lengths)
    at = {n: pose.p_world_seg[:, SEGMENTS.index(n)] for n in SEGMENTS}
    pairs = {
        "shoulder": "upper_arm",
        "elbow": "forearm",
        "wrist": "hand",
        "hip": "thigh",
        "knee": "shank",
        "ankle": "foot",
    }
    joints = {
        f"{s}_{j}": at[f"{seg}_{s}"]
        for j, seg in pairs.items()
        for s in ("l", "r")
    }
    up = pose.R_world_seg[:, 0, :, 1]
    start, alternative = initial_q(
        joints, up, pose.R_world_seg[:, 2, :, 1], [len(q)]
    )
    knee = DOF_INDEX["knee_flexion_r"]
    assert float((start - q)[:, 3:6].abs().max()) < 0.1
    assert float((start - q)[:, knee].abs().max()) < 0.05
    assert start.shape == alternative.shape

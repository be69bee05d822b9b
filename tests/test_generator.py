"""Generated exercise obeys the ground and its own labels; a fault changes what it names and grows with its severity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from scipy.signal import find_peaks

from musclepose.errors import InputError
from musclepose.physics.constants import G_M_S2
from musclepose.physics.kinematics import (
    Pose,
    forward_kinematics,
    keypoints_coco,
    sole_points,
)
from musclepose.physics.skeleton47 import (
    COCO17_MIRROR,
    DOF_INDEX,
    SEGMENTS,
    limits,
)
from musclepose.synthesis.augment import mirror_q
from musclepose.synthesis.exercise import EXERCISES, ExerciseClip, generate_clip
from musclepose.synthesis.exercise.body import random_body
from musclepose.synthesis.exercise.solve import centre_of_mass

ALL = [(e, v) for e, spec in EXERCISES.items() for v in spec.variants]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small batched operations are several times faster on one thread than on two that share a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pose_of(clip: ExerciseClip) -> tuple[Pose, torch.Tensor]:
    lengths = torch.from_numpy(clip.motion.lengths_m).double()
    return forward_kinematics(
        torch.from_numpy(clip.motion.q).double(), lengths
    ), lengths


def angle(clip: ExerciseClip, name: str) -> np.ndarray:
    """Degrees; `name` without side is the mean of both."""
    columns = [
        i for n, i in DOF_INDEX.items() if n in (name, f"{name}_l", f"{name}_r")
    ]
    return np.degrees(clip.motion.q[:, columns].mean(1))


@pytest.mark.parametrize(("exercise", "variant"), ALL)
def test_feet_obey_the_ground(exercise: str, variant: str) -> None:
    for seed in (1, 2):
        clip = generate_clip(seed, exercise, variant=variant)
        pose, lengths = pose_of(clip)
        sole = sole_points(pose, lengths).numpy()
        contact = clip.motion.contact > 0
        lowest = sole[..., 1].min(-1)
        assert lowest.min() > -0.002
        if exercise != "step_up":
            assert np.abs(lowest[contact]).max() < 0.002
        toe_step = np.linalg.norm(np.diff(sole[:, :, 3], axis=0), axis=-1)
        assert (toe_step * (contact[1:] & contact[:-1])).max() < 0.003
        assert np.isfinite(clip.motion.q).all()


@pytest.mark.parametrize(("exercise", "variant"), ALL)
def test_limits_are_kept(exercise: str, variant: str) -> None:
    lower, upper = limits()
    for seed in (3, 4):
        q = generate_clip(seed, exercise, variant=variant).motion.q
        assert np.degrees(np.maximum(q - upper, lower - q)[:, 6:].max()) < 13.0


SIGNAL = {
    "squat": "knee_flexion", "deadlift": "hip_flexion", "romanian_deadlift": "hip_flexion", "push_up": "elbow_flexion",
    "curl": "elbow_flexion", "row": "elbow_flexion", "overhead_press": "", "jump": "",
}  # fmt: skip


@pytest.mark.parametrize("exercise", SIGNAL)
def test_labels_count_the_repetitions(exercise: str) -> None:
    for seed in range(5):
        clip = generate_clip(
            seed,
            exercise,
            faults={},
            variant=next(iter(EXERCISES[exercise].variants)),
            seconds=10,
        )
        if exercise in ("jump", "overhead_press"):
            pose, lengths = pose_of(clip)
            point = 0 if exercise == "jump" else SEGMENTS.index("hand_r")
            x = pose.p_world_seg[:, point, 1].numpy()
        else:
            x = angle(clip, SIGNAL[exercise]) * (
                -1 if exercise == "deadlift" else 1
            )
        peaks, _ = find_peaks(
            np.r_[x[0], x, x[-1]],
            prominence=0.5 * (x.max() - x.min()),
            distance=10,
        )
        assert len(peaks) == len(clip.repetitions), (
            seed,
            peaks,
            clip.repetitions,
        )
        for peak, rep in zip(peaks, clip.repetitions, strict=True):
            assert rep.start < rep.turn < rep.end <= len(x)
            assert abs(peak - 1 - rep.turn) <= 0.35 * (rep.end - rep.start) + 5


def test_centre_of_mass_stays_over_the_feet_and_falls_freely() -> None:
    for seed in range(6):
        body = random_body(np.random.default_rng(seed))
        clip = generate_clip(seed, "squat", body=body, faults={})
        pose, lengths = pose_of(clip)
        com = centre_of_mass(
            pose, body.loaded(clip.load_kg, clip.load_at)
        ).numpy()
        sole = sole_points(pose, lengths).numpy()
        assert (com[:, 0] > sole[..., 0].min((1, 2))).all() and (
            com[:, 0] < sole[..., 0].max((1, 2))
        ).all()
        assert (com[:, 2] > sole[..., 2].min((1, 2))).all() and (
            com[:, 2] < sole[..., 2].max((1, 2))
        ).all()
        leap = generate_clip(seed, "jump", body=body, faults={})
        y = centre_of_mass(pose_of(leap)[0], body).numpy()[:, 1]
        air = leap.motion.contact.max(1) == 0
        inner = air[:-2] & air[1:-1] & air[2:]
        np.testing.assert_allclose(
            np.diff(y, 2)[inner] * 900.0, -G_M_S2, atol=0.05
        )


@pytest.mark.parametrize(
    ("exercise", "fault", "more"),
    [
        ("squat", "shallow_depth", lambda c: -angle(c, "knee_flexion").max()),
        ("squat", "forward_lean", lambda c: -angle(c, "pelvis_tilt").min()),
        ("squat", "butt_wink", lambda c: angle(c, "lumbar_flexion").max()),
        ("squat", "heel_lift", lambda c: heel_height(c)),
        ("squat", "knee_valgus", lambda c: -knee_gap(c)),
        ("squat", "uneven_load", lambda c: tip_to_first_side(c)),
        (
            "squat",
            "lateral_shift",
            lambda c: np.abs(c.motion.q[:, 2] - c.motion.q[0, 2]).max(),
        ),
        ("squat", "early_hip_rise", lambda c: early_lean(c)),
        ("squat", "rushed_eccentric", lambda c: -c.tempo.out_s),
        (
            "squat",
            "loss_of_balance",
            lambda c: np.abs(angle(c, "lumbar_bending")).max(),
        ),
        ("curl", "short_range", lambda c: -angle(c, "elbow_flexion").max()),
        ("push_up", "elbow_flare", lambda c: elbow_width(c)),
        ("push_up", "hips_sag", lambda c: -angle(c, "lumbar_flexion").mean()),
        ("deadlift", "rushed_eccentric", lambda c: -c.tempo.back_s),
    ],
)
def test_faults_change_what_they_name(exercise: str, fault: str, more) -> None:  # type: ignore[no-untyped-def]
    assert fault in EXERCISES[exercise].faults
    variant = next(iter(EXERCISES[exercise].variants))
    body = random_body(np.random.default_rng(0)).loaded(0.0, "hands")
    clean, some, severe = (
        more(
            generate_clip(
                11,
                exercise,
                variant=variant,
                faults={fault: s} if s else {},
                body=body,
            )
        )
        for s in (0.0, 0.5, 1.0)
    )
    assert clean < some < severe


def heel_height(clip: ExerciseClip) -> float:
    pose, lengths = pose_of(clip)
    return float(sole_points(pose, lengths)[:, :, 0, 1].max())


def knee_gap(clip: ExerciseClip) -> float:
    p = pose_of(clip)[0].p_world_seg
    turn = clip.repetitions[0].turn
    return float(
        p[turn, SEGMENTS.index("shank_r"), 2]
        - p[turn, SEGMENTS.index("shank_l"), 2]
    )


def tip_to_first_side(clip: ExerciseClip) -> float:
    """Side bending of the lower back at the bottom, towards the side that one-sided faults take."""
    side = 1.0 if clip.params["first_side"] else -1.0
    return float(side * angle(clip, "lumbar_bending")[clip.repetitions[0].turn])


def elbow_width(clip: ExerciseClip) -> float:
    p = pose_of(clip)[0].p_world_seg
    return float(
        (
            p[:, SEGMENTS.index("forearm_r"), 2]
            - p[:, SEGMENTS.index("forearm_l"), 2]
        ).max()
    )


def early_lean(clip: ExerciseClip) -> float:
    """How much trunk lean is left when the knees are half straight on the way up."""
    rep, knee, tilt = (
        clip.repetitions[0],
        angle(clip, "knee_flexion"),
        -angle(clip, "pelvis_tilt"),
    )
    up = slice(rep.turn, rep.end)
    half = np.argmin(np.abs(knee[up] - 0.5 * (knee[rep.turn] + knee[rep.end])))
    return float(tilt[up][half] / tilt[rep.turn])


def test_mirrored_clip_is_mirrored() -> None:
    clip = generate_clip(5, "lunge", variant="forward")
    q, lengths = (
        torch.from_numpy(clip.motion.q).double(),
        torch.from_numpy(clip.motion.lengths_m).double(),
    )
    points = keypoints_coco(forward_kinematics(q, lengths), lengths)
    mirrored = keypoints_coco(forward_kinematics(mirror_q(q), lengths), lengths)
    reflected = points[:, list(COCO17_MIRROR)] * torch.tensor([1.0, 1.0, -1.0])
    torch.testing.assert_close(mirrored, reflected, atol=1e-9, rtol=0)
    assert torch.equal(mirror_q(mirror_q(q)), q)


def test_seed_decides_and_errors_name_what_exists() -> None:
    a, b = generate_clip(9), generate_clip(9)
    assert a.exercise == b.exercise and np.array_equal(a.motion.q, b.motion.q)
    assert len(a.phase) == len(a.motion.q) and a.load_kg >= 0
    with pytest.raises(InputError, match="squat"):
        generate_clip(0, "yoga")
    with pytest.raises(InputError, match="goblet"):
        generate_clip(0, "squat", variant="hack")

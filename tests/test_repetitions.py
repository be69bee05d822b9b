"""Repetition counting against planted truths: noise, drift, partial repetitions, bounces, alternating limbs, gait."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from musclepose.movement.counting import (
    count_pair,
    find_cycles,
    find_steps,
    smooth,
    zigzag,
)


def planted(
    rng: np.random.Generator, count: int, partial: bool = False
) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Signal (deg), times, number of full and of partial repetitions: noise up to 8 deg, drift up to 25 deg."""
    fps, period = float(rng.choice([24, 30, 60])), rng.uniform(0.9, 5.0)
    parts, full, small = [np.zeros(int(rng.uniform(0, 1) * fps))], 0, 0
    for _ in range(count):
        n = int(period * rng.uniform(0.8, 1.25) * fps)
        depth = rng.uniform(0.75, 1.15)
        if partial and count > 3 and rng.random() < 0.15:
            depth, small = 0.33, small + 1
        else:
            full += 1
        parts.append(50 * depth * (1 - np.cos(2 * np.pi * np.arange(n) / n)))
        if rng.random() < 0.3:
            parts.append(np.zeros(int(rng.uniform(0, 1) * fps)))
    parts.append(np.zeros(int(rng.uniform(0.05, 1) * fps)))
    signal = np.concatenate(parts)
    signal = (
        signal
        + rng.normal(0, rng.uniform(0, 8), len(signal))
        + np.linspace(0, rng.uniform(-25, 25), len(signal))
    )
    return signal, np.arange(len(signal)) / fps, full, small


def test_counts_noisy_drifting_squats_exactly() -> None:
    rng = np.random.default_rng(1)
    exact = 0
    for _ in range(200):
        signal, time_s, full, _ = planted(rng, int(rng.integers(1, 13)))
        found = len(find_cycles(signal, time_s, 30.0).full)
        assert abs(found - full) <= 1
        exact += found == full
    assert exact >= 196  # 98 %


def test_partial_repetitions_are_reported_and_not_counted() -> None:
    rng = np.random.default_rng(2)
    exact = seen = planted_small = 0
    for _ in range(100):
        signal, time_s, full, small = planted(
            rng, int(rng.integers(5, 12)), partial=True
        )
        cycles = find_cycles(signal, time_s, 30.0)
        exact += len(cycles.full) == full
        seen, planted_small = seen + len(cycles.partial), planted_small + small
    assert exact >= 96
    assert 0.6 * planted_small <= seen <= 1.4 * planted_small


def test_what_is_counted_keeps_movement_and_loses_noise() -> None:
    """Two passes of a Butterworth of second order with half power at 3 Hz: half the amplitude there, 1 Hz whole."""
    time_s = np.arange(0, 10, 1 / 60)
    kept = [
        np.ptp(smooth(np.sin(2 * np.pi * f * time_s), time_s)[1][60:-60]) / 2
        for f in (1, 3)
    ]
    assert kept == pytest.approx([0.99, 0.5], abs=0.01)


def test_a_bounce_at_the_bottom_does_not_split_a_repetition() -> None:
    time_s = np.arange(0, 9, 1 / 30)
    phase = (time_s - 0.5) / 2.0
    signal = np.where(
        (phase > 0) & (phase < 4), 50 - 50 * np.cos(2 * np.pi * phase), 0.0
    )
    signal = signal - 25 * np.exp(-(((phase % 1) - 0.5) ** 2) / 0.002) * (
        (phase > 0) & (phase < 4)
    )
    assert len(find_cycles(signal, time_s, 30.0).full) == 4


def test_times_and_phases_of_a_repetition() -> None:
    time_s = np.arange(0, 6, 1 / 30)
    signal = np.interp(time_s, [0, 1, 2, 3, 4.5, 6], [0, 0, 100, 100, 0, 0])
    (cycle,) = find_cycles(signal, time_s, 30.0).full
    assert abs(cycle.start_s - 1.05) < 0.15 and abs(cycle.end_s - 4.4) < 0.2
    assert (
        0.6 < cycle.hold_end_s - cycle.hold_start_s < 1.3
    )  # one second at the bottom


def test_a_clip_that_starts_at_the_top_of_its_movement_counts_from_there() -> (
    None
):
    time_s = np.arange(0, 8.2, 1 / 30)
    signal = 100.0 - 50 * (
        1 - np.cos(2 * np.pi * np.clip((time_s - 0.5) / 2.4, 0, 3))
    )
    assert len(find_cycles(signal, time_s, 30.0).full) == 3


def test_cut_off_and_still_clips() -> None:
    time_s = np.arange(0, 5, 1 / 30)
    assert (
        find_cycles(
            np.random.default_rng(0).normal(0, 3, len(time_s)), time_s, 30.0
        ).full
        == ()
    )
    ends_low = np.interp(time_s, [0, 1, 2, 3, 4, 5], [0, 0, 100, 0, 100, 100])
    cycles = find_cycles(ends_low, time_s, 30.0)
    assert len(cycles.full) == 1 and cycles.cut_off
    assert find_cycles(np.full(len(time_s), np.nan), time_s, 30.0).full == ()
    assert find_cycles(np.zeros(2), np.array([0, 0.03]), 30.0).full == ()


def test_alternating_limbs_count_each_and_name_the_side() -> None:
    time_s = np.arange(0, 12, 1 / 30)
    phase = time_s / 4.0
    left = 60 * np.clip(np.sin(2 * np.pi * phase), 0, 1)
    right = 60 * np.clip(-np.sin(2 * np.pi * phase), 0, 1)
    cycles = count_pair(left, right, time_s, 30.0)
    assert [c.side for c in cycles.full] == ["left", "right"] * 3


def test_one_working_arm_is_named_only_where_the_other_was_seen() -> None:
    time_s = np.arange(0, 8, 1 / 30)
    left = 60 * np.sin(np.pi * time_s / 2) ** 2
    assert {c.side for c in count_pair(left, 0 * left, time_s, 30.0).full} == {
        "left"
    }
    assert {
        c.side
        for c in count_pair(left, np.full(len(left), np.nan), time_s, 30.0).full
    } == {""}


@pytest.mark.parametrize("gap", [0.2, 0.5])
def test_gaps_in_the_track_do_not_break_the_count(gap: float) -> None:
    time_s = np.arange(0, 11, 1 / 30)
    signal = np.where(
        (time_s > 0.5) & (time_s < 10.5),
        50 - 50 * np.cos(np.pi * (time_s - 0.5)),
        0.0,
    )
    signal[(time_s > 3.0) & (time_s < 3.0 + gap)] = np.nan
    assert len(find_cycles(signal, time_s, 30.0).full) == 5


def test_steps_of_gait() -> None:
    time_s = np.arange(0, 5.5, 1 / 30)
    swing = 25 * np.sin(2 * np.pi * time_s / 1.1)
    steps = find_steps(10 + swing, 10 - swing, time_s)
    assert len(steps) == 10 and {
        a.side != b.side for a, b in zip(steps[:-1], steps[1:], strict=True)
    } == {True}
    assert np.allclose(np.diff([s.time_s for s in steps]), 0.55, atol=0.07)


def test_variable_frame_rate() -> None:
    rng = np.random.default_rng(3)
    time_s = np.cumsum(rng.uniform(0.01, 0.07, 260))
    time_s -= time_s[0]
    signal = 50 - 50 * np.cos(2 * np.pi * time_s / 2.0)
    assert len(find_cycles(signal, time_s, 30.0).full) == int(time_s[-1] // 2)


def test_zigzag_alternates() -> None:
    values = np.array([0, 5, 1, 9, 2, 8, 0.0])
    assert zigzag(values, 3.0) == [0, 1, 2, 3, 4, 5, 6]
    assert zigzag(values, 8.5) == [0, 3, 6]
    assert zigzag(np.zeros(5), 1.0) == []


SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "exercise"


@pytest.mark.shared
@pytest.mark.parametrize("part", ["train", "test"])
def test_real_squats_turn_where_people_labelled_them_down(part: str) -> None:
    """MediaPipe landmarks of real squats, joined from many videos without time stamps: 30 Hz is assumed."""
    path = SHARED / f"squat_stage_{part}.npz"
    if not path.exists():
        pytest.skip("the labelled squat frames are not beside this checkout")
    with np.load(path, allow_pickle=True) as data:
        points, label = (
            data["landmarks"][..., :2].astype(float),
            data["label"].astype(str),
        )
        names = [str(n) for n in data["landmark_names"]]

    def knee_bend(side: str) -> np.ndarray:
        hip, knee, ankle = (
            points[:, names.index(f"{side}_{n}")]
            for n in ("hip", "knee", "ankle")
        )
        u, v = hip - knee, ankle - knee
        cosine = (u * v).sum(-1) / (
            np.linalg.norm(u, axis=-1) * np.linalg.norm(v, axis=-1)
        )
        return 180 - np.degrees(np.arccos(np.clip(cosine, -1, 1)))

    signal = 0.5 * (knee_bend("left") + knee_bend("right"))
    cycles = find_cycles(
        signal, np.arange(len(signal)) / 30, 30.0, rest_low=True
    )
    down = (label == "down") & np.r_[True, label[1:] != label[:-1]]
    assert all(label[round(c.turn_s * 30)] == "down" for c in cycles.full)
    assert abs(len(cycles.full) + len(cycles.partial) - down.sum()) <= 2

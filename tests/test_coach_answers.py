"""The question set: truth against hand-made clips, grading by hand-written texts, and the goal on generated clips."""

from __future__ import annotations

import numpy as np
import pytest
from summary_fixtures import clip

from musclepose.evaluation.coach_answers import (
    FOLDER,
    Question,
    grade_of,
    graded,
    read_questions,
    say,
)
from musclepose.evaluation.question_truth import Truth, Unseen
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.wave_llm.bridge import summarise


@pytest.fixture(scope="module")
def truth() -> Truth:
    squat = clip("squat")
    return Truth(squat, summarise(squat))


def test_truth_is_read_from_the_arrays(truth: Truth) -> None:
    """Five repetitions of 2 s; the knee bends to the same depth in each."""
    knee = np.degrees(truth.analysis.q[:, DOF_INDEX["knee_flexion_l"]])
    assert truth.numbers("count")[0][0].value == 5
    assert truth.numbers("max knee_flexion_l_deg")[0][0].value == pytest.approx(
        knee.max(), abs=1e-6
    )
    force_n = truth.analysis.grf_world_n[:, :, 1].sum(1).max()
    assert truth.numbers("max grf_total_bw *N")[0][0].value == pytest.approx(
        force_n, rel=1e-6
    )
    assert truth.numbers("duration")[0][0].value == pytest.approx(
        truth.analysis.time_s[-1]
    )


def test_a_hidden_joint_has_no_truth() -> None:
    squat = clip("squat")
    squat.track.confidence[:, 15] = 0.0
    hidden = Truth(squat, summarise(squat, "squat"))
    with pytest.raises(Unseen):
        hidden.numbers("max ankle_dorsiflexion_l_deg")
    assert hidden.numbers("max ankle_dorsiflexion_r_deg")


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("I counted 5 repetitions at 2 s.", "right"),
        ("I counted 4 repetitions.", "wrong"),
        (
            "I cannot tell: the knee was not seen well enough in this clip.",
            "evaded",
        ),
    ],
)
def test_grading(truth: Truth, text: str, grade: str) -> None:
    assert grade_of("@count", text, truth) == grade


def test_half_an_answer_is_partly_right(truth: Truth) -> None:
    left = truth.numbers("max knee_flexion_l_deg r3")[0][0].value
    expected = "@max knee_flexion_l_deg r3 & @count"
    assert (
        grade_of(expected, f"Left knee bend: {left:.0f}°.", truth) == "partly"
    )
    assert (
        grade_of(expected, f"Left knee bend: {left:.0f}° of 5.", truth)
        == "right"
    )
    assert (
        grade_of(
            "!/harder/ & /seen/", "The left leg works harder, as seen.", truth
        )
        != "right"
    )


def test_a_false_figure_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that its own formula does not give is told as false."""
    from dataclasses import replace

    squat = clip("squat")
    summary = summarise(squat)
    wrong = tuple(
        replace(f, value=f.value + 7) if f.key == "knee_flexion_l.max" else f
        for f in summary.figures
    )
    said, false = say(
        Question("", "how far did my left knee bend?", ""),
        squat,
        replace(summary, figures=wrong),
    )
    assert false and "Left knee bend" in said


def test_the_files_are_apart_and_large_enough() -> None:
    seen, held = (
        read_questions(FOLDER / f"{name}.tsv") for name in ("seen", "held_out")
    )
    assert (
        len(seen) + len(held) >= 300
        and len(held) >= (len(seen) + len(held)) / 3.3
    )
    assert len({q.clip for q in (*seen, *held)}) >= 20
    assert not {(q.clip, q.text.lower()) for q in seen} & {
        (q.clip, q.text.lower()) for q in held
    }


def test_generated_clips_reach_the_goal() -> None:
    """Without the data beside the repository: the questions about two generated clips."""
    rows = [
        q
        for q in read_questions(FOLDER / "seen.tsv")
        if q.clip in ("gen_squat_front", "gen_curl")
    ]
    done = list(graded(rows))
    assert len(done) == len(rows) > 25
    assert sum(g.grade == "right" for g in done) >= 0.9 * len(done)
    assert not any(g.false for g in done)

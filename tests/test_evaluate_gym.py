"""`evaluate gym` on two tiny made tracks, and its scoring by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from video_clips import write_clip

from musclepose.errors import InputError
from musclepose.evaluate import main
from musclepose.evaluation.gym_labels import fault_names, read_labels
from musclepose.evaluation.gym_scene import (
    is_same_person,
    outcomes,
    print_scenes,
    told_of,
)
from musclepose.evaluation.gym_score import (
    ClipScore,
    calibration_error,
    overall,
    scene_told,
)
from musclepose.evaluation.gym_tracks import cached_analysis, read_track

FRAMES, RATE_HZ = 75, 30.0
# a standing person in a picture of 400 x 400: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles
STANDING = np.array(
    [
        *([200, 60], [204, 56], [196, 56], [210, 60], [190, 60]),
        *(
            [225, 100],
            [175, 100],
            [230, 150],
            [170, 150],
            [232, 195],
            [168, 195],
        ),
        *(
            [215, 200],
            [185, 200],
            [216, 275],
            [184, 275],
            [217, 345],
            [183, 345],
        ),
    ],
    float,
)


def _write_track(path: Path, points: np.ndarray) -> None:
    second = points + 1.0
    second[:, 0] = np.nan  # the second stage missed the nose
    np.savez(
        path,
        keypoints_px=points,
        confidence=np.full((FRAMES, 17), 0.9),
        time_s=np.arange(FRAMES) / RATE_HZ,
        size_px=np.array([400, 400]),
        second_px=second,
    )


def _entry(**changes: object) -> dict[str, object]:
    entry = {
        "class": "other",
        "wide": None,
        "count": 0,
        "split": "train",
        "source": "made",
    }
    return {
        **entry,
        "visible_faults": "clean",
        "camera": "fixed",
        "cuts_s": [],
        **changes,
    }


@pytest.fixture()
def folder(tmp_path: Path) -> Path:
    still = np.repeat(STANDING[None], FRAMES, axis=0)
    waving = still.copy()
    waving[:, 9, 1] -= 140 * np.sin(np.linspace(0, 4 * np.pi, FRAMES)) ** 2
    _write_track(tmp_path / "still.npz", still)
    _write_track(tmp_path / "waving.npz", waving)
    index = {
        "still": _entry(),
        "waving": _entry(split="validation", count=None),
    }
    (tmp_path / "index.json").write_text(
        json.dumps(index | {"not_there": _entry()})
    )
    return tmp_path


def test_both_clips_are_scored_and_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, cache = tmp_path / "figures.json", tmp_path / "cache"
    arguments = [
        "gym",
        "--data",
        str(folder),
        "--cache",
        str(cache),
        "--json",
        str(out),
    ]
    assert main(arguments) == 0
    figures = json.loads(out.read_text())
    assert set(figures["clips"]) == {"still", "waving"}
    assert (
        figures["train"]["clips"] == 1 and figures["validation"]["clips"] == 1
    )
    assert figures["overall"]["counted_clips"] == 1
    assert figures["clips"]["still"]["count"] == 0
    assert figures["overall"]["count_exact"] == 1.0
    assert "still" in capsys.readouterr().out


def test_the_flags_of_a_film_are_right_missed_false_or_none(
    folder: Path,
) -> None:
    cut = read_labels(folder)["still"]
    cut = replace(
        cut, scene={"cut": True, "moving camera": False, "support": True}
    )
    three = ("cut", "moving camera", "slow motion")
    assert outcomes(cut, {"cut", "slow motion"}, three) == {
        "cut": "right",
        "moving camera": "none",
    }
    assert outcomes(cut, {"moving camera"}, three) == {
        "cut": "missed",
        "moving camera": "false",
    }
    assert outcomes(cut, set())["support"] == "missed"


def test_a_film_that_is_refused_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / "still.mp4"
    film.write_bytes(b"no film")
    counts = print_scenes(
        {"still": film}, read_labels(folder), partial(told_of, folder)
    )
    assert "still" in (said := capsys.readouterr().out) and "refused" in said
    assert counts == {}


def test_another_person_is_not_the_labelled_one(folder: Path) -> None:
    labelled = read_track(folder / "waving.npz", "yolo")
    late = replace(
        labelled,
        time_s=labelled.time_s + 0.02,
        keypoints_px=labelled.keypoints_px + 10,
    )
    beside = replace(
        labelled, keypoints_px=labelled.keypoints_px + np.array([120.0, 0.0])
    )
    unseen = replace(
        labelled, keypoints_px=np.full_like(labelled.keypoints_px, np.nan)
    )
    assert is_same_person(labelled, labelled) and is_same_person(late, labelled)
    assert not is_same_person(beside, labelled) and not is_same_person(
        unseen, labelled
    )


def test_a_film_is_watched_beside_its_track(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two rooms, one after the other, and in the other film one room: the tracks say where the person is."""
    first, second = (rng_picture(seed) for seed in (1, 2))
    write_clip(tmp_path / "still.mp4", [first] * 40 + [second] * 35)
    write_clip(tmp_path / "waving.mp4", [first] * 75)
    arguments = [
        "gym",
        "--data",
        str(folder),
        "--cache",
        str(tmp_path / "cache"),
    ]
    assert (
        main([*arguments, "--videos", str(tmp_path), "--scene", "tracks"]) == 0
    )
    said = capsys.readouterr().out
    assert "still                  false cut" in said and "waving\n" in said
    row = next(
        line for line in said.splitlines() if line.startswith("train      cut")
    )
    assert row.split()[2:] == ["0", "0", "1", "0"]


def rng_picture(seed: int) -> np.ndarray:
    """A room of coloured blocks."""
    blocks = np.random.default_rng(seed).integers(
        0, 255, (8, 8, 3), dtype=np.uint8
    )
    return np.kron(blocks, np.ones((50, 50, 1), np.uint8))


def test_a_kept_analysis_is_the_same(folder: Path, tmp_path: Path) -> None:
    track, cache = read_track(folder / "still.npz"), tmp_path / "cache"
    first = cached_analysis(track, cache)
    again = cached_analysis(track, cache)
    assert len(list(cache.iterdir())) == 1
    assert again.athlete == first.athlete and again.quality == first.quality
    assert again.camera.centre_px == (200.0, 200.0)
    np.testing.assert_array_equal(again.q, first.q)
    np.testing.assert_array_equal(again.track.keypoints_px, track.keypoints_px)


def test_choice_of_keypoints(folder: Path) -> None:
    second = read_track(folder / "still.npz", "second")
    yolo = read_track(folder / "still.npz", "yolo")
    assert second.keypoints_px[0, 5].tolist() == [226.0, 101.0]
    assert yolo.keypoints_px[0, 5].tolist() == [225.0, 100.0]
    assert second.confidence[0, 0] == 0.0 and yolo.confidence[0, 0] == 0.9


def test_a_folder_without_labels_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gym", "--data", str(tmp_path)]) == 2
    assert "index.json" in capsys.readouterr().err


def test_words_of_faults() -> None:
    assert fault_names("clean") == ()
    assert fault_names("heels lift; hips rise first, back rounded") == (
        ("heel_lift",),
        ("hips_first",),
        ("rounded_back",),
    )
    with pytest.raises(InputError, match="wobbly"):
        fault_names("wobbly")


def test_scene_is_known_only_where_somebody_looked(folder: Path) -> None:
    (folder / "index.json").write_text(
        json.dumps({"a": _entry(cuts_s=[1.0], camera=None)})
    )
    assert read_labels(folder)["a"].scene == {"cut": True}


def test_scene_words() -> None:
    assert scene_told(["The hands carry too, so forces are not all."]) == {
        "support"
    }
    assert scene_told(["The video is cut off: 3 s are there."]) == set()
    assert scene_told(["There are 2 cuts; the longest shot was analysed."]) == {
        "cut"
    }


def _score(probability: float, right: bool, listed: bool = True) -> ClipScore:
    told = "squat" if right == listed else "other"
    return ClipScore(
        *(
            "train",
            "made",
            "squat" if listed else "other",
            told,
            probability,
            True,
            right,
            listed,
        ),
        *(
            3,
            4,
            False,
            True,
            0.1,
            0.2,
            (),
            ("side_lean",),
            1,
            (),
            (),
            ("cut",),
            ("support",),
            (),
        ),
    )


def test_overall_by_hand() -> None:
    scores = [
        _score(0.9, True),
        _score(0.9, False),
        _score(0.9, True, listed=False),
    ]
    figures = overall(scores)
    assert figures["exercise_accuracy"] == 0.5
    assert figures["other_accuracy"] == 1.0
    assert (figures["count_exact"], figures["count_within_one"]) == (0.0, 1.0)
    assert (figures["false_faults"], figures["missed_faults"]) == (3, 3)
    assert figures["scene_recall"] == 0.5
    # one row: probability 0.9, two of three right
    assert calibration_error(scores) == pytest.approx(0.9 - 2 / 3, abs=1e-4)


def test_heels_and_toes_come_with_the_second_stage_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.npz"
    _write_track(path, np.tile(STANDING, (FRAMES, 1, 1)))
    assert read_track(path).heel_toe_px is None
    feet = np.full((FRAMES, 4, 2), 350.0)
    with np.load(path) as data:
        arrays = dict(data)
    np.savez(
        path,
        **arrays,
        heel_toe_px=feet,
        heel_toe_visibility=np.full((FRAMES, 4), 0.8),
    )
    second = read_track(path)
    assert second.heel_toe_px is not None and np.array_equal(
        second.heel_toe_px, feet
    )
    assert read_track(path, "yolo").heel_toe_px is None

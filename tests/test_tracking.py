"""Following people through invented detections with a known truth."""

from __future__ import annotations

import numpy as np
import pytest

from musclepose.errors import InputError, NoPersonError
from musclepose.pose.detections import Detections
from musclepose.pose.tracking import MIN_JOINT_CONFIDENCE, PeopleTracker, box_iou, choose

RATE_HZ = 30.0
SIZE_PX = (1280, 720)
BODY = np.random.default_rng(1).uniform(0, 1, (17, 2))  # where the joints lie in a unit box
BODY[0], BODY[16] = 0.0, 1.0


def person_at(
    x_px: float, y_px: float = 200.0, height_px: float = 300.0, score: float = 0.9
) -> Detections:
    """One person whose box starts at x, y, 0.4 as wide as high."""
    size = np.array([0.4 * height_px, height_px])
    corner = np.array([x_px, y_px])
    return Detections(
        boxes_px=np.concatenate([corner, corner + size])[None],
        scores=np.array([score]),
        keypoints_px=(corner + BODY * size)[None],
        confidence=np.full((1, 17), 0.9),
    )


def together(*found: Detections) -> Detections:
    """All people of one picture in one record."""
    names = ("boxes_px", "scores", "keypoints_px", "confidence")
    if not found:
        return Detections(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 17, 2)), np.zeros((0, 17)))
    return Detections(*(np.concatenate([getattr(one, name) for one in found]) for name in names))


def follow(
    pictures: list[Detections], rate_hz: float = RATE_HZ
) -> tuple[PeopleTracker, np.ndarray]:
    """Run the tracker over all pictures; also returns their times (T,)."""
    tracker, times = PeopleTracker(), np.arange(len(pictures)) / rate_hz
    for frame, (time_s, found) in enumerate(zip(times, pictures, strict=True)):
        tracker.update(frame, float(time_s), found)
    return tracker, times


def test_largest_over_time_is_person_0_even_if_a_larger_one_passes_by() -> None:
    passer_by = {frame: person_at(900, 100, 500) for frame in range(20, 30)}
    pictures = [
        together(
            *([passer_by[frame]] if frame in passer_by else []),
            person_at(50, height_px=150),
            person_at(500),
        )
        for frame in range(60)
    ]
    tracker, times = follow(pictures)
    heights = [
        choose(tracker.ranked(), n, times, SIZE_PX).keypoints_px[25, 16, 1] for n in range(3)
    ]
    np.testing.assert_allclose(
        heights, [500, 600, 350]
    )  # 300 px for 60 pictures > 500 px for 10 > 150 px for 60
    track = choose(tracker.ranked(), 0, times, SIZE_PX)
    assert track.people == 3 and track.person == 0 and "the largest over time" in track.warnings[0]


def test_crossing_people_keep_their_identity_while_one_hides_the_other() -> None:
    # They walk towards each other at 240 px/s; the far one (first) is not detected while the near one covers it.
    noise = np.random.default_rng(2).normal(0, 2, (90, 2))
    far_x = 100 + 240 * np.arange(90) / RATE_HZ + noise[:, 0]
    near_x = 900 - 240 * np.arange(90) / RATE_HZ + noise[:, 1]
    pictures = []
    for far, near in zip(far_x, near_x, strict=True):
        both = [person_at(near, height_px=300), person_at(far, height_px=280)]
        pictures.append(together(*both[: 1 if abs(far - near) < 60 else 2]))
    assert sum(len(found) for found in pictures) < 175  # the hiding did happen
    tracker, times = follow(pictures)
    assert len(tracker.ranked()) == 2
    near_track, far_track = (choose(tracker.ranked(), n, times, SIZE_PX) for n in (0, 1))
    np.testing.assert_allclose(near_track.keypoints_px[:, 0, 0], near_x)
    seen = ~np.isnan(far_track.keypoints_px[:, 0, 0])
    np.testing.assert_allclose(far_track.keypoints_px[seen, 0, 0], far_x[seen])
    assert 60 < seen.sum() < 90
    assert any("overlapped this one around 1." in said for said in near_track.warnings)


def test_a_gap_stays_a_gap_and_the_person_stays_the_same() -> None:
    pictures = [together() if 20 <= frame < 50 else person_at(100 + frame) for frame in range(80)]
    tracker, times = follow(pictures)
    track = choose(tracker.ranked(), 0, times, SIZE_PX)
    assert track.people == 1
    assert np.isnan(track.keypoints_px[20:50]).all() and (track.confidence[20:50] == 0).all()
    assert (
        not np.isnan(track.keypoints_px[:20]).any() and not np.isnan(track.keypoints_px[50:]).any()
    )
    assert any("30 of 80 pictures" in said for said in track.warnings)


def test_who_comes_after_a_long_absence_is_someone_new() -> None:
    pictures = [together() if 20 <= frame < 120 else person_at(100) for frame in range(140)]
    assert len(follow(pictures)[0].ranked()) == 2
    assert (
        len(follow(pictures, rate_hz=60.0)[0].ranked()) == 1
    )  # the same pictures in half the time: 1.7 s away


def test_weak_detections_continue_a_person_but_start_none() -> None:
    pictures = [
        together(person_at(100, score=0.9 if frame < 10 else 0.3), person_at(700, score=0.4))
        for frame in range(30)
    ]
    tracker, _ = follow(pictures)
    assert [len(one.frames) for one in tracker.ranked()] == [30]


def test_the_same_body_found_twice_is_one_person() -> None:
    pictures = [together(person_at(100), person_at(110, 210, 180)) for _ in range(30)]
    tracker, _ = follow([person_at(100)] * 3 + pictures)
    assert len(tracker.ranked()) == 1


def test_weak_joints_are_masked_and_never_filled() -> None:
    found = person_at(100)
    found.confidence[0, 9] = MIN_JOINT_CONFIDENCE - 0.01
    found.confidence[0, 10] = MIN_JOINT_CONFIDENCE
    tracker, times = follow([found] * 10)
    track = choose(tracker.ranked(), 0, times, SIZE_PX)
    assert np.isnan(track.keypoints_px[:, 9]).all() and (track.confidence[:, 9] == 0).all()
    assert np.isfinite(np.delete(track.keypoints_px, 9, axis=1)).all()
    assert track.warnings == ()


def test_nobody_and_wrong_numbers_are_refused_in_one_sentence() -> None:
    tracker, times = follow([together()] * 10)
    with pytest.raises(NoPersonError, match=r"No person was found .*\.$"):
        choose(tracker.ranked(), 0, times, SIZE_PX)
    tracker, times = follow([together()] * 6 + [person_at(100)] * 4)  # a ghost of four pictures
    with pytest.raises(NoPersonError):
        choose(tracker.ranked(), 0, times, SIZE_PX)
    tracker, times = follow([person_at(100)] * 10)
    for wrong in (1, -1):
        with pytest.raises(InputError, match=f"person is {wrong}; 1 were followed: choose 0 to 0"):
            choose(tracker.ranked(), wrong, times, SIZE_PX)


def test_box_iou_by_hand() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], float)
    np.testing.assert_allclose(box_iou(boxes[:1], boxes), [[1, 1 / 3, 0]])


def test_half_a_body_beside_the_whole_is_no_second_person() -> None:
    """The detector may show the upper half alone for some pictures, then both, then the whole again."""
    whole = [person_at(300.0 + 2 * n) for n in range(30)]
    pictures = []
    for n, one in enumerate(whole):
        box, confidence = one.boxes_px.copy(), one.confidence.copy()
        box[:, 3] = 0.5 * (box[:, 1] + box[:, 3])
        confidence[:, 11:] = 0.1
        half = Detections(box, one.scores, one.keypoints_px + 1.0, confidence)
        pictures.append(one if n < 10 or n >= 20 else half if n < 14 else together(half, one))
    tracker, times = follow(pictures)
    assert [len(person.frames) for person in tracker.ranked()] == [30]
    track = choose(tracker.ranked(), 0, times, SIZE_PX)
    assert np.isfinite(
        track.keypoints_px[14:, 15]
    ).all()  # the whole body counts where both are there
    apart = [together(person_at(300.0), person_at(330.0)) for _ in range(10)]
    assert len(follow(apart)[0].ranked()) == 2

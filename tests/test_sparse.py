"""A detector on every few pictures: what lies between is interpolated, and doubt is looked at. All by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from musclepose.pose.detections import Detections, Picture
from musclepose.pose.sparse import detect_sparsely


def people(*lefts_px: float, tops_px: float = 0.0) -> Detections:
    """One person for each left edge: a box of 40 x 100, joints spread over its middle, confidence left / 1000."""
    count = len(lefts_px)
    left = np.array(lefts_px, float).reshape(count, 1)
    top = np.full((count, 1), tops_px)
    boxes = np.hstack([left, top, left + 40, top + 100])
    middles = np.repeat(
        ((boxes[:, :2] + boxes[:, 2:]) / 2)[:, None], 17, axis=1
    )
    # Spread over the box, so that two boxes never count as one body found twice.
    joints = middles + np.linspace(-15, 15, 17)[:, None]
    confidence = np.repeat(left / 1000, 17, axis=1)
    return Detections(boxes, np.full(count, 0.9), joints, confidence)


class Scripted:
    """Answers by the number that stands in a picture, and notes what it was asked."""

    name, batch_size, input_side_px = "scripted", 4, 640

    def __init__(self, answers: Sequence[Detections]) -> None:
        self.answers, self.asked = answers, list[int]()

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        numbers = [int(picture[0, 0, 0]) for picture in pictures]
        self.asked += numbers
        return [self.answers[number] for number in numbers]


def run(
    answers: Sequence[Detections],
    every: int,
    times_s: Sequence[float] | None = None,
):
    pictures = [
        np.full((2, 2, 3), number, np.uint8) for number in range(len(answers))
    ]
    detector = Scripted(answers)
    times = times_s or [number / 30 for number in range(len(answers))]
    return detect_sparsely(pictures, times, detector, every), sorted(
        detector.asked
    )


def test_between_two_looks_people_are_interpolated_in_time() -> None:
    """The order of the second answer is another one; the time stamps are not even."""
    shown = [people(300, 600), people(), people(), people(616, 308)]
    found, asked = run(shown, 3, [0.0, 0.025, 0.05, 0.1])
    assert asked == [0, 3]
    np.testing.assert_allclose(
        found[1].boxes_px[:, 0], [302, 604]
    )  # a quarter of the way
    np.testing.assert_allclose(found[2].boxes_px[:, 0], [304, 608])
    np.testing.assert_allclose(found[2].keypoints_px[0, 8], [324, 50])
    np.testing.assert_allclose(found[2].confidence[:, 0], [0.304, 0.608])


def test_every_picture_is_looked_at_when_asked() -> None:
    shown = [people(300.0 + number) for number in range(5)]
    found, asked = run(shown, 1)
    assert asked == [0, 1, 2, 3, 4]
    assert [one.boxes_px[0, 0] for one in found] == [300, 301, 302, 303, 304]


@pytest.mark.parametrize(
    "last",
    [people(), people(300, 600), people(500)],
    ids=["someone leaves", "someone comes", "too far"],
)
def test_where_people_change_every_picture_is_looked_at(
    last: Detections,
) -> None:
    shown = [people(300.0), people(301.0), people(302.0), last]
    found, asked = run(shown, 3)
    assert asked == [0, 1, 2, 3]
    assert [one.boxes_px[0, 0] for one in found[:3]] == [300, 301, 302]


def test_a_body_found_twice_is_one() -> None:
    """The second detection lies on the first, a little less sure: no second person, no second look."""
    twice = people(302.0, 301.0)
    found, asked = run([people(300.0), people(), people(), twice], 3)
    assert asked == [0, 3] and [len(one) for one in found] == [1, 1, 1, 2]
    np.testing.assert_allclose(found[1].boxes_px[0, 0], 300 + 2 / 3)


def test_the_last_pictures_and_none() -> None:
    assert run([], 3)[0] == []
    found, asked = run([people(300.0)] * 5, 3)
    assert asked == [0, 3, 4] and len(found) == 5

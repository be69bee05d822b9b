"""A detector on every few pictures. Between two of them people move little: what lies between is interpolated.

Where the two pictures do not show the same people, the detector looks at those between them too; so nobody who comes,
leaves or moves far is interpolated, and nobody is lost for longer than without this.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from musclepose.pose.detections import Array, Detections, Picture, PoseDetector
from musclepose.pose.pairing import box_iou, doubles

SAME_PERSON_IOU = 0.3  # boxes of one person in two looked-at pictures overlap by this at least


def detect_sparsely(
    pictures: Sequence[Picture],
    times_s: Sequence[float],
    detector: PoseDetector,
    every: int,
) -> list[Detections]:
    """Detections of each of N consecutive pictures; the detector sees the first, the last, and every `every`-th."""
    if not pictures:
        return []
    last = len(pictures) - 1
    looked_at = sorted({*range(0, last, every), last})
    answers = detector.detect([pictures[index] for index in looked_at])
    found = dict(zip(looked_at, answers, strict=True))
    bodies = {index: one.of(~doubles(one)) for index, one in found.items()}
    orders = {
        span: _same_people(bodies[span[0]], bodies[span[1]])
        for span in pairwise(looked_at)
    }
    doubtful = [
        index
        for span, order in orders.items()
        if order is None
        for index in _inside(span)
    ]
    found |= dict(
        zip(
            doubtful,
            detector.detect([pictures[index] for index in doubtful]),
            strict=True,
        )
    )
    for span, order in orders.items():
        if order is not None:
            first, second = bodies[span[0]], bodies[span[1]].of(order)
            start_s, end_s = times_s[span[0]], times_s[span[1]]
            for index in _inside(span):
                share = (times_s[index] - start_s) / (end_s - start_s)
                found[index] = _between(first, second, share)
    return [found[index] for index in range(len(pictures))]


def _inside(span: tuple[int, int]) -> range:
    """Indices strictly between the two."""
    return range(span[0] + 1, span[1])


def _same_people(
    first: Detections, second: Detections
) -> NDArray[np.intp] | None:
    """For each of the first's people, its index in the second; None unless all of both pair up."""
    if len(first) != len(second):
        return None
    iou = box_iou(first.boxes_px, second.boxes_px)
    rows, columns = linear_sum_assignment(-iou)
    if (iou[rows, columns] < SAME_PERSON_IOU).any():
        return None
    return np.asarray(columns)


def _between(first: Detections, second: Detections, share: float) -> Detections:
    """The same people at `share` of the way from the first to the second."""

    def mix(a: Array, b: Array) -> Array:
        return (1.0 - share) * a + share * b

    return Detections(
        mix(first.boxes_px, second.boxes_px),
        mix(first.scores, second.scores),
        mix(first.keypoints_px, second.keypoints_px),
        mix(first.confidence, second.confidence),
    )

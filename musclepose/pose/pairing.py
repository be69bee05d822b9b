"""Which detection of a picture is which body: overlap of boxes, distance of joints, bodies found twice. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musclepose.pose.detections import Array, Detections

MIN_JOINT_CONFIDENCE = (
    0.3  # below, a joint counts as not seen: NaN, confidence 0
)
DOUBLE_JOINTS = (
    5  # joints that two detections share before they can be one body
)
DOUBLE_DISTANCE = 0.04  # median distance of those joints, shares of the longest side of the boxes
DOUBLE_DISTANCE_INSIDE = (
    0.08  # the same where one box lies in the other: lying bodies are found so
)
DOUBLE_INSIDE = 0.85  # share of a box that lies in another one
INSIDE_SHARE = 0.7  # a new box that lies in a known person's box by this share is that person
_LARGEST_SIZE_STEP = float(
    np.log(2.5)
)  # ratio of sizes at which nothing fits any more


def box_iou(first: Array, second: Array) -> Array:
    """(N, M) intersection over union of boxes (N, 4) and (M, 4)."""
    overlap = _overlap(first, second)
    union = box_area(first)[:, None] + box_area(second)[None] - overlap
    return overlap / np.maximum(union, 1e-9)


def box_area(boxes: Array) -> Array:
    """(...) areas of boxes (..., 4)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def box_size(boxes: Array) -> Array:
    """(...) square roots of the areas of boxes (..., 4): a length that bending changes little."""
    return np.sqrt(np.maximum(box_area(boxes), 1.0))


def inside_share(first: Array, second: Array) -> Array:
    """(N, M) shares of the boxes (N, 4) that lie in the boxes (M, 4)."""
    return _overlap(first, second) / np.maximum(box_area(first), 1e-9)[:, None]


def _overlap(first: Array, second: Array) -> Array:
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    return np.clip(high - low, 0, None).prod(axis=2)


def joint_distance(
    keypoints_px: Array,
    confidence: Array,
    other_px: Array,
    other_confidence: Array,
) -> tuple[Array, NDArray[np.int_]]:
    """Median distance (px) of the joints that both show, inf where none, and how many. (..., 17, 2) and (..., 17)."""
    shared = (confidence >= MIN_JOINT_CONFIDENCE) & (
        other_confidence >= MIN_JOINT_CONFIDENCE
    )
    apart = np.linalg.norm(keypoints_px - other_px, axis=-1)
    ordered = np.sort(np.where(shared, apart, np.inf), axis=-1)
    count = shared.sum(axis=-1)
    middle = np.maximum(count - 1, 0)[..., None] // 2
    return np.take_along_axis(ordered, middle, axis=-1)[..., 0], count


def doubles(found: Detections) -> NDArray[np.bool_]:
    """(N,) detections of a body that another one shows more surely (its upper half with legs squeezed in, say).

    Their boxes overlap too little for the detector's own suppression, but most joints that both show coincide.
    """
    double = np.zeros(len(found), bool)
    if len(found) < 2:
        return double
    longest = np.max(found.boxes_px[:, 2:] - found.boxes_px[:, :2], axis=1)
    sureness = found.confidence.sum(axis=1)
    inside = inside_share(found.boxes_px, found.boxes_px)
    apart, shared = joint_distance(
        found.keypoints_px[:, None],
        found.confidence[:, None],
        found.keypoints_px[None],
        found.confidence[None],
    )
    for first, second in zip(*np.triu_indices(len(found), 1), strict=True):
        is_inside = (
            max(inside[first, second], inside[second, first]) > DOUBLE_INSIDE
        )
        share = DOUBLE_DISTANCE_INSIDE if is_inside else DOUBLE_DISTANCE
        coincide = apart[first, second] < share * max(
            longest[first], longest[second]
        )
        if coincide and shared[first, second] >= DOUBLE_JOINTS:
            double[first if sureness[first] < sureness[second] else second] = (
                True
            )
    return double


def pair_cost(
    expected_boxes: Array,
    expected_px: Array,
    expected_confidence: Array,
    grown: Array,
    found: Detections,
) -> Array:
    """(P, N) how badly each of N detections continues each of P people; 0 fits, above 1 nothing fits.

    cost = (1 - IoU(box, expected box)) / 2 + min(1, joint distance / reach) / 2 + (size step / largest step)^2 / 2
    where the reach is half the diagonal of the expected box times `grown` (P,).
    """
    sides = expected_boxes[:, 2:] - expected_boxes[:, :2]
    reach = np.maximum(grown * np.hypot(sides[:, 0], sides[:, 1]) / 2, 1.0)
    shared = (expected_confidence[:, None] >= MIN_JOINT_CONFIDENCE) & (
        found.confidence[None] >= MIN_JOINT_CONFIDENCE
    )
    apart = np.linalg.norm(
        expected_px[:, None] - found.keypoints_px[None], axis=-1
    )
    mean = (apart * shared).sum(axis=2) / np.maximum(shared.sum(axis=2), 1)
    joints = np.where(
        shared.any(axis=2), np.minimum(mean / reach[:, None], 1.0), 1.0
    )
    step = np.log(
        box_size(found.boxes_px)[None] / box_size(expected_boxes)[:, None]
    )
    overlap = (1 - box_iou(expected_boxes, found.boxes_px)) / 2
    return overlap + joints / 2 + (step / _LARGEST_SIZE_STEP) ** 2 / 2

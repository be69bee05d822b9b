"""Follow people from picture to picture, and choose one. Pure numpy: no detector, no video.

Each followed person is predicted forward at its own smoothed velocity; predictions and new detections are paired by the
Hungarian method with the cost

    cost = (1 - IoU(box, predicted box)) / 2 + min(1, keypoint distance / reach) / 2

where the reach is half the diagonal of the last box, growing to twice that while the person is unseen.

Which person is person 0 follows one rule: the largest box area, summed over all pictures in which it was seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from musclepose.errors import InputError, NoPersonError
from musclepose.pose.detections import Array, Detections
from musclepose.records import PoseTrack

MIN_JOINT_CONFIDENCE = 0.3  # below, a joint counts as not seen: NaN, confidence 0
NEW_PERSON_SCORE = 0.5  # a weaker detection may continue a person, never start one
MAX_COST = 0.85
MAX_GAP_S = 3.0  # unseen for longer, a person has left; who appears then is someone new
COAST_S = 0.5  # an unseen person is moved on at its velocity for this long, then waits in place
VELOCITY_MEMORY_S = 0.2
DOUBLE_JOINTS = 5  # joints that two detections share before they can be one body
DOUBLE_DISTANCE = (
    0.04  # median distance of those joints, shares of the taller box, below which they are
)
MIN_SEEN_FRAMES = 5  # fewer are a ghost of the detector
INSIDE_SHARE = (
    0.7  # a new box that lies in another person's box by this share is the same person, found twice
)
SWAP_IOU = 0.4  # boxes that overlap more than this may have exchanged their owners
MISSING_SHARE_WARNED = 0.1


@dataclass
class FollowedPerson:
    """One person through the clip; the arrays grow by one entry for each picture in which it was seen."""

    frames: list[int] = field(default_factory=list)
    boxes_px: list[Array] = field(default_factory=list)  # (4,)
    keypoints_px: list[Array] = field(default_factory=list)  # (17, 2)
    confidence: list[Array] = field(default_factory=list)  # (17,)
    seen_s: float = 0.0  # time of the last sighting
    velocity_px_s: Array = field(default_factory=lambda: np.zeros(2))
    overlaps_s: list[float] = field(
        default_factory=list
    )  # times at which another person's box covered this one

    def shift_px(self, time_s: float) -> Array:
        """(2,) how far it has moved since it was last seen, at its own velocity."""
        return self.velocity_px_s * min(time_s - self.seen_s, COAST_S)

    def predicted_box_px(self, time_s: float) -> Array:
        """(4,) where its box should be now."""
        return self.boxes_px[-1] + np.tile(self.shift_px(time_s), 2)

    def see(self, frame: int, time_s: float, found: Detections, index: int) -> None:
        """Take detection `index` as this person."""
        box = found.boxes_px[index]
        if self.frames and time_s - self.seen_s <= COAST_S:
            gap_s = time_s - self.seen_s
            moved = (box - self.boxes_px[-1]).reshape(2, 2).mean(axis=0)
            share = min(1.0, gap_s / VELOCITY_MEMORY_S)
            self.velocity_px_s = (1 - share) * self.velocity_px_s + share * moved / gap_s
        else:
            self.velocity_px_s = np.zeros(2)
        self.frames.append(frame)
        self.boxes_px.append(box)
        self.keypoints_px.append(found.keypoints_px[index])
        self.confidence.append(found.confidence[index])
        self.seen_s = time_s

    @property
    def area_sum_px2(self) -> float:
        """Box area summed over the pictures in which it was seen."""
        boxes = np.array(self.boxes_px)
        return float(((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sum())


class PeopleTracker:
    """Feed it the detections of every picture in order; ask `ranked()` at the end."""

    def __init__(self) -> None:
        self.people: list[FollowedPerson] = []

    def update(self, frame: int, time_s: float, found: Detections) -> list[FollowedPerson | None]:
        """Assign the N detections of one picture; returns the person of each, None for a weak one that fits nobody."""
        once = ~_doubles(found)
        owners: list[FollowedPerson | None] = [None] * len(found)
        for index, owner in zip(
            np.flatnonzero(once), self._update(frame, time_s, found.of(once)), strict=True
        ):
            owners[index] = owner
        return owners

    def _update(self, frame: int, time_s: float, found: Detections) -> list[FollowedPerson | None]:
        """The same for detections of different bodies."""
        alive = [person for person in self.people if time_s - person.seen_s <= MAX_GAP_S]
        owners: list[FollowedPerson | None] = [None] * len(found)
        for person_index, index in _pair(alive, found, time_s):
            owners[index] = alive[person_index]
        self._note_overlaps(alive, time_s)
        taken = found.boxes_px[[index for index, owner in enumerate(owners) if owner is not None]]
        for index, owner in enumerate(owners):
            strong = found.scores[index] >= NEW_PERSON_SCORE
            if owner is None and strong and not _lies_inside(found.boxes_px[index], taken):
                owner = owners[index] = FollowedPerson()
                self.people.append(owner)
            if owner is not None:
                owner.see(frame, time_s, found, index)
        return owners

    def _note_overlaps(self, alive: list[FollowedPerson], time_s: float) -> None:
        """Remember when two people's predicted boxes cover each other: their identities may be exchanged there."""
        current = [
            person
            for person in alive
            if time_s - person.seen_s <= COAST_S and len(person.frames) > 1
        ]
        if len(current) < 2:
            return
        boxes = np.array([person.predicted_box_px(time_s) for person in current])
        iou = box_iou(boxes, boxes) - np.eye(len(current))
        for person, most in zip(current, iou.max(axis=1), strict=True):
            if most > SWAP_IOU:
                person.overlaps_s.append(time_s)

    def ranked(self) -> list[FollowedPerson]:
        """People seen in enough pictures, largest summed box area first."""
        seen = [person for person in self.people if len(person.frames) >= MIN_SEEN_FRAMES]
        return sorted(seen, key=lambda person: -person.area_sum_px2)


def _doubles(found: Detections) -> NDArray[np.bool_]:
    """(N,) detections of a body that another one shows more surely (its upper half with legs squeezed in, say).

    Their boxes overlap too little for the detector's own suppression, but most joints that both show coincide.
    """
    seen = found.confidence >= MIN_JOINT_CONFIDENCE
    height = found.boxes_px[:, 3] - found.boxes_px[:, 1]
    double = np.zeros(len(found), bool)
    for first in range(len(found)):
        for second in range(first + 1, len(found)):
            shared = seen[first] & seen[second]
            if shared.sum() < DOUBLE_JOINTS:
                continue
            apart = np.linalg.norm(found.keypoints_px[first] - found.keypoints_px[second], axis=-1)[
                shared
            ]
            if np.median(apart) < DOUBLE_DISTANCE * max(height[first], height[second]):
                less_sure = found.confidence[first].sum() < found.confidence[second].sum()
                double[first if less_sure else second] = True
    return double


def _lies_inside(box: Array, others: Array) -> bool:
    """True if the box (4,) lies by INSIDE_SHARE of its area in one of the others (N, 4)."""
    overlap = np.clip(
        np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]), 0, None
    ).prod(axis=1)
    return bool((overlap > INSIDE_SHARE * (box[2:] - box[:2]).prod()).any())


def box_iou(first: Array, second: Array) -> Array:
    """(N, M) intersection over union of boxes (N, 4) and (M, 4)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    overlap = np.clip(high - low, 0, None).prod(axis=2)
    area_first, area_second = ((box[:, 2:] - box[:, :2]).prod(axis=1) for box in (first, second))
    return overlap / np.maximum(area_first[:, None] + area_second[None] - overlap, 1e-9)


def _keypoint_distance(person: FollowedPerson, found: Detections, time_s: float) -> Array:
    """(N,) mean distance of jointly seen joints over the reach, at most 1; 1 where no joint is shared."""
    box = person.boxes_px[-1]
    grown = 1 + min((time_s - person.seen_s) / COAST_S, 1.0)
    reach_px = grown * max(1.0, float(np.hypot(*(box[2:] - box[:2]))) / 2)
    expected = person.keypoints_px[-1] + person.shift_px(time_s)
    shared = (found.confidence >= MIN_JOINT_CONFIDENCE) & (
        person.confidence[-1] >= MIN_JOINT_CONFIDENCE
    )
    distance = np.linalg.norm(found.keypoints_px - expected, axis=-1)
    mean = (distance * shared).sum(axis=1) / np.maximum(shared.sum(axis=1), 1)
    return np.where(shared.any(axis=1), np.minimum(mean / reach_px, 1.0), 1.0)


def _pair(alive: list[FollowedPerson], found: Detections, time_s: float) -> list[tuple[int, int]]:
    """Best (person, detection) pairs, each used once, none dearer than MAX_COST."""
    if not alive or not len(found):
        return []
    predicted = np.array([person.predicted_box_px(time_s) for person in alive])
    keypoint_cost = np.stack([_keypoint_distance(person, found, time_s) for person in alive])
    cost = (1 - box_iou(predicted, found.boxes_px)) / 2 + keypoint_cost / 2
    rows, columns = linear_sum_assignment(np.where(cost <= MAX_COST, cost, 1e3))
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if cost[row, column] <= MAX_COST
    ]


def choose(
    people: list[FollowedPerson], person: int, time_s: Array, size_px: tuple[int, int]
) -> PoseTrack:
    """PoseTrack of one of the ranked people over all T pictures; what was not seen is NaN with confidence 0."""
    if not people:
        raise NoPersonError(
            "No person was found in the video; film one person with the whole body in the picture and good light."
        )
    if not 0 <= person < len(people):
        raise InputError(
            f"person is {person}; {len(people)} were followed: choose 0 to {len(people) - 1}."
        )
    chosen = people[person]
    keypoints = np.full((len(time_s), 17, 2), np.nan)
    confidence = np.zeros((len(time_s), 17))
    keypoints[chosen.frames], confidence[chosen.frames] = chosen.keypoints_px, chosen.confidence
    unseen = confidence < MIN_JOINT_CONFIDENCE
    keypoints[unseen], confidence[unseen] = np.nan, 0.0
    warnings = _warnings(people, person, time_s)
    return PoseTrack(
        keypoints, np.clip(confidence, 0, 1), time_s, size_px, len(people), person, warnings
    )


def _warnings(people: list[FollowedPerson], person: int, time_s: Array) -> tuple[str, ...]:
    """What the reader must know about the choice, the gaps and possible exchanges of identity."""
    chosen, said = people[person], []
    if len(people) > 1:
        rule = (
            "the largest over time"
            if person == 0
            else f"number {person} in order of size over time (0 = largest)"
        )
        said.append(f"{len(people)} people were followed; this is {rule}.")
    missing = len(time_s) - len(chosen.frames)
    if missing > MISSING_SHARE_WARNED * len(time_s):
        first_s, last_s = time_s[chosen.frames[0]], time_s[chosen.frames[-1]]
        said.append(
            f"The person was not found in {missing} of {len(time_s)} pictures (seen from {first_s:.1f} s to "
            f"{last_s:.1f} s); they are left as gaps."
        )
    if chosen.overlaps_s:
        when = f"around {chosen.overlaps_s[0]:.1f} s"
        said.append(
            f"Another person overlapped this one {when}; from there on the two may be exchanged."
        )
    return tuple(said)

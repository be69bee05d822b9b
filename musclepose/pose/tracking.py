"""Follow people from picture to picture. Pure numpy: no detector, no video.

Each followed person is predicted forward at its own smoothed velocity, with the size that it had lately; predictions
and new detections are paired by the Hungarian method with the cost of `pairing.pair_cost`. Pieces of one person are
put together afterwards (`rejoin`), and people are put in order (`ranking`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from musclepose.pose.detections import Array, Detections
from musclepose.pose.pairing import (
    INSIDE_SHARE,
    box_iou,
    doubles,
    inside_share,
    pair_cost,
)
from musclepose.pose.portrait import Portrait

NEW_PERSON_SCORE = (
    0.5  # a weaker detection may continue a person, never start one
)
MAX_COST = 0.85
MAX_GAP_S = (
    3.0  # unseen for longer, a person has left; who appears then is someone new
)
COAST_S = 0.5  # an unseen person is moved on at its velocity for this long, then waits in place
VELOCITY_MEMORY_S = 0.2
SIZE_MEMORY = 9  # sightings whose median is a person's present size
SWAP_IOU = (
    0.4  # boxes that overlap more than this may have exchanged their owners
)


@dataclass
class FollowedPerson:
    """One person through the clip; the arrays grow by one entry for each picture in which it was seen."""

    frames: list[int] = field(default_factory=list)
    boxes_px: list[Array] = field(default_factory=list)  # (4,)
    keypoints_px: list[Array] = field(default_factory=list)  # (17, 2)
    confidence: list[Array] = field(default_factory=list)  # (17,)
    portrait: Portrait = field(default_factory=Portrait)
    seen_s: float = 0.0  # time of the last sighting
    velocity_px_s: Array = field(default_factory=lambda: np.zeros(2))
    overlaps_s: list[float] = field(
        default_factory=list
    )  # times at which another person's box covered this one

    def shift_px(self, time_s: float) -> Array:
        """(2,) how far it has moved since it was last seen, at its own velocity."""
        return self.velocity_px_s * min(time_s - self.seen_s, COAST_S)

    def predicted_box_px(self, time_s: float) -> Array:
        """(4,) where its box should be now: of the size that it had lately, about the middle of the last one.

        The last size alone would follow one picture in which half of the body was found, and refuse the next.
        """
        last = self.boxes_px[-1]
        sides = np.array(
            [box[2:] - box[:2] for box in self.boxes_px[-SIZE_MEMORY:]]
        )
        half = np.median(sides, axis=0) / 2
        middle = (last[:2] + last[2:]) / 2 + self.shift_px(time_s)
        return np.concatenate([middle - half, middle + half])

    def see(
        self, frame: int, time_s: float, found: Detections, index: int
    ) -> None:
        """Take detection `index` as this person."""
        box = found.boxes_px[index]
        if self.frames and time_s - self.seen_s <= COAST_S:
            gap_s = time_s - self.seen_s
            moved = (box - self.boxes_px[-1]).reshape(2, 2).mean(axis=0)
            share = min(1.0, gap_s / VELOCITY_MEMORY_S)
            self.velocity_px_s = (
                1 - share
            ) * self.velocity_px_s + share * moved / gap_s
        else:
            self.velocity_px_s = np.zeros(2)
        self.frames.append(frame)
        self.boxes_px.append(box)
        self.keypoints_px.append(found.keypoints_px[index])
        self.confidence.append(found.confidence[index])
        self.seen_s = time_s


class PeopleTracker:
    """Feed it the detections of every picture in order; ask for `people` at the end."""

    def __init__(self) -> None:
        self.people: list[FollowedPerson] = []

    def update(
        self, frame: int, time_s: float, found: Detections
    ) -> list[FollowedPerson | None]:
        """Assign the N detections of one picture; returns the person of each, None for a weak one that fits nobody."""
        once = ~doubles(found)
        owners: list[FollowedPerson | None] = [None] * len(found)
        for index, owner in zip(
            np.flatnonzero(once),
            self._update(frame, time_s, found.of(once)),
            strict=True,
        ):
            owners[index] = owner
        return owners

    def _update(
        self, frame: int, time_s: float, found: Detections
    ) -> list[FollowedPerson | None]:
        """The same for detections of different bodies."""
        alive = [
            person
            for person in self.people
            if time_s - person.seen_s <= MAX_GAP_S
        ]
        owners: list[FollowedPerson | None] = [None] * len(found)
        for person_index, index in _pair(alive, found, time_s):
            owners[index] = alive[person_index]
        self._note_overlaps(alive, time_s)
        known = self._known_boxes(alive, owners, found, time_s)
        for index, owner in enumerate(owners):
            strong = found.scores[index] >= NEW_PERSON_SCORE
            is_part = (
                inside_share(found.boxes_px[index][None], known) > INSIDE_SHARE
            ).any()
            if owner is None and strong and not is_part:
                owner = owners[index] = FollowedPerson()
                self.people.append(owner)
            if owner is not None:
                owner.see(frame, time_s, found, index)
        return owners

    def _known_boxes(
        self,
        alive: list[FollowedPerson],
        owners: list[FollowedPerson | None],
        found: Detections,
        time_s: float,
    ) -> Array:
        """(K, 4) boxes in which nobody new begins: those taken in this picture, and of people just lost from sight."""
        taken = [
            found.boxes_px[index]
            for index, owner in enumerate(owners)
            if owner is not None
        ]
        lost = [
            person.predicted_box_px(time_s)
            for person in alive
            if time_s - person.seen_s <= COAST_S
            and all(person is not owner for owner in owners)
        ]
        return np.array(taken + lost).reshape(-1, 4)

    def _note_overlaps(
        self, alive: list[FollowedPerson], time_s: float
    ) -> None:
        """Remember when two people's predicted boxes cover each other: their identities may be exchanged there."""
        current = [
            person
            for person in alive
            if time_s - person.seen_s <= COAST_S and len(person.frames) > 1
        ]
        if len(current) < 2:
            return
        boxes = np.array(
            [person.predicted_box_px(time_s) for person in current]
        )
        iou = box_iou(boxes, boxes) - np.eye(len(current))
        for person, most in zip(current, iou.max(axis=1), strict=True):
            if most > SWAP_IOU:
                person.overlaps_s.append(time_s)


def _pair(
    alive: list[FollowedPerson], found: Detections, time_s: float
) -> list[tuple[int, int]]:
    """Best (person, detection) pairs, each used once, none dearer than MAX_COST."""
    if not alive or not len(found):
        return []
    cost = pair_cost(
        np.array([person.predicted_box_px(time_s) for person in alive]),
        np.array(
            [
                person.keypoints_px[-1] + person.shift_px(time_s)
                for person in alive
            ]
        ),
        np.array([person.confidence[-1] for person in alive]),
        np.array(
            [
                1 + min((time_s - person.seen_s) / COAST_S, 1.0)
                for person in alive
            ]
        ),
        found,
    )
    rows, columns = linear_sum_assignment(np.where(cost <= MAX_COST, cost, 1e3))
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if cost[row, column] <= MAX_COST
    ]

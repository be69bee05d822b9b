"""Following people through invented detections with a known truth."""

from __future__ import annotations

import numpy as np
import pytest

from musclepose.errors import InputError, NoPersonError
from musclepose.pose.choice import choose
from musclepose.pose.detections import Detections
from musclepose.pose.pairing import MIN_JOINT_CONFIDENCE, box_iou
from musclepose.pose.ranking import ranked
from musclepose.pose.rejoin import rejoin
from musclepose.pose.tracking import FollowedPerson, PeopleTracker

RATE_HZ = 30.0
SIZE_PX = (1280, 720)
BODY = np.random.default_rng(1).uniform(
    0, 1, (17, 2)
)  # where the joints lie in a unit box
BODY[0], BODY[16] = 0.0, 1.0


def person_at(
    x_px: float,
    y_px: float = 200.0,
    height_px: float = 300.0,
    score: float = 0.9,
    body: np.ndarray = BODY,
) -> Detections:
    """One person whose box starts at x, y, 0.4 as wide as high; the joints `body` (17, 2) in a unit box."""
    size = np.array([0.4 * height_px, height_px])
    corner = np.array([x_px, y_px])
    return Detections(
        boxes_px=np.concatenate([corner, corner + size])[None],
        scores=np.array([score]),
        keypoints_px=(corner + body * size)[None],
        confidence=np.full((1, 17), 0.9),
    )


def together(*found: Detections) -> Detections:
    """All people of one picture in one record."""
    names = ("boxes_px", "scores", "keypoints_px", "confidence")
    if not found:
        return Detections(
            np.zeros((0, 4)),
            np.zeros(0),
            np.zeros((0, 17, 2)),
            np.zeros((0, 17)),
        )
    return Detections(
        *(
            np.concatenate([getattr(one, name) for one in found])
            for name in names
        )
    )


def exercising(
    time_s: float, period_s: float = 1.5, reach: float = 0.25
) -> np.ndarray:
    """(17, 2) joints in a unit box: left wrist and elbow go up and down, the right knee and ankle sideways."""
    body, phase = BODY.copy(), np.sin(2 * np.pi * time_s / period_s)
    body[[7, 9], 1] += reach * phase
    body[[14, 16], 0] -= 2 * reach * (1 + phase)
    return body


def run_tracker(
    pictures: list[Detections], rate_hz: float = RATE_HZ
) -> tuple[list[FollowedPerson], np.ndarray]:
    """Pieces as the tracker leaves them, and the times (T,)."""
    tracker, times = PeopleTracker(), np.arange(len(pictures)) / rate_hz
    for frame, (time_s, found) in enumerate(zip(times, pictures, strict=True)):
        tracker.update(frame, float(time_s), found)
    return tracker.people, times


def follow(
    pictures: list[Detections], rate_hz: float = RATE_HZ
) -> tuple[list[FollowedPerson], np.ndarray]:
    """People in order, put together from their pieces; and the times (T,)."""
    pieces, times = run_tracker(pictures, rate_hz)
    return ranked(rejoin(pieces, times), times, SIZE_PX), times


def test_of_those_who_stand_size_and_time_and_place_decide() -> None:
    passer_by = {frame: person_at(900, 100, 500) for frame in range(20, 30)}
    pictures = [
        together(
            *([passer_by[frame]] if frame in passer_by else []),
            person_at(50, height_px=150),
            person_at(500),
        )
        for frame in range(60)
    ]
    people, times = follow(pictures)
    heights = [
        choose(people, n, times, SIZE_PX).keypoints_px[25, 16, 1]
        for n in range(3)
    ]
    np.testing.assert_allclose(
        heights, [500, 350, 600]
    )  # pictures x size x place: 60 x 300 x 0.9, 60 x 150 x 0.6, 10 x 500 x 0.6
    track = choose(people, 0, times, SIZE_PX)
    assert (
        track.people == 3
        and track.person == 0
        and "the one who moves most" in track.warnings[0]
    )


def test_crossing_people_keep_their_identity_while_one_hides_the_other() -> (
    None
):
    # They walk towards each other at 240 px/s; the far one (first) is not detected while the near one covers it.
    noise = np.random.default_rng(2).normal(0, 2, (90, 2))
    far_x = 100 + 240 * np.arange(90) / RATE_HZ + noise[:, 0]
    near_x = 900 - 240 * np.arange(90) / RATE_HZ + noise[:, 1]
    pictures = []
    for far, near in zip(far_x, near_x, strict=True):
        both = [person_at(near, height_px=300), person_at(far, height_px=280)]
        pictures.append(together(*both[: 1 if abs(far - near) < 60 else 2]))
    assert sum(len(found) for found in pictures) < 175  # the hiding did happen
    people, times = follow(pictures)
    assert len(people) == 2
    near_track, far_track = (choose(people, n, times, SIZE_PX) for n in (0, 1))
    np.testing.assert_allclose(near_track.keypoints_px[:, 0, 0], near_x)
    seen = ~np.isnan(far_track.keypoints_px[:, 0, 0])
    np.testing.assert_allclose(far_track.keypoints_px[seen, 0, 0], far_x[seen])
    assert 60 < seen.sum() < 90
    assert any(
        "overlapped this one around 1." in said for said in near_track.warnings
    )


def test_a_gap_stays_a_gap_and_the_person_stays_the_same() -> None:
    pictures = [
        together() if 20 <= frame < 50 else person_at(100 + frame)
        for frame in range(80)
    ]
    people, times = follow(pictures)
    track = choose(people, 0, times, SIZE_PX)
    assert track.people == 1
    assert (
        np.isnan(track.keypoints_px[20:50]).all()
        and (track.confidence[20:50] == 0).all()
    )
    assert (
        not np.isnan(track.keypoints_px[:20]).any()
        and not np.isnan(track.keypoints_px[50:]).any()
    )
    assert any("30 of 80 pictures" in said for said in track.warnings)


def test_who_comes_after_a_long_absence_is_someone_new() -> None:
    pictures = [
        together() if 20 <= frame < 120 else person_at(100)
        for frame in range(140)
    ]
    assert len(follow(pictures)[0]) == 2
    assert (
        len(follow(pictures, rate_hz=60.0)[0]) == 1
    )  # the same pictures in half the time: 1.7 s away


def test_weak_detections_continue_a_person_but_start_none() -> None:
    pictures = [
        together(
            person_at(100, score=0.9 if frame < 10 else 0.3),
            person_at(700, score=0.4),
        )
        for frame in range(30)
    ]
    people, _ = follow(pictures)
    assert [len(one.frames) for one in people] == [30]


def test_the_same_body_found_twice_is_one_person() -> None:
    pictures = [
        together(person_at(100), person_at(110, 210, 180)) for _ in range(30)
    ]
    people, _ = follow([person_at(100)] * 3 + pictures)
    assert len(people) == 1


def test_weak_joints_are_masked_and_never_filled() -> None:
    found = person_at(100)
    found.confidence[0, 9] = MIN_JOINT_CONFIDENCE - 0.01
    found.confidence[0, 10] = MIN_JOINT_CONFIDENCE
    people, times = follow([found] * 10)
    track = choose(people, 0, times, SIZE_PX)
    assert (
        np.isnan(track.keypoints_px[:, 9]).all()
        and (track.confidence[:, 9] == 0).all()
    )
    assert np.isfinite(np.delete(track.keypoints_px, 9, axis=1)).all()
    assert track.warnings == ()


def test_nobody_and_wrong_numbers_are_refused_in_one_sentence() -> None:
    people, times = follow([together()] * 10)
    with pytest.raises(NoPersonError, match=r"No person was found .*\.$"):
        choose(people, 0, times, SIZE_PX)
    people, times = follow(
        [together()] * 6 + [person_at(100)] * 4
    )  # a ghost of four pictures
    with pytest.raises(NoPersonError):
        choose(people, 0, times, SIZE_PX)
    people, times = follow([person_at(100)] * 10)
    for wrong in (1, -1):
        with pytest.raises(
            InputError,
            match=f"person is {wrong}; 1 were followed: choose 0 to 0",
        ):
            choose(people, wrong, times, SIZE_PX)


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
        pictures.append(
            one
            if n < 10 or n >= 20
            else half
            if n < 14
            else together(half, one)
        )
    people, times = follow(pictures)
    assert [len(person.frames) for person in people] == [30]
    track = choose(people, 0, times, SIZE_PX)
    assert np.isfinite(
        track.keypoints_px[14:, 15]
    ).all()  # the whole body counts where both are there
    apart = [together(person_at(300.0), person_at(330.0)) for _ in range(10)]
    assert len(follow(apart)[0]) == 2


def test_who_moves_is_person_0_though_a_larger_one_stands_beside() -> None:
    for athlete_x in (300.0, 700.0):
        pictures = [
            together(
                person_at(50, 100, 550),
                person_at(athlete_x, body=exercising(frame / RATE_HZ)),
            )
            for frame in range(120)
        ]
        people, times = follow(pictures)
        assert len(people) == 1, (
            "who never moves beside somebody who does is a poster"
        )
        assert (
            choose(people, 0, times, SIZE_PX).keypoints_px[0, 0, 0] == athlete_x
        )
        sway = np.random.default_rng(5).normal(0, 0.004, (120, 17, 2))
        pictures = [
            together(
                person_at(
                    50,
                    100,
                    550,
                    body=BODY + np.cumsum(sway, axis=0)[frame] * 0.5,
                ),
                person_at(athlete_x, body=exercising(frame / RATE_HZ)),
            )
            for frame in range(120)
        ]
        people, times = follow(pictures)
        assert len(people) == 2
        assert (
            choose(people, 0, times, SIZE_PX).keypoints_px[0, 0, 0] == athlete_x
        )


def test_who_walks_through_is_not_chosen_before_who_repeats() -> None:
    pictures = [
        together(
            person_at(600, body=exercising(frame / RATE_HZ)),
            *(
                [
                    person_at(
                        20.0 * frame - 400,
                        150,
                        420,
                        body=exercising(frame / RATE_HZ, 1.0),
                    )
                ]
                if 20 <= frame < 80
                else []
            ),
        )
        for frame in range(180)
    ]
    people, times = follow(pictures)
    assert len(choose(people, 0, times, SIZE_PX).warnings) == 2
    assert people[0].boxes_px[0][0] == 600


def test_one_picture_with_half_of_the_body_does_not_split_a_person() -> None:
    whole = person_at(300.0)
    box, confidence = whole.boxes_px.copy(), whole.confidence.copy()
    box[:, 3] = 0.5 * (box[:, 1] + box[:, 3])
    confidence[:, 11:] = 0.1
    half = Detections(box, whole.scores, whole.keypoints_px, confidence)
    pictures = [half if frame % 7 == 3 else whole for frame in range(60)]
    pieces, _ = run_tracker(pictures)
    assert [len(piece.frames) for piece in pieces] == [60]


def test_a_half_size_stranger_is_not_taken_for_the_person() -> None:
    pictures = [
        person_at(300.0) if frame < 30 else person_at(330.0, 260.0, 130.0)
        for frame in range(60)
    ]
    pieces, _ = run_tracker(pictures)
    assert max(len(piece.frames) for piece in pieces) == 30


def test_a_lying_body_found_twice_is_one_person() -> None:
    lying = person_at(100.0)
    turned = Detections(
        lying.boxes_px[:, [1, 0, 3, 2]],
        lying.scores,
        lying.keypoints_px[..., ::-1],
        lying.confidence,
    )
    higher = turned.boxes_px - np.array([0.0, 60.0, 0.0, 0.0])
    shaken = turned.keypoints_px + np.random.default_rng(3).normal(
        0, 8, (1, 17, 2)
    )
    second = Detections(
        higher, 0.9 * turned.scores, shaken, 0.9 * turned.confidence
    )
    pieces, _ = run_tracker([together(turned, second) for _ in range(40)])
    assert [len(piece.frames) for piece in pieces] == [40]


def walk(
    frames: range, speed_px: float = 6.0, height_px: float = 300.0
) -> dict[int, Detections]:
    """Somebody who walks to the right, one step a picture."""
    return {
        frame: person_at(100 + speed_px * frame, height_px=height_px)
        for frame in frames
    }


@pytest.mark.parametrize(
    ("second", "people"),
    [
        (walk(range(80, 140)), 1),  # where the first can have gone
        (walk(range(80, 140), height_px=150.0), 2),  # half the size
        (
            {frame: person_at(100.0, 500.0, 300.0) for frame in range(35, 140)},
            2,
        ),  # too far at once
    ],
)
def test_pieces_are_joined_by_place_and_size(
    second: dict[int, Detections], people: int
) -> None:
    first = walk(range(32))
    pictures = [
        together(*[one[frame] for one in (first, second) if frame in one])
        for frame in range(140)
    ]
    assert len(follow(pictures)[0]) == people


def test_pieces_are_joined_by_looks_and_never_across_a_cut() -> None:
    pieces, times = run_tracker(
        [
            person_at(100.0) if frame % 60 < 30 else together()
            for frame in range(100)
        ]
    )
    assert len(pieces) == 1
    whole = pieces[0]
    assert len(rejoin([whole], times, cuts_s=(1.5,))) == 2
    red, blue = np.eye(27)[0], np.eye(27)[5]
    early, late = rejoin([whole], times, cuts_s=(1.5,))
    for look, expected in ((red, 1), (blue, 2)):
        early.portrait.looks, late.portrait.looks = [red], [look]
        assert len(rejoin([early, late], times)) == expected


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_mirror_image_is_nobody_and_a_partner_is_somebody(
    side: float,
) -> None:
    exchanged = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]

    def image(time_s: float) -> np.ndarray:
        mirrored = exercising(time_s)[exchanged]
        return mirrored if side > 0 else mirrored * [-1, 1] + [1, 0]

    def partner(time_s: float) -> np.ndarray:
        return exercising(time_s)

    for other, count in ((image, 1), (partner, 2)):
        pictures = [
            together(
                person_at(600, body=exercising(frame / RATE_HZ)),
                person_at(900, 220, 180, body=other(frame / RATE_HZ)),
            )
            for frame in range(90)
        ]
        assert len(follow(pictures)[0]) == count

"""Cuts, camera, repeated pictures and slow motion on made films with a known truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from video_clips import write_clip

from musclepose.pose.background import CameraStep, camera_path
from musclepose.pose.detections import Detections, Picture
from musclepose.pose.follow import follow_people
from musclepose.pose.free_fall import slow_motion_factor
from musclepose.pose.scene import (
    Film,
    SceneWatcher,
    camera_still,
    notes_of,
    slow_motion_question,
)
from musclepose.records import PoseTrack, Scene

RATE_HZ = 30.0
SIZE_PX = (320, 180)
PERSON_PX = np.array([[130.0, 40.0, 190.0, 170.0]])


def background(seed: int, size_px: tuple[int, int] = (480, 300)) -> Picture:
    """A room of coloured things, larger than the picture."""
    random = np.random.default_rng(seed)
    picture = np.full(
        (size_px[1], size_px[0], 3), random.uniform(40, 160, 3), np.uint8
    )
    for _ in range(60):
        left, top = (
            random.integers(0, size_px[0]),
            random.integers(0, size_px[1]),
        )
        width, height = random.integers(8, 70, 2)
        colour = [int(c) for c in random.integers(20, 190, 3)]
        corner = int(left + width), int(top + height)
        cv2.rectangle(picture, (int(left), int(top)), corner, colour, -1)
    return cv2.GaussianBlur(picture, (0, 0), 0.8).astype(np.uint8)


def room(seed: int, frame: int, shift_px: float = 0.0) -> Picture:
    """A picture of the room with somebody in it who moves fast."""
    left, top = 60 + round(shift_px), 50
    picture = background(seed)[
        top : top + SIZE_PX[1], left : left + SIZE_PX[0]
    ].copy()
    raised = abs(frame * 6 % 100 - 50) - 25
    cv2.rectangle(picture, (140, 60 + raised), (180, 160), (250, 240, 230), -1)
    return picture


def slid(shift_px: float) -> Picture:
    """The room, moved by parts of a pixel."""
    matrix = np.array([[1.0, 0.0, -60.0 - shift_px], [0.0, 1.0, -50.0]])
    return cv2.warpAffine(background(1), matrix, SIZE_PX).astype(np.uint8)


def film_of(pictures: Sequence[Picture], boxes: np.ndarray = PERSON_PX) -> Film:
    watcher = SceneWatcher()
    for index, picture in enumerate(pictures):
        watcher.add(index / RATE_HZ, picture, boxes)
    return watcher.film()


def faded(first: Picture, second: Picture, share: float) -> Picture:
    return np.round((1 - share) * first.astype(float) + share * second).astype(
        np.uint8
    )


def test_a_still_camera_before_a_fast_mover_says_nothing() -> None:
    film = film_of([room(1, frame) for frame in range(60)])
    scene = film.scene(0.0, 2.0)
    assert (
        film.cuts_s == ()
        and not scene.moving_camera
        and scene.camera_travel < 0.005
    )
    assert notes_of(scene) == () and film.repeated < 0.1


def test_a_cut_a_fade_and_a_title_are_found_where_they_are() -> None:
    hard = [room(1 if frame < 40 else 2, frame) for frame in range(90)]
    assert film_of(hard).cuts_s == pytest.approx([40 / RATE_HZ], abs=0.02)
    share = np.clip((np.arange(90) - 35) / 18, 0, 1)
    fade = [
        faded(room(1, n // 9), room(2, n // 9), part)
        for n, part in enumerate(share)
    ]
    assert film_of(fade).cuts_s == pytest.approx([44 / RATE_HZ], abs=0.15)
    title = np.full((SIZE_PX[1], SIZE_PX[0], 3), 20, np.uint8)
    cv2.putText(
        title,
        "SQUAT",
        (60, 100),
        cv2.FONT_HERSHEY_SIMPLEX,
        2,
        (255, 255, 255),
        4,
    )
    begun = [title if frame < 45 else room(1, frame) for frame in range(110)]
    assert film_of(begun).cuts_s == pytest.approx([1.5], abs=0.02)


def test_flashes_and_fast_pans_are_no_cuts() -> None:
    flash = [room(1, frame) for frame in range(60)]
    flash[30] = np.full_like(flash[30], 250)
    pan = [
        room(1, frame, shift_px=90 * np.sin(frame / 10) ** 2)
        for frame in range(60)
    ]
    assert film_of(flash).cuts_s == () and film_of(pan).cuts_s == ()


def test_a_moving_camera_is_told_when_it_moves() -> None:
    shift = np.concatenate(
        [np.zeros(45), np.linspace(0, 70, 45), np.full(45, 70.0)]
    )
    scene = film_of(
        [room(1, n, shift_px=s) for n, s in enumerate(shift)]
    ).scene(0.0, 4.5)
    assert scene.moving_camera and scene.camera_travel == pytest.approx(
        70 / 320, abs=0.02
    )
    assert (
        scene.moving_s[0] == pytest.approx((1.5, 3.0), abs=0.25)
        and len(scene.moving_s) == 1
    )
    (note,) = notes_of(scene)
    assert note.startswith("The camera moves (1.") and "withheld" in note
    still = camera_still(scene, np.array([0.5, 2.2, 4.0]))
    assert still.tolist() == [True, False, True]
    sway = [room(1, n, shift_px=8 * np.sin(n / 7)) for n in range(90)]
    assert not film_of(sway).scene(0.0, 3.0).moving_camera


def test_a_slow_slide_one_way_is_told_and_a_hand_that_sways_as_far_is_not() -> (
    None
):
    scene = film_of([slid(20 * n / 120) for n in range(120)]).scene(0.0, 4.0)
    assert scene.moving_camera and scene.moving_s == ()
    assert notes_of(scene)[0].startswith(
        "The camera moves slowly, by 6 % of the picture"
    )
    assert camera_still(scene, np.array([1.0, 2.0])).all()
    to_and_fro = [
        slid(10 - 10 * np.cos(n / 12)) for n in range(114)
    ]  # there, back and there
    assert not film_of(to_and_fro).scene(0.0, 4.0).moving_camera


@pytest.mark.parametrize(
    ("gap_s", "travel"), [(0.0, 0.2), (0.5, 0.2), (2.0, 0.1)]
)
def test_the_path_goes_on_over_short_gaps(gap_s: float, travel: float) -> None:
    """Four seconds at 0.05 of the picture a second, with a hole in the middle in which nothing was followed."""
    starts = [
        start
        for start in np.arange(0.0, 3.95, 0.1)
        if abs(start + 0.05 - 2.0) >= gap_s / 2
    ]
    steps = [
        CameraStep(start, start + 0.1, np.array([0.005, 0.0]), 0.0)
        for start in starts
    ]
    assert camera_path(steps, 0.0, 5.0).travel == pytest.approx(
        travel, abs=0.006
    )


def test_black_pictures_at_the_start_or_the_end_are_no_shot() -> None:
    black = np.full((SIZE_PX[1], SIZE_PX[0], 3), 3, np.uint8)
    film = [black] * 12 + [room(1, n) for n in range(60)] + [black] * 12
    assert film_of(film).cuts_s == ()
    between = (
        [room(1, n) for n in range(40)]
        + [black] * 20
        + [room(2, n) for n in range(40)]
    )
    assert len(film_of(between).cuts_s) == 2


def test_zoom_is_movement_and_a_cut_is_not() -> None:
    zoomed = []
    for frame in range(60):
        scale = 1 + 0.4 * frame / 60
        matrix = cv2.getRotationMatrix2D((160, 90), 0, scale)
        zoomed.append(
            cv2.warpAffine(room(1, 0), matrix, SIZE_PX).astype(np.uint8)
        )
    scene = film_of(zoomed, np.zeros((0, 4))).scene(0.0, 2.0)
    assert scene.moving_camera and scene.camera_zoom == pytest.approx(
        np.log(1.4), abs=0.05
    )
    cut = film_of([room(1 if n < 40 else 2, n) for n in range(90)])
    assert (
        not cut.scene(0.0, 1.0).moving_camera
        and not cut.scene(2.0, 3.0).moving_camera
    )


@pytest.mark.parametrize("asked", [True, False])
def test_repeated_pictures_are_asked_about(asked: bool) -> None:
    pictures = [room(1, frame) for frame in range(60)]
    shown = [
        pictures[n]
        for n in range(60)
        for _ in range(1 + (n % 2 if asked else 0))
    ]
    film = film_of(shown)
    track = PoseTrack(
        np.full((60, 17, 2), np.nan), np.zeros((60, 17)), np.arange(60) / RATE_HZ, SIZE_PX,
        scene=film.scene(0.0, 2.0),
    )  # fmt: skip
    question = slow_motion_question(track)
    assert bool(question) == asked
    if asked:
        assert (
            film.repeated == pytest.approx(1 / 3, abs=0.08)
            and "of the pictures repeat" in question[0]
        )


def jump(
    slower: float, rate_hz: float = 60.0, height_m: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Joints (T, 17, 2) and times of somebody 1.75 m tall at 200 px a metre, who stands, jumps and stands."""
    flight_s = 2 * np.sqrt(2 * height_m / 9.81)
    time_s = np.arange(0, (1.0 + flight_s) * slower, 1 / rate_hz)
    life_s = time_s / slower - 0.5
    up_m = np.where(
        (life_s > 0) & (life_s < flight_s),
        9.81 / 2 * life_s * (flight_s - life_s),
        0,
    )
    heights_m = np.array(
        [1.62] + [1.65] * 4 + [1.42] * 2 + [1.1] * 2 + [0.85] * 2
    )
    heights_m = np.concatenate([heights_m, [0.93] * 2, [0.5] * 2, [0.08] * 2])
    y_px = 500 - 200 * (heights_m[None] + up_m[:, None])
    return np.stack([np.full_like(y_px, 300.0), y_px], axis=-1), time_s


@pytest.mark.parametrize(
    ("slower", "expected"), [(1.0, None), (1.3, None), (2.0, 2.0), (4.0, 4.0)]
)
def test_free_fall_gives_the_factor(
    slower: float, expected: float | None
) -> None:
    keypoints, time_s = jump(slower)
    factor = slow_motion_factor(keypoints, time_s, stature_m=1.75)
    assert factor == (
        None if expected is None else pytest.approx(expected, rel=0.12)
    )
    track = PoseTrack(
        keypoints, np.full(keypoints.shape[:2], 0.9), time_s, (640, 720)
    )
    question = slow_motion_question(track, 1.75)
    assert bool(question) == (expected is not None)
    assert all("Is this slow motion?" in one for one in question)


@pytest.mark.parametrize(
    ("every", "asked"), [(1, False), (5, False), (3, True), (2, True)]
)
def test_repeats_are_seen_in_a_track_without_a_film(
    every: int, asked: bool
) -> None:
    """Of every so many pictures one repeats the one before: every fifth is film shown as television, no slow motion."""
    life = np.arange(150) - (np.arange(150) // every if every > 1 else 0)
    keypoints, _ = jump(1.0)
    swaying = np.repeat(keypoints[:1], 150, axis=0)
    swaying[..., 0] += 20.0 * np.sin(0.2 * life)[:, None]
    track = PoseTrack(
        swaying, np.full((150, 17), 0.9), np.arange(150) / 30.0, (640, 720)
    )
    question = slow_motion_question(track)
    assert bool(question) == asked
    assert all("of the pictures repeat" in one for one in question)


def test_a_camera_that_rises_is_no_flight() -> None:
    """The feet leave their place in the picture as in a slow jump, the trunk moves four times as far."""
    keypoints, time_s = jump(3.0)
    assert slow_motion_factor(keypoints, time_s) is not None
    keypoints[:, :13, 1] += 3.0 * (keypoints[:, :13, 1] - keypoints[:1, :13, 1])
    assert slow_motion_factor(keypoints, time_s) is None


def test_a_lunge_and_a_pull_up_are_no_flight() -> None:
    keypoints, time_s = jump(4.0)
    sunk = keypoints.copy()
    sunk[:, :15, 1] += 2 * (
        500 - 0.08 * 200 - sunk[:, [15], 1]
    )  # the body sinks while the feet rise
    assert slow_motion_factor(sunk, time_s) is None
    hanging = keypoints.copy()
    hanging[:, [9, 10], 1] = keypoints[:, [0], 1].min() - 80
    assert slow_motion_factor(hanging, time_s) is None


def test_scene_times_follow_the_told_speed() -> None:
    scene = Scene(
        (4.0,), (0.0, 4.0), moving_camera=True, moving_s=((1.0, 2.0),)
    ).slower(2.0)
    assert (scene.cuts_s, scene.shot_s, scene.moving_s) == (
        (2.0,),
        (0.0, 2.0),
        ((0.5, 1.0),),
    )


class BoxDetector:
    """Finds the bright figure."""

    name, batch_size, input_side_px = "boxes", 4, 320

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._detect(picture) for picture in pictures]

    def _detect(self, picture: Picture) -> Detections:
        mask = picture.min(axis=2) > 215
        rows, columns = (
            np.flatnonzero(mask.sum(axis=1) > 10),
            np.flatnonzero(mask.sum(axis=0) > 10),
        )
        if len(rows) < 20 or len(columns) < 5:
            return Detections(
                np.zeros((0, 4)),
                np.zeros(0),
                np.zeros((0, 17, 2)),
                np.zeros((0, 17)),
            )
        box = np.array([columns[0], rows[0], columns[-1], rows[-1]], float)
        joints = box[:2] + np.random.default_rng(0).uniform(0, 1, (17, 2)) * (
            box[2:] - box[:2]
        )
        return Detections(
            box[None], np.array([0.9]), joints[None], np.full((1, 17), 0.9)
        )


def test_only_the_longest_shot_is_followed_and_the_reader_is_told(
    tmp_path: Path,
) -> None:
    pictures = [room(1 if frame < 30 else 2, frame) for frame in range(100)]
    followed = follow_people(
        write_clip(tmp_path / "cut.mp4", pictures), BoxDetector()
    )
    track = followed.track()
    seen_s = track.time_s[np.isfinite(track.keypoints_px[:, 0, 0])]
    assert seen_s[0] == pytest.approx(1.0, abs=0.05) and seen_s[-1] > 3.2
    assert track.scene is not None and track.scene.cuts_s == pytest.approx(
        [1.0], abs=0.04
    )
    assert any(
        "has 1 cut (1.0 s); only the shot from 1.0 s to 3.3 s" in w
        for w in track.warnings
    )
    assert not any("was not found" in w for w in track.warnings)
    assert followed.track(1).scene != track.scene


def test_a_large_film_is_looked_at_small_and_told_in_its_own_pixels(
    tmp_path: Path,
) -> None:
    """960 x 720 pictures are shown to the detector at 320 x 240: the figure stands at (600, 300) in the film."""
    picture = np.full((720, 960, 3), 90, np.uint8)
    picture[300:600, 600:690] = 250
    clip = write_clip(tmp_path / "large.mp4", [picture] * 40)
    person = follow_people(clip, BoxDetector()).people[0]
    np.testing.assert_allclose(person.boxes_px[0], [600, 300, 690, 600], atol=6)
    track = follow_people(clip, BoxDetector()).track()
    assert track.size_px == (960, 720)
    assert (
        track.keypoints_px[5, :, 0].min() >= 600
        and track.keypoints_px[5, :, 0].max() <= 693
    )
    assert (
        track.keypoints_px[5, :, 1].min() >= 300
        and track.keypoints_px[5, :, 1].max() <= 603
    )

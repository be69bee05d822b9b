"""The same athlete is chosen however a clip was encoded, scaled or cropped; and everyone is listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from video_clips import write_clip

from musclepose import infer, pipeline
from musclepose.pose.detections import Detections, Picture
from musclepose.pose.follow import Person, follow_people, list_people
from musclepose.pose.portrait import look_of
from musclepose.report.people import write_thumbnails

SIZE_PX = (320, 180)
RATE_HZ = 25
FRAMES = 100
COLOURS = {"red": (230, 30, 30), "green": (30, 200, 30), "blue": (30, 60, 230)}
JOINTS = np.array(  # COCO order in a unit box, x right, y down
    [
        (0.5, 0.08),
        (0.54, 0.05),
        (0.46, 0.05),
        (0.58, 0.07),
        (0.42, 0.07),
        (0.66, 0.22),
        (0.34, 0.22),
    ]
    + [
        (0.76, 0.38),
        (0.24, 0.38),
        (0.8, 0.5),
        (0.2, 0.5),
        (0.6, 0.52),
        (0.4, 0.52),
        (0.6, 0.74),
    ]
    + [(0.4, 0.74), (0.6, 0.95), (0.4, 0.95)]
)


class BlobDetector:
    """Finds figures by their colour; the wrists by the outermost pixels above the middle, the rest by proportion."""

    name = "blobs"
    batch_size, input_side_px = 4, 640

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._detect(picture.astype(int)) for picture in pictures]

    def _detect(self, picture: np.ndarray) -> Detections:
        boxes, joints = [], []
        for colour in COLOURS.values():
            mask = np.abs(picture - colour).sum(axis=2) < 150
            rows, columns = (
                np.flatnonzero(mask.any(axis=1)),
                np.flatnonzero(mask.any(axis=0)),
            )
            if mask.sum() < 30:
                continue
            box = np.array(
                [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], float
            )
            boxes.append(box)
            joints.append(self._joints(mask, box))
        count = len(boxes)
        return Detections(
            np.array(boxes).reshape(-1, 4),
            np.full(count, 0.9),
            np.array(joints).reshape(-1, 17, 2),
            np.full((count, 17), 0.9),
        )

    def _joints(self, mask: np.ndarray, box: np.ndarray) -> np.ndarray:
        joints = box[:2] + JOINTS * (box[2:] - box[:2])
        for wrist, elbow, column in (
            (9, 7, int(box[2]) - 2),
            (10, 8, int(box[0]) + 1),
        ):
            rows = np.flatnonzero(mask[:, column])
            if len(rows):
                joints[wrist] = column, rows.mean()
                joints[elbow, 1] = (
                    joints[wrist, 1] + box[1] + 0.3 * (box[3] - box[1])
                ) / 2
        return joints


def draw(
    picture: Picture,
    colour: str,
    left: float,
    top: float,
    height: float,
    arms: float,
) -> None:
    """A figure 0.5 as wide as high; its hands at the share `arms` of its height."""
    width = 0.5 * height

    def at(x: float, y: float) -> tuple[int, int]:
        return round(left + x * width), round(top + y * height)

    cv2.rectangle(picture, at(0.3, 0.0), at(0.7, 1.0), COLOURS[colour], -1)
    for side in (0.0, 0.88):
        cv2.rectangle(
            picture,
            at(side, arms - 0.06),
            at(side + 0.12, arms + 0.06),
            COLOURS[colour],
            -1,
        )
        cv2.line(
            picture, at(0.5, 0.3), at(side + 0.06, arms), COLOURS[colour], 3
        )


def clip_pictures() -> list[Picture]:
    """Four seconds: a large bystander (blue), an athlete who raises the arms (red), a passer-by (green)."""
    noise = np.random.default_rng(0).integers(
        80, 90, (SIZE_PX[1], SIZE_PX[0], 3), dtype=np.uint8
    )
    sway = np.cumsum(np.random.default_rng(1).normal(0, 0.1, FRAMES))
    pictures = []
    for frame in range(FRAMES):
        picture = noise.copy()
        draw(
            picture,
            "blue",
            30 + sway[frame],
            15,
            150,
            0.55 + 0.01 * np.sin(frame / 9),
        )
        draw(
            picture,
            "red",
            155,
            55,
            105,
            0.42 + 0.25 * np.sin(2 * np.pi * frame / 32),
        )
        if 30 <= frame < 70:
            draw(
                picture,
                "green",
                320 - 8 * (frame - 30),
                35,
                120,
                0.5 + 0.1 * np.sin(frame / 3),
            )
        pictures.append(picture)
    return pictures


def scaled(factor: float) -> Callable[[Picture], Picture]:
    def change(picture: Picture) -> Picture:
        side = [2 * round(factor * length / 2) for length in SIZE_PX]
        return cv2.resize(picture, side, interpolation=cv2.INTER_AREA).astype(
            np.uint8
        )

    return change


def cropped(
    left: int, top: int, right: int, bottom: int
) -> Callable[[Picture], Picture]:
    return lambda picture: picture[
        top : SIZE_PX[1] - bottom, left : SIZE_PX[0] - right
    ]


def same(picture: Picture) -> Picture:
    return picture


ENCODINGS: dict[
    str, tuple[Callable[[Picture], Picture], int, dict[str, object]]
] = {
    "as it is": (same, 1, {}),
    "half size": (scaled(0.5), 1, {}),
    "larger": (scaled(2.0), 1, {"quality": {"preset": "ultrafast"}}),
    "two thirds": (scaled(0.66), 1, {}),
    "strongly compressed": (same, 1, {"quality": {"crf": "35"}}),
    "mpeg4": (
        same,
        1,
        {
            "codec": "mpeg4",
            "container_format": "avi",
            "quality": {"b": "3000000"},
        },
    ),
    "vp9": (
        scaled(0.5),
        1,
        {"codec": "libvpx-vp9", "container_format": "webm"},
    ),
    "cropped at the left": (cropped(20, 0, 0, 0), 1, {}),
    "cropped all round": (cropped(10, 10, 50, 6), 1, {}),
    "every second picture": (same, 2, {}),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_ten_encodings_give_one_choice(tmp_path: Path, name: str) -> None:
    change, step, options = ENCODINGS[name]
    pictures = [change(picture) for picture in clip_pictures()[::step]]
    times_ms = [
        round(1000 * step * index / RATE_HZ) for index in range(len(pictures))
    ]
    path = write_clip(tmp_path / "clip.mp4", pictures, times_ms, **options)  # type: ignore[arg-type]
    followed = follow_people(path, BlobDetector())
    chosen = np.mean(
        [list_people(followed)[0].thumbnail.mean(axis=(0, 1))], axis=0
    )
    assert chosen.argmax() == 0, "the athlete is red"
    assert len(followed.people[0].frames) >= 0.95 * len(pictures)


def test_everyone_is_written_with_a_picture_and_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write_clip(
        tmp_path / "clip.mp4",
        clip_pictures(),
        [1000 * n // RATE_HZ for n in range(FRAMES)],
    )
    monkeypatch.setattr(pipeline, "_detector", BlobDetector)
    out = tmp_path / "people"
    assert (
        infer.main(["--input", str(path), "--list-people", "--out", str(out)])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "person 0",
        "person 1",
        "person 2",
    ]
    assert "100 pictures from 0.0 s to 4.0 s" in lines[0]
    shown = np.array(Image.open(out / "person_0.png")).mean(axis=(0, 1))
    assert shown.argmax() == 0 and len(list(out.iterdir())) == 3
    assert infer.main(["--list-people", "--out", str(out)]) == 2


def test_looks_are_the_colours_of_the_trunk() -> None:
    """A red shirt before a blue wall, legs and arms in green: red is the first of eight hues."""
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[:] = 20, 20, 220
    box = np.array([60.0, 40.0, 140.0, 190.0])
    picture[40:190, 60:140] = 20, 200, 20
    picture[65:135, 80:120] = 220, 20, 20
    look = look_of(picture, box)
    assert look[:3].sum() > 0.8 and look.sum() == pytest.approx(1.0)


def test_each_picture_is_of_the_person_whose_number_it_bears(
    tmp_path: Path,
) -> None:
    """Whole surfaces of red, green and blue, handed over as persons 0, 2 and 1."""
    people = [
        Person(number, np.full((12, 8, 3), colour, np.uint8), 0.0, 1.0, 25)
        for number, colour in zip((0, 2, 1), COLOURS.values(), strict=True)
    ]
    paths = write_thumbnails(people, tmp_path)
    assert [p.name for p in paths] == [
        "person_0.png",
        "person_2.png",
        "person_1.png",
    ]
    for number, colour in (("0", "red"), ("1", "blue"), ("2", "green")):
        with Image.open(tmp_path / f"person_{number}.png") as picture:
            assert picture.convert("RGB").getpixel((3, 3)) == COLOURS[colour]

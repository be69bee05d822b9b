"""The choice of the athlete by picture: who stands where, and the sentence about the framing."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from video_clips import moving_square, write_clip

from musclepose.records import PoseTrack, Scene
from musclepose.web.people import choosing, chosen_of, framing


def _track(
    tall: float = 300.0, feet: bool = True, moving: bool = False
) -> PoseTrack:
    points = np.zeros((10, 17, 2))
    points[..., 1] = np.linspace(50, 50 + tall, 17)
    confidence = np.full((10, 17), 0.9)
    if not feet:
        confidence[:5, 15:] = 0.0
    scene = Scene(
        moving_camera=moving, moving_s=((0.1, 0.2),) if moving else ()
    )
    return PoseTrack(
        points, confidence, np.arange(10) / 30, (640, 480), scene=scene
    )


def test_the_framing_is_told_in_one_sentence_or_not_at_all() -> None:
    assert framing(_track()) == ""
    assert "camera moves" in framing(_track(moving=True))
    slow = replace(_track(), scene=Scene(moving_camera=True))
    assert framing(slow) == "", "it withholds no force"
    assert "feet" in framing(_track(feet=False))
    assert "small" in framing(_track(tall=60.0))


def test_people_stand_in_the_picture_in_which_most_are_seen(
    tmp_path: Path,
) -> None:
    pictures = moving_square(9)
    clip = write_clip(tmp_path / "clip.mp4", pictures)
    height, width = pictures[0].shape[:2]
    box = np.array([0.25 * width, 0.5 * height, 0.5 * width, height])
    always = SimpleNamespace(frames=list(range(9)), boxes_px=[box] * 9)
    late = SimpleNamespace(frames=[6, 7], boxes_px=[box / 2, box])
    followed = SimpleNamespace(
        people=[always, late],
        time_s=np.arange(9) / 30,
        size_px=(width, height),
        track=lambda _: _track(),
    )
    value = choosing(clip, followed)
    first, second = value["people"]
    assert (first["left"], first["top"], first["width"], first["height"]) == (
        25,
        50,
        25,
        50,
    )
    assert (
        first["isHere"]
        and second["isHere"]
        and (second["from"], second["to"]) == (0.2, 0.2)
    )
    assert value["chosen"] == 0
    kind, _, data = value["picture"].partition(",")
    shown = Image.open(io.BytesIO(base64.b64decode(data)))
    assert kind == "data:image/jpeg;base64" and shown.size == (width, height)
    distance = [
        np.abs(np.asarray(shown, int) - p.astype(int)).mean() for p in pictures
    ]
    assert (
        int(np.argmin(distance)) == 7
    )  # of the two frames with both people, the later


@pytest.mark.parametrize(
    ("value", "number"), [({"chosen": 3}, 3), (None, 0), ("x", 0), ({}, 0)]
)
def test_the_number_that_was_chosen(value: object, number: int) -> None:
    assert chosen_of(value) == number

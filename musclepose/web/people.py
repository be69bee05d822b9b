"""Who is in the picture: one frame of the clip with everyone outlined and numbered; a click chooses the athlete."""

from __future__ import annotations

import base64
import io
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from PIL import Image

from musclepose.records import PoseTrack
from musclepose.report.say import IN_ENGLISH, Say
from musclepose.web.form import MAX_PERSON
from musclepose.web.player import REVIEW

if TYPE_CHECKING:
    from musclepose.pose.follow import FollowedPeople

PICTURE_SIDE_PX = 720
SMALL_SHARE = (
    0.25  # of the picture's height: a smaller person is measured badly
)
FEET_SHARE = 0.6  # of the frames in which both ankles should be seen
_ANKLES = [15, 16]


def picker() -> gr.HTML:
    """The choice of the athlete. Its value is what `choosing` makes, with the number that was chosen."""
    return gr.HTML(
        value=None,
        html_template=(REVIEW / "people.html").read_text("utf-8"),
        js_on_load="window.musclepose.people.mount(element, props, watch, () => trigger('change'));",
        apply_default_css=False,
        elem_id="people",
    )


def chosen_of(value: Any) -> Any:
    """Number that was chosen; 0, the likeliest athlete, where nobody was shown. The form checks what comes out."""
    return value.get("chosen", 0) if isinstance(value, dict) else 0


def choosing(
    video: Path, followed: FollowedPeople, say: Say = IN_ENGLISH
) -> dict[str, Any]:
    """Value of the picker: a picture as a data address, and where in it each person stands, in percent."""
    people = followed.people[:MAX_PERSON]
    frame = _most_crowded(
        [person.frames for person in people], len(followed.time_s)
    )
    width, height = followed.size_px
    boxes = []
    for number, person in enumerate(people):
        near = min(
            range(len(person.frames)),
            key=lambda i: abs(person.frames[i] - frame),
        )
        left, top, right, bottom = person.boxes_px[near]
        times = (
            followed.time_s[person.frames[0]],
            followed.time_s[person.frames[-1]],
        )
        boxes.append(
            {
                "number": number,
                "left": _percent(left, width),
                "top": _percent(top, height),
                "width": _percent(right - left, width),
                "height": _percent(bottom - top, height),
                "isHere": person.frames[near] == frame,
                "from": round(float(times[0]), 1),
                "to": round(float(times[1]), 1),
            }
        )
    return {
        "picture": _data_address(video, frame),
        "people": boxes,
        "chosen": 0,
        "note": say(framing(followed.track(0))),
    }


def _percent(part: float, whole: float) -> float:
    return round(100.0 * float(part) / whole, 2)


def _most_crowded(frames_of: list[list[int]], frames: int) -> int:
    """The frame in which most people are seen; among these the middle one."""
    count = np.zeros(frames, int)
    for seen in frames_of:
        count[seen] += 1
    best = np.flatnonzero(count == count.max())
    return int(best[len(best) // 2])


def _data_address(video: Path, frame: int) -> str:
    from musclepose.video import open_clip

    clip = open_clip(video, max_side=PICTURE_SIDE_PX)
    _, picture = next(islice(clip.frames(), frame, None))
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(
        stream.getvalue()
    ).decode("ascii")


def framing(track: PoseTrack) -> str:
    """The one thing that is most worth mending before the analysis, as a sentence; empty where nothing is."""
    seen = track.confidence > 0
    there = seen.any(axis=1)
    if track.scene is not None and track.scene.moving_s:
        return "The camera moves; put the phone on something, or forces cannot be told."
    if (
        there.any()
        and float(seen[there][:, _ANKLES].all(axis=1).mean()) < FEET_SHARE
    ):
        return "The feet are often out of the picture; step back so that the whole body is in view."
    points = track.keypoints_px[there]
    with np.errstate(all="ignore"):
        tall = np.nanmax(points[..., 1], axis=1) - np.nanmin(
            points[..., 1], axis=1
        )
        wide = np.nanmax(points[..., 0], axis=1) - np.nanmin(
            points[..., 0], axis=1
        )
    if len(tall) and np.median(np.maximum(tall, wide)) < SMALL_SHARE * min(
        track.size_px
    ):
        return "The athlete is small in the picture; go nearer."
    return ""

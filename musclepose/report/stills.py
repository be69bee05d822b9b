"""Still pictures of moments: the film with the body drawn over it, cut out around the athlete, as JPEG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from musclepose.records import Analysis, Array
from musclepose.report.overlay import Painter
from musclepose.video import open_clip

READ_PX = 1280  # the longer side of what is cut out of
SIDE_PX = 640  # the longer side of a picture
SHAPE = 4 / 3  # width through height of a picture
QUALITY = 82
_ROOM = 1.5  # the cut-out is so much larger than the keypoints, which end at eyes and ankles
_LEAST = 1 / 3  # of the film's height: a small athlete keeps some surroundings


def stills(
    clip_path: str | Path, analysis: Analysis, times_s: Sequence[float]
) -> list[bytes]:
    """One JPEG for each moment, at the frame nearest to it; the longer side is at most 640 px."""
    wanted = [int(np.argmin(np.abs(analysis.time_s - t))) for t in times_s]
    if not wanted:
        return []
    clip = open_clip(clip_path, max_side=READ_PX)
    painter = Painter(analysis, clip.size_px)
    scale = clip.size_px[0] / analysis.track.size_px[0]
    made: dict[int, bytes] = {}
    for frame, (_, picture) in enumerate(clip.frames()):
        if frame in wanted:
            seen = analysis.track.confidence[frame] > 0
            points = analysis.track.keypoints_px[frame][seen] * scale
            left, top, right, bottom = cut_out(points, clip.size_px)
            made[frame] = _jpeg(
                painter.paint(picture, frame)[top:bottom, left:right]
            )
        if frame >= max(wanted):
            break
    return [made.get(frame, b"") for frame in wanted]


def cut_out(
    points_px: Array, size_px: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Where to cut a picture of `size_px` (width, height) so that it shows the athlete: left, top, right, bottom.

    points_px: (n, 2) what was found of the athlete. The cut has the shape 4:3 where the picture is large enough;
    without points it is the whole picture.
    """
    width, height = size_px
    inside = points_px[np.isfinite(points_px).all(axis=1)]
    if not len(inside):
        return 0, 0, width, height
    low, high = inside.min(axis=0), inside.max(axis=0)
    wide, tall = _ROOM * (high - low)
    tall = max(tall, wide / SHAPE, _LEAST * height)
    sides = np.minimum((SHAPE * tall, tall), size_px).round().astype(int)
    corner = np.clip(
        (low + high - sides) / 2, 0, np.array(size_px) - sides
    ).astype(int)
    (left, top), (right, bottom) = corner, corner + sides
    return int(left), int(top), int(right), int(bottom)


def _jpeg(picture: np.ndarray) -> bytes:
    image = Image.fromarray(picture)
    image.thumbnail((SIDE_PX, SIDE_PX))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()

"""Still pictures of moments: the film with the body drawn over it, as JPEG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from musclepose.records import Analysis
from musclepose.report.overlay import Painter
from musclepose.video import open_clip

SIDE_PX = 640
QUALITY = 82


def stills(clip_path: str | Path, analysis: Analysis, times_s: Sequence[float]) -> list[bytes]:
    """One JPEG for each moment, at the frame nearest to it; the longer side is at most 640 px."""
    wanted = [int(np.argmin(np.abs(analysis.time_s - t))) for t in times_s]
    if not wanted:
        return []
    clip = open_clip(clip_path, max_side=SIDE_PX)
    painter = Painter(analysis, clip.size_px)
    made: dict[int, bytes] = {}
    for frame, (_, picture) in enumerate(clip.frames()):
        if frame in wanted:
            made[frame] = _jpeg(painter.paint(picture, frame)[: picture.shape[0]])
        if frame >= max(wanted):
            break
    return [made.get(frame, b"") for frame in wanted]


def _jpeg(picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()

"""The film as the page plays it: the source pictures in H.264, upright, on the time stamps of the analysis."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np

from musclepose.records import Array
from musclepose.video import open_clip
from musclepose.video_writer import VideoWriter

MAX_SIDE_PX = 1280


def write_film(
    clip_path: str | Path,
    time_s: Array,
    out_path: str | Path,
    progress: Callable[[float], None] | None = None,
    first: int = 0,
) -> Path:
    """Write frame `first` + i of the clip at time_s[i] (T,) s; the longer side is at most 1280 px.

    An upload may be a phone's HEVC, rotated or of uneven rate, and slow motion plays at real speed: every browser shows
    this file, and its frames are those of the analysis. `progress` gets the finished share, 0 to 1.
    """
    clip = open_clip(clip_path, max_side=MAX_SIDE_PX)
    frames = len(time_s)
    step_s = float(np.median(np.diff(time_s))) if frames > 1 else 1 / 30
    with VideoWriter(
        out_path, clip.size_px, frame_rate_hz=1.0 / step_s
    ) as writer:
        for i, (_, rgb) in zip(
            range(frames), islice(clip.frames(), first, None), strict=False
        ):
            writer.write(rgb, float(time_s[i]))
            if progress is not None and i % 15 == 0:
                progress(i / frames)
    return Path(out_path)

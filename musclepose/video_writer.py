"""An encoder whose files play in every browser."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

from musclepose.utils.memory import give_back_memory
from musclepose.video_decode import Picture

_TICKS_HZ = 90_000  # time base of the written file
# Pictures. FFmpeg asks for aligned blocks, and glibc's heap takes a freed one of these up again only by luck: after an
# analysis a written picture cost 3 MB for good, 5 GB a minute of film.
_TIDY_EVERY = 32


class VideoWriter:
    """H.264, yuv420p, even size, index at the front: plays in every browser. Time stamps are written as given.

    with VideoWriter(path, size_px) as writer:
        writer.write(rgb, time_s)     # rgb (H, W, 3) uint8, time_s strictly increasing

    Odd sizes are padded by one pixel on the right or at the bottom, so picture coordinates stay valid. There are no
    B-frames, so the presentation starts at 0 without an edit list. A file that was not finished is deleted.
    """

    def __init__(
        self,
        path: str | Path,
        size_px: tuple[int, int],
        frame_rate_hz: float = 30.0,
        crf: int = 21,
    ) -> None:
        self.path = Path(path)
        self.size_px = size_px
        self._last_ticks = -1
        self._written = 0
        width, height = (side + side % 2 for side in size_px)
        self._container = av.open(
            str(self.path.resolve()),
            mode="w",
            format="mp4",
            options={"movflags": "+faststart"},
        )
        options = {"preset": "veryfast", "crf": str(crf), "bf": "0", "g": "60"}
        rate = Fraction(frame_rate_hz).limit_denominator(1001)
        self._stream: Any = self._container.add_stream(
            "libx264", rate=rate, options=options
        )
        self._stream.width, self._stream.height, self._stream.pix_fmt = (
            width,
            height,
            "yuv420p",
        )
        context = self._stream.codec_context
        context.time_base = Fraction(1, _TICKS_HZ)
        context.colorspace = context.color_primaries = context.color_trc = (
            1  # BT.709, limited range
        )
        context.color_range = 1

    def write(self, rgb: Picture, time_s: float) -> None:
        """Append one picture (H, W, 3) of the writer's size at time_s seconds."""
        width, height = self.size_px
        ticks = round(time_s * _TICKS_HZ)
        if rgb.shape != (height, width, 3) or rgb.dtype != np.uint8:
            raise ValueError(
                f"picture is {rgb.dtype} {rgb.shape}; this writer takes uint8 ({height}, {width}, 3)"
            )
        if ticks <= self._last_ticks:
            raise ValueError(
                f"time {time_s} s does not come after {self._last_ticks / _TICKS_HZ} s"
            )
        self._last_ticks = ticks
        if width % 2 or height % 2:
            rgb = np.pad(
                rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge"
            )
        if self._written % _TIDY_EVERY == 0:
            give_back_memory()
        self._written += 1
        frame = VideoFrame.from_numpy_buffer(
            np.ascontiguousarray(rgb), format="rgb24"
        )
        frame = frame.reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
        )
        frame.pts, frame.time_base = ticks, Fraction(1, _TICKS_HZ)
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
            if kind is not None:
                self.path.unlink(missing_ok=True)

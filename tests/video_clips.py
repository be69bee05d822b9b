"""Small clips that tests make themselves: every odd and hostile kind that an upload can be."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from numpy.typing import NDArray

CORNERS = {
    "red": (220, 20, 20),
    "green": (20, 200, 20),
    "blue": (20, 20, 220),
    "grey": (128, 128, 128),
}


def corner_picture(width: int, height: int) -> NDArray[np.uint8]:
    """(H, W, 3): red top left, green top right, blue bottom left, grey bottom right."""
    picture = np.zeros((height, width, 3), np.uint8)
    top, left = slice(0, height // 2), slice(0, width // 2)
    bottom, right = slice(height // 2, None), slice(width // 2, None)
    for (rows, columns), name in zip(
        [(top, left), (top, right), (bottom, left), (bottom, right)], CORNERS, strict=True
    ):
        picture[rows, columns] = CORNERS[name]
    return picture


def corner_names(picture: NDArray[np.uint8]) -> list[str]:
    """Nearest colour name in each quarter, order top left, top right, bottom left, bottom right."""
    height, width = picture.shape[:2]
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    names, colours = list(CORNERS), np.array(list(CORNERS.values()), float)
    return [names[int(np.abs(colours - picture[place]).sum(axis=1).argmin())] for place in places]


def write_clip(
    path: Path,
    pictures: Sequence[NDArray[np.uint8]],
    times_ms: Sequence[int] | None = None,
    codec: str = "libx264",
    rotation_deg: int = 0,
    container_format: str = "mp4",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    aspect: Fraction | None = None,
    quality: dict[str, str] | None = None,
) -> Path:
    """Encode pictures (H, W, 3) at the given milliseconds (30 Hz when None), display rotation counter-clockwise."""
    tick = Fraction(1, 30 if container_format == "avi" else 1000)  # AVI has a constant rate only
    times = (
        times_ms
        if times_ms is not None
        else [round(1000 * index / 30) for index in range(len(pictures))]
    )
    with av.open(str(path), "w", format=container_format, options=options or {}) as container:
        stream = container.add_stream(codec, rate=30, options=quality or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = tick
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation_deg:
            stream.set_display_rotation(rotation_deg)
        for picture, time_ms in zip(pictures, times, strict=True):
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = round(time_ms / 1000 / tick), tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_audio(path: Path) -> Path:
    """One second of silence in an MP4 without a picture."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=48000)
        for index in range(47):
            frame = AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts, frame.time_base = 48000, 1024 * index, Fraction(1, 48000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def moving_square(count: int, width: int = 160, height: int = 120) -> list[NDArray[np.uint8]]:
    """A white square that moves to the right, one picture a step, on noise that does not compress to nothing."""
    noise = np.random.default_rng(0).integers(0, 60, (height, width, 3), dtype=np.uint8)
    pictures = [noise.copy() for _ in range(count)]
    for index, picture in enumerate(pictures):
        left = 4 + (index * 3) % (width - 40)
        picture[40:70, left : left + 30] = 255
    return pictures

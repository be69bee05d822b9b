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
        [(top, left), (top, right), (bottom, left), (bottom, right)],
        CORNERS,
        strict=True,
    ):
        picture[rows, columns] = CORNERS[name]
    return picture


def corner_names(picture: NDArray[np.uint8]) -> list[str]:
    """Nearest colour name in each quarter, order top left, top right, bottom left, bottom right."""
    height, width = picture.shape[:2]
    places = [
        (y, x)
        for y in (height // 4, 3 * height // 4)
        for x in (width // 4, 3 * width // 4)
    ]
    names, colours = list(CORNERS), np.array(list(CORNERS.values()), float)
    return [
        names[int(np.abs(colours - picture[place]).sum(axis=1).argmin())]
        for place in places
    ]


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
    tick = Fraction(
        1, 30 if container_format == "avi" else 1000
    )  # AVI has a constant rate only
    times = (
        times_ms
        if times_ms is not None
        else [round(1000 * index / 30) for index in range(len(pictures))]
    )
    with av.open(
        str(path), "w", format=container_format, options=options or {}
    ) as container:
        stream = container.add_stream(codec, rate=30, options=quality or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = tick
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation_deg:
            stream.set_display_rotation(rotation_deg)
        for picture, time_ms in zip(pictures, times, strict=True):
            frame = VideoFrame.from_ndarray(
                np.ascontiguousarray(picture), format="rgb24"
            )
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
            frame.sample_rate, frame.pts, frame.time_base = (
                48000,
                1024 * index,
                Fraction(1, 48000),
            )
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_streams(
    path: Path,
    films: Sequence[Sequence[NDArray[np.uint8]]],
    sound_s: float = 0.0,
    container_format: str = "mp4",
) -> Path:
    """Several picture streams at 30 Hz in one file, in that order, and sound of that length."""
    with av.open(str(path), "w", format=container_format) as container:
        streams = [container.add_stream("libx264", rate=30) for _ in films]
        for stream, pictures in zip(streams, films, strict=True):
            stream.height, stream.width = pictures[0].shape[:2]
            stream.pix_fmt = "yuv420p"
        sound = container.add_stream("aac", rate=48000) if sound_s else None
        for stream, pictures in zip(streams, films, strict=True):
            for index, picture in enumerate(pictures):
                frame = VideoFrame.from_ndarray(
                    np.ascontiguousarray(picture), format="rgb24"
                )
                frame.pts, frame.time_base = index, Fraction(1, 30)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        if sound is not None:
            for index in range(round(sound_s * 48000 / 1024)):
                silence = AudioFrame.from_ndarray(
                    np.zeros((1, 1024), np.float32),
                    format="fltp",
                    layout="mono",
                )
                silence.sample_rate, silence.pts = 48000, 1024 * index
                silence.time_base = Fraction(1, 48000)
                container.mux(sound.encode(silence))
            container.mux(sound.encode(None))
    return path


def write_changing_clip(
    path: Path, pictures: Sequence[NDArray[np.uint8]]
) -> Path:
    """MJPEG at 30 Hz in one stream whose pictures change their size on the way."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mjpeg", rate=30)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuvj420p"
        for index, picture in enumerate(pictures):
            encoder = av.CodecContext.create("mjpeg", "w")
            encoder.height, encoder.width = picture.shape[:2]
            encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, 30)
            encoder.options = {"qmin": "2", "qmax": "4"}
            frame = VideoFrame.from_ndarray(
                np.ascontiguousarray(picture), format="rgb24"
            )
            for packet in [*encoder.encode(frame), *encoder.encode(None)]:
                packet.stream = stream
                packet.pts = packet.dts = index
                packet.time_base = Fraction(1, 30)
                container.mux(packet)
    return path


def damage(path: Path, first: float, last: float, bursts: int) -> None:
    """Overwrite that many runs of 20 bytes with noise, between two shares of the file."""
    content = bytearray(path.read_bytes())
    noise = np.random.default_rng(bursts)
    for share in np.linspace(first, last, bursts):
        start = int(share * len(content))
        content[start : start + 20] = noise.integers(
            0, 256, 20, dtype=np.uint8
        ).tobytes()
    path.write_bytes(content)


def moving_square(
    count: int, width: int = 160, height: int = 120
) -> list[NDArray[np.uint8]]:
    """A white square that moves to the right, one picture a step, on noise that does not compress to nothing."""
    noise = np.random.default_rng(0).integers(
        0, 60, (height, width, 3), dtype=np.uint8
    )
    pictures = [noise.copy() for _ in range(count)]
    for index, picture in enumerate(pictures):
        left = 4 + (index * 3) % (width - 40)
        picture[40:70, left : left + 30] = 255
    return pictures

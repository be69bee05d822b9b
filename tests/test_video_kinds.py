"""Kinds of real files that must come out right: what editors, phones and cameras write."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from video_clips import corner_names, corner_picture, moving_square, write_clip

from musclepose.video import open_clip, probe

UPRIGHT = ["red", "green", "blue", "grey"]


def times_and_last(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """All times (T,) and the last picture."""
    times, pictures = zip(*open_clip(path).frames(), strict=True)
    return np.array(times), pictures[-1]


def test_a_fragmented_file(tmp_path: Path) -> None:
    options = {"movflags": "+frag_keyframe+empty_moov+default_base_moof"}
    pictures = [corner_picture(160, 96)] * 40
    path = write_clip(
        tmp_path / "stream.mp4", pictures, options=options, quality={"g": "10"}
    )
    assert b"moof" in path.read_bytes()
    times, last = times_and_last(path)
    np.testing.assert_allclose(times, np.arange(40) / 30, atol=1.1e-3)
    assert corner_names(last) == UPRIGHT


def test_an_edit_list(tmp_path: Path) -> None:
    # Pictures that wait for later ones push the first time stamp; the edit list takes that out again.
    path = write_clip(
        tmp_path / "edited.mp4", moving_square(40), quality={"bf": "3"}
    )
    assert b"elst" in path.read_bytes()
    times, _ = times_and_last(path)
    np.testing.assert_allclose(times, np.arange(40) / 30, atol=1.1e-3)


@pytest.mark.parametrize("factor", [0.25, 3.0])
def test_a_wrong_duration(tmp_path: Path, factor: float) -> None:
    """The header of the file, of the track and of its medium all lie; the pictures tell."""
    path = write_clip(tmp_path / "wrong.mp4", moving_square(40))
    content = bytearray(path.read_bytes())
    for box, place in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        at = (
            content.index(box) + place
        )  # after name, version, two dates, and clock or number
        told = int.from_bytes(content[at : at + 4], "big")
        content[at : at + 4] = round(told * factor).to_bytes(4, "big")
    path.write_bytes(content)
    times, _ = times_and_last(path)
    assert len(times) == 40 and abs(times[-1] - 39 / 30) < 0.002


def test_a_webm_that_says_no_length(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "live.webm",
        moving_square(40),
        codec="libvpx-vp9",
        container_format="webm",
        options={"live": "1"},
    )
    assert probe(path).duration_s_hint == 0
    assert len(times_and_last(path)[0]) == 40


def test_cover_art_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "cover.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        film = container.add_stream("libx264", rate=30)
        cover = container.add_stream("mjpeg", rate=1)
        cover.disposition = av.stream.Disposition.attached_pic
        for stream, (width, height), pix_fmt in (
            (film, (160, 96), "yuv420p"),
            (cover, (640, 480), "yuvj420p"),
        ):
            stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        for stream, pictures in (
            (cover, [np.full((480, 640, 3), 90, np.uint8)]),
            (film, [corner_picture(160, 96)] * 30),
        ):
            for number, picture in enumerate(pictures):
                frame = VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 30)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    with av.open(str(path)) as container:  # the file is what it claims to be
        marks = [
            s.disposition & av.stream.Disposition.attached_pic
            for s in container.streams
        ]
    assert sorted(bool(mark) for mark in marks) == [False, True]
    times, last = times_and_last(path)
    assert (
        len(times) == 30
        and last.shape == (96, 160, 3)
        and corner_names(last) == UPRIGHT
    )


def test_interlaced_pictures(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "television.mp4",
        [corner_picture(160, 96)] * 30,
        quality={"x264-params": "interlaced=1:tff=1"},
    )
    times, last = times_and_last(path)
    assert len(times) == 30 and corner_names(last) == UPRIGHT


@pytest.mark.parametrize(("name", "curve"), [("HLG", 18), ("PQ", 16)])
def test_ten_bits_of_a_phone(tmp_path: Path, name: str, curve: int) -> None:
    """High dynamic range with the wide colours of BT.2020; nothing is mapped, but a body stays a body."""
    path = tmp_path / f"{name}.mov"
    with av.open(str(path), "w", format="mov") as container:
        stream = container.add_stream(
            "libx265", rate=30, options={"x265-params": "log-level=0"}
        )
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace = (
            curve,
            9,
            9,
        )
        for number in range(12):
            frame = VideoFrame.from_ndarray(
                corner_picture(160, 96), format="rgb24"
            )
            frame = frame.reformat(
                format="yuv420p10le", dst_colorspace="BT2020"
            )
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    times, last = times_and_last(path)
    assert (
        len(times) == 12
        and last.dtype == np.uint8
        and corner_names(last) == UPRIGHT
    )


def test_twice_as_many_colour_samples(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "camera.mp4",
        [corner_picture(160, 96)] * 12,
        pix_fmt="yuv422p10le",
    )
    times, last = times_and_last(path)
    assert len(times) == 12 and corner_names(last) == UPRIGHT

"""Odd and hostile clips: each gives the right pictures and times, or a refusal of one sentence."""

from __future__ import annotations

import gc
import os
import re
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from video_clips import (
    corner_names,
    corner_picture,
    damage,
    moving_square,
    write_audio,
    write_changing_clip,
    write_clip,
    write_streams,
)

from musclepose import video_writer
from musclepose.errors import InputError, VideoError
from musclepose.video import open_clip, probe
from musclepose.video_limits import VideoLimits, at_most_s, usual_limits
from musclepose.video_told import FileReport
from musclepose.video_writer import VideoWriter

UPRIGHT = ["red", "green", "blue", "grey"]


def read(path: Path, **options: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """All times (T,) and pictures of a clip."""
    times, pictures = zip(*open_clip(path, **options).frames(), strict=True)
    return np.array(times), list(pictures)


def refusal(path: Path, limits: VideoLimits | None = None) -> str:
    """The message with which a clip is refused, at the latest while its frames are read; one sentence."""
    with pytest.raises(VideoError) as caught:
        for _ in open_clip(path, limits=limits).frames():
            pass
    message = str(caught.value)
    assert (
        "\n" not in message and message.endswith(".") and ". " not in message
    ), message
    assert path.name not in message
    return message


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotation_is_applied_exactly_once(
    tmp_path: Path, rotation: int
) -> None:
    # What a phone stores is turned clockwise by the angle that the player turns back counter-clockwise.
    upright = corner_picture(160, 96)
    stored = np.rot90(upright, k=-rotation // 90)
    path = write_clip(
        tmp_path / "turned.mp4", [stored] * 8, rotation_deg=rotation
    )
    clip = open_clip(path)
    assert clip.size_px == clip.info.size_px == (160, 96)
    pictures = [picture for _, picture in clip.frames()]
    assert all(picture.shape == (96, 160, 3) for picture in pictures)
    assert corner_names(pictures[0]) == corner_names(pictures[-1]) == UPRIGHT


def test_rotated_clip_scaled_down_keeps_its_shape(tmp_path: Path) -> None:
    stored = np.rot90(corner_picture(90, 160), k=-1)
    path = write_clip(tmp_path / "portrait.mp4", [stored] * 6, rotation_deg=90)
    clip = open_clip(path, max_side=80)
    _, picture = next(iter(clip.frames()))
    assert (
        clip.info.size_px == (90, 160)
        and clip.size_px == (45, 80)
        and picture.shape == (80, 45, 3)
    )
    assert corner_names(picture) == UPRIGHT


def test_variable_frame_rate_keeps_every_time_stamp(tmp_path: Path) -> None:
    times_ms = np.cumsum([500, 33, 67, 33, 67, 200, 10, 33, 41]).tolist()
    path = write_clip(
        tmp_path / "vfr.mp4", moving_square(len(times_ms)), times_ms
    )
    times, _ = read(path)
    np.testing.assert_allclose(
        times, (np.array(times_ms) - times_ms[0]) / 1000, atol=1e-6
    )


def test_anamorphic_pixels_come_out_square(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "wide.mp4",
        [corner_picture(120, 96)] * 6,
        aspect=Fraction(4, 3),
    )
    clip = open_clip(path)
    assert clip.size_px == (160, 96)
    assert next(iter(clip.frames()))[1].shape == (96, 160, 3)


@pytest.fixture
def ordinary_priority() -> Iterator[None]:
    """SVT-AV1, run by root, makes its caller real-time (SCHED_FIFO); whatever this process starts later would inherit
    that, and a browser at such priority starves the machine."""
    yield
    if hasattr(os, "sched_setscheduler"):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@pytest.mark.usefixtures("ordinary_priority")
@pytest.mark.parametrize(
    ("name", "codec", "container", "codec_name"),
    [
        ("odd.webm", "libvpx-vp9", "webm", "vp9"),
        ("odd.avi", "mpeg4", "avi", "mpeg4"),
        ("odd.mp4", "libsvtav1", "mp4", "av1"),
        ("IMG_0001.MOV", "libx265", "mov", "hevc"),
        (
            "\N{WEIGHT LIFTER} squat \N{LATIN SMALL LETTER E WITH ACUTE}.bin",
            "libx264",
            "mp4",
            "h264",
        ),
    ],
)
def test_kinds_are_known_by_content(
    tmp_path: Path, name: str, codec: str, container: str, codec_name: str
) -> None:
    # libx264, libx265 and libsvtav1 take even sizes only; the other two are odd.
    width, height = (161, 97) if codec in ("libvpx-vp9", "mpeg4") else (160, 96)
    path = write_clip(
        tmp_path / name,
        [corner_picture(width, height)] * 8,
        codec=codec,
        container_format=container,
    )
    clip = open_clip(path)
    pictures = [picture for _, picture in clip.frames()]
    assert clip.info.codec == codec_name and clip.size_px == (width, height)
    assert len(pictures) == 8 and corner_names(pictures[-1]) == UPRIGHT


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.mp4", b"", "empty (0 bytes)"),
        (
            "text.mp4",
            b"this is no video at all, only words" * 50,
            "not a video",
        ),
        (
            "list.m3u8",
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n",
            "playlist",
        ),
        (
            "renamed.mp4",
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n",
            "playlist",
        ),
        ("concat.mp4", b"ffconcat version 1.0\nfile good.mp4\n", "playlist"),
        (
            "header_only.mp4",
            b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 200,
            "damaged or cut off",
        ),
        ("picture.mp4", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not a video"),
    ],
)
def test_files_that_are_no_video_are_refused(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    write_clip(tmp_path / "good.mp4", moving_square(8))
    (tmp_path / name).write_bytes(content)
    assert says in refusal(tmp_path / name)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    assert "no such video" in refusal(tmp_path / "nothing.mp4")
    (tmp_path / "folder.mp4").mkdir()
    assert "no such video" in refusal(tmp_path / "folder.mp4")


def test_audio_only_is_refused(tmp_path: Path) -> None:
    assert "no moving picture" in refusal(write_audio(tmp_path / "song.mp4"))


@pytest.mark.parametrize(
    ("count", "says"), [(1, "has 1 frame;"), (4, "has 4 frames;")]
)
def test_a_movement_needs_several_frames(
    tmp_path: Path, count: int, says: str
) -> None:
    assert says in refusal(
        write_clip(tmp_path / "short.mp4", moving_square(count))
    )


def test_truncated_clips_are_refused(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4", moving_square(60)).read_bytes()
    (tmp_path / "no_index.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    assert "damaged or cut off" in refusal(tmp_path / "no_index.mp4")
    options = {"movflags": "+faststart"}
    front = write_clip(
        tmp_path / "front.mp4", moving_square(60), options=options
    ).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(front[: len(front) * 2 // 3])
    assert "cut off: 0." in refusal(tmp_path / "cut.mp4")


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "container"),
    [
        ("ffv1", "yuv420p", "matroska"),
        ("magicyuv", "gbrp", "avi"),
        ("huffyuv", "yuv422p", "avi"),
    ],
)
def test_other_codecs_are_refused_before_decoding(
    tmp_path: Path, codec: str, pix_fmt: str, container: str
) -> None:
    path = tmp_path / "other.mp4"
    write_clip(
        path,
        moving_square(6),
        codec=codec,
        container_format=container,
        pix_fmt=pix_fmt,
    )
    assert f"coded as {codec}" in refusal(path)


def test_limits_on_length_count_size_and_bytes(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving_square(30))
    assert "lasts 1 s" in refusal(path, VideoLimits(max_seconds=0.5))
    assert "frames or more; at most 10" in refusal(
        path, VideoLimits(max_frames=10)
    )
    assert "160 x 120 pixels" in refusal(path, VideoLimits(max_side_px=100))
    assert "MB" in refusal(path, VideoLimits(max_bytes=1000))
    assert len(read(path)[0]) == 30


def test_how_long_a_video_may_be_is_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving_square(61))
    monkeypatch.setenv("MUSCLEPOSE_MAX_SECONDS", "1.5")
    assert "lasts 2 s; at most 2 s" in refusal(path)
    with at_most_s(600.0):
        assert usual_limits().max_seconds == 1.5
    monkeypatch.setenv("MUSCLEPOSE_MAX_SECONDS", "600")
    assert (
        usual_limits().max_frames == 36_000
        and usual_limits().max_bytes == 2_500_000_000
    )
    monkeypatch.setenv("MUSCLEPOSE_MAX_SECONDS", "ten")
    with pytest.raises(InputError, match="MUSCLEPOSE_MAX_SECONDS is 'ten'"):
        open_clip(path)
    monkeypatch.delenv("MUSCLEPOSE_MAX_SECONDS")
    with at_most_s(600.0):
        assert usual_limits().max_seconds == 600
    assert usual_limits() == VideoLimits() and VideoLimits().max_seconds == 120


def test_limits_are_counted_while_decoding_too(tmp_path: Path) -> None:
    # AVI headers and live WebM can say anything: here the header claims nothing, the frames tell.
    live = {"live": "1"}
    path = write_clip(
        tmp_path / "live.webm",
        moving_square(40),
        codec="libvpx-vp9",
        container_format="webm",
        options=live,
    )
    assert probe(path).duration_s_hint == 0
    assert "lasts" in refusal(path, VideoLimits(max_seconds=0.4))
    assert "11 frames or more" in refusal(path, VideoLimits(max_frames=10))


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "long.mp4", moving_square(300, 320, 240))
    tracemalloc.start()
    count = sum(1 for _ in open_clip(path).frames())
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (
        count == 300 and peak_bytes < 20 * 320 * 240 * 3
    )  # all frames together would be 300 of these


def test_no_decoded_frame_waits_for_the_garbage_collector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A frame in a circle of references keeps megabytes that no count of Python's own memory sees.
    monkeypatch.setenv("MUSCLEPOSE_DECODE", "inline")
    path = write_clip(
        tmp_path / "turned.mp4", moving_square(60), rotation_deg=90
    )
    gc.collect()
    gc.disable()
    try:
        assert sum(1 for _ in open_clip(path).frames()) == 60
        alive = sum(isinstance(one, VideoFrame) for one in gc.get_objects())
    finally:
        gc.enable()
    assert alive <= 5


def test_writer_keeps_times_pads_odd_sizes_and_puts_the_index_first(
    tmp_path: Path,
) -> None:
    times = np.cumsum([0, 0.0333, 0.0667, 0.0333, 0.2, 0.01, 0.05])
    path = tmp_path / "overlay.mp4"
    with VideoWriter(path, (161, 97)) as writer:
        for time_s in times:
            writer.write(corner_picture(161, 97), float(time_s))
    read_times, pictures = read(path)
    np.testing.assert_allclose(read_times, times, atol=1.0 / 90_000)
    assert (
        pictures[0].shape == (98, 162, 3)
        and corner_names(pictures[-1]) == UPRIGHT
    )
    error = np.abs(
        pictures[3][:97, :161].astype(float) - corner_picture(161, 97)
    ).mean()
    assert (
        error < 6
    )  # colours come back (8-bit chroma subsampling); a wrong matrix or range gives 10 and more
    content = path.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")
    assert probe(path).codec == "h264"


def test_writer_refuses_wrong_pictures_and_leaves_no_half_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "half.mp4"
    with (
        pytest.raises(ValueError, match="this writer takes"),
        VideoWriter(path, (160, 96)) as writer,
    ):
        writer.write(corner_picture(160, 96), 0.0)
        writer.write(corner_picture(96, 160), 0.1)
    assert not path.exists()
    with (
        pytest.raises(ValueError, match="does not come after"),
        VideoWriter(path, (160, 96)) as writer,
    ):
        writer.write(corner_picture(160, 96), 0.1)
        writer.write(corner_picture(160, 96), 0.1)


def told(path: Path) -> tuple[np.ndarray, list[np.ndarray], str]:
    """Times, pictures and what the reader is told about the file."""
    report = FileReport()
    times, pictures = zip(*open_clip(path).frames(report), strict=True)
    return np.array(times), list(pictures), " ".join(report.sentences())


def every_ms(count: int, rate_hz: float, start_s: float = 0.0) -> list[int]:
    """Time stamps in whole milliseconds."""
    return [round(1000 * (start_s + index / rate_hz)) for index in range(count)]


@pytest.mark.parametrize(
    ("rate_hz", "kept"),
    [(240.0, 60), (120.0, 60), (144.0, 60), (60.0, 60), (90.0, 90)],
)
def test_fast_films_are_thinned_to_60(
    tmp_path: Path, rate_hz: float, kept: int
) -> None:
    path = write_clip(
        tmp_path / "fast.mp4",
        moving_square(round(rate_hz)),
        every_ms(round(rate_hz), rate_hz),
    )
    times, _, said = told(path)
    assert len(times) == kept and 0.9 < times[-1] < 1.0
    np.testing.assert_allclose(np.diff(times), 1 / kept, atol=0.75 / rate_hz)
    assert ("pictures a second; 60 of them" in said) == (rate_hz > 100)


def test_a_phone_film_of_31_s_at_240_is_read(tmp_path: Path) -> None:
    pictures = moving_square(48, 64, 48) * 155
    path = write_clip(
        tmp_path / "phone.mp4",
        pictures,
        every_ms(7440, 240.0),
        quality={"preset": "ultrafast"},
    )
    times, _, _ = told(path)
    assert len(times) == 1860 and abs(times[-1] - 31.0) < 0.02


def test_slow_films_are_refused(tmp_path: Path) -> None:
    slow = write_clip(
        tmp_path / "slow.mp4", moving_square(40), every_ms(40, 4.0)
    )
    assert re.search(
        r"has 4\.\d pictures a second; a movement needs at least 12",
        refusal(slow),
    )
    unsaid = write_clip(
        tmp_path / "slow.webm",
        moving_square(40),
        every_ms(40, 8.0),
        codec="libvpx-vp9",
        container_format="webm",
    )
    assert "pictures a second" in refusal(unsaid)
    assert (
        len(
            read(
                write_clip(
                    tmp_path / "ok.mp4", moving_square(30), every_ms(30, 15.0)
                )
            )[0]
        )
        == 30
    )


@pytest.mark.parametrize(
    ("suffix", "container", "codec"),
    [
        ("mp4", "mp4", "libx264"),
        ("mkv", "matroska", "libx264"),
        ("webm", "webm", "libvpx-vp9"),
    ],
)
def test_a_first_time_stamp_far_from_zero_is_zero(
    tmp_path: Path, suffix: str, container: str, codec: str
) -> None:
    path = write_clip(
        tmp_path / f"late.{suffix}",
        moving_square(60),
        every_ms(60, 30.0, start_s=3600.0),
        codec=codec,
        container_format=container,
    )
    times, _, said = told(path)
    assert times[0] == 0 and abs(times[-1] - 59 / 30) < 0.002 and said == ""
    assert abs(probe(path).duration_s_hint - 2.0) < 0.1


@pytest.mark.parametrize(
    ("suffix", "container"), [("mp4", "mp4"), ("mkv", "matroska")]
)
def test_sound_may_be_longer_than_the_picture(
    tmp_path: Path, suffix: str, container: str
) -> None:
    path = write_streams(
        tmp_path / f"song.{suffix}",
        [moving_square(30)],
        sound_s=5.0,
        container_format=container,
    )
    limits = VideoLimits(max_seconds=2.0)
    assert len(list(open_clip(path, limits=limits).frames())) == 30


@pytest.mark.parametrize(
    ("suffix", "container"), [("mov", "mov"), ("mkv", "matroska")]
)
@pytest.mark.parametrize("first", ["still", "preview"])
def test_the_film_is_taken_whichever_stream_it_is(
    tmp_path: Path, suffix: str, container: str, first: str
) -> None:
    still = [np.full((240, 320, 3), 90, np.uint8)]
    preview = [np.full((24, 32, 3), 90, np.uint8)] * 30
    film = [corner_picture(160, 96)] * 30
    streams = [still if first == "still" else preview, film]
    path = write_streams(
        tmp_path / f"two.{suffix}", streams, container_format=container
    )
    clip = open_clip(path)
    pictures = [picture for _, picture in clip.frames()]
    assert clip.size_px == (160, 96) and len(pictures) == 30
    assert corner_names(pictures[-1]) == UPRIGHT


def test_damaged_pictures_are_left_out_and_told(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "bad.avi",
        moving_square(90),
        codec="mpeg4",
        container_format="avi",
    )
    damage(
        path, first=0.85, last=0.95, bursts=3
    )  # the first picture alone takes half of the file
    times, _, said = told(path)
    assert 80 < len(times) < 90
    assert re.search(
        r"\d damaged pictures? \(the first at [12]\.\d s\) left out", said
    )
    damage(path, first=0.2, last=0.8, bursts=60)
    assert "The video is damaged:" in refusal(path)


def test_a_zeroed_end_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "zero.mp4",
        moving_square(230),
        options={"movflags": "+faststart"},
    )
    content = bytearray(path.read_bytes())
    tenth = len(content) // 10
    content[-tenth:] = bytes(tenth)
    path.write_bytes(content)
    times, _, said = told(path)
    assert 180 < len(times) < 225
    assert (
        f"after {times[-1] + 1 / 30:.1f} s; it was analysed up to there" in said
    )
    content[-5 * tenth :] = bytes(5 * tenth)
    path.write_bytes(content)
    assert "cut off: " in refusal(path)


def test_another_shape_half_way_keeps_its_proportions(tmp_path: Path) -> None:
    wide, tall = corner_picture(160, 96), corner_picture(96, 160)
    path = write_changing_clip(
        tmp_path / "turned.mp4", [wide] * 20 + [tall] * 20
    )
    _, pictures, said = told(path)
    assert {picture.shape for picture in pictures} == {(96, 160, 3)}
    bordered = pictures[-1].astype(int)
    assert bordered[:, :45].max() < 20 and bordered[:, -45:].max() < 20
    inner = pictures[-1][:, 52:108]
    assert corner_names(inner) == UPRIGHT
    assert "changes its shape at 0.7 s" in said


@pytest.mark.parametrize("box", [b"styp", b"uuid"])
def test_other_first_boxes_are_accepted(tmp_path: Path, box: bytes) -> None:
    path = write_clip(tmp_path / "plain.mp4", moving_square(10))
    content = path.read_bytes()
    length = int.from_bytes(content[:4], "big")
    extra = (
        (24).to_bytes(4, "big")
        + box
        + (b"msdh\0\0\0\0msdhmsix" if box == b"styp" else bytes(16))
    )
    # offsets in the index count from the start of the file, so that the new box takes the place of the old one
    filler = (length - 24).to_bytes(4, "big") + b"free" + bytes(length - 32)
    path.write_bytes(extra + filler + content[length:])
    assert len(read(path)[0]) == 10


def test_prores_and_animated_gif_are_read(tmp_path: Path) -> None:
    prores = write_clip(
        tmp_path / "edit.mov",
        [corner_picture(160, 96)] * 8,
        codec="prores_ks",
        container_format="mov",
        pix_fmt="yuv422p10le",
    )
    gif = write_clip(
        tmp_path / "loop.gif",
        [corner_picture(160, 96) for _ in range(8)],
        times_ms=[50 * n for n in range(8)],
        codec="gif",
        container_format="gif",
        pix_fmt="rgb8",
    )
    for path, codec in ((prores, "prores"), (gif, "gif")):
        assert probe(path).codec == codec
        _, pictures = read(path)
        assert len(pictures) == 8 and corner_names(pictures[-1]) == UPRIGHT


def test_webp_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "loop.webp").write_bytes(b"RIFF\x10\0\0\0WEBPVP8X" + bytes(100))
    assert "is a WebP picture" in refusal(tmp_path / "loop.webp")


def test_a_long_film_gives_its_memory_back_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Blocks of FFmpeg that were freed stay with the C library; after an analysis that was 5 GB a minute of film.
    asked: list[int] = []
    monkeypatch.setattr(
        video_writer, "give_back_memory", lambda: asked.append(1)
    )
    with VideoWriter(tmp_path / "long.mp4", (160, 120)) as writer:
        for number, picture in enumerate(moving_square(200)):
            writer.write(picture, number / 30)
    assert len(asked) >= 4


def test_time_stamps_that_go_back_make_no_negative_seconds() -> None:
    report = FileReport()
    for time_s in (0.1, 0.2, -50.0):
        report.good(time_s)
    assert report.last_good_s == 0.2 and report.decoded == 3

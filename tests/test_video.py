"""Odd and hostile clips: each gives the right pictures and times, or a refusal of one sentence."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from video_clips import corner_names, corner_picture, moving_square, write_audio, write_clip

from musclepose.errors import VideoError
from musclepose.video import VideoWriter, open_clip, probe
from musclepose.video_limits import VideoLimits

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
    assert "\n" not in message and message.endswith(".") and ". " not in message, message
    assert path.name not in message
    return message


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotation_is_applied_exactly_once(tmp_path: Path, rotation: int) -> None:
    # What a phone stores is turned clockwise by the angle that the player turns back counter-clockwise.
    upright = corner_picture(160, 96)
    stored = np.rot90(upright, k=-rotation // 90)
    path = write_clip(tmp_path / "turned.mp4", [stored] * 8, rotation_deg=rotation)
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
        clip.info.size_px == (90, 160) and clip.size_px == (45, 80) and picture.shape == (80, 45, 3)
    )
    assert corner_names(picture) == UPRIGHT


def test_variable_frame_rate_keeps_every_time_stamp(tmp_path: Path) -> None:
    times_ms = np.cumsum([500, 33, 67, 33, 67, 200, 10, 33, 41]).tolist()
    path = write_clip(tmp_path / "vfr.mp4", moving_square(len(times_ms)), times_ms)
    times, _ = read(path)
    np.testing.assert_allclose(times, (np.array(times_ms) - times_ms[0]) / 1000, atol=1e-6)


def test_anamorphic_pixels_come_out_square(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "wide.mp4", [corner_picture(120, 96)] * 6, aspect=Fraction(4, 3))
    clip = open_clip(path)
    assert clip.size_px == (160, 96)
    assert next(iter(clip.frames()))[1].shape == (96, 160, 3)


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
        ("text.mp4", b"this is no video at all, only words" * 50, "not a video"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "playlist"),
        ("renamed.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "playlist"),
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


@pytest.mark.parametrize(("count", "says"), [(1, "has 1 frame;"), (4, "has 4 frames;")])
def test_a_movement_needs_several_frames(tmp_path: Path, count: int, says: str) -> None:
    assert says in refusal(write_clip(tmp_path / "short.mp4", moving_square(count)))


def test_truncated_clips_are_refused(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4", moving_square(60)).read_bytes()
    (tmp_path / "no_index.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    assert "damaged or cut off" in refusal(tmp_path / "no_index.mp4")
    options = {"movflags": "+faststart"}
    front = write_clip(tmp_path / "front.mp4", moving_square(60), options=options).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(front[: len(front) * 2 // 3])
    assert "cut off: 0." in refusal(tmp_path / "cut.mp4")


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "container"),
    [("ffv1", "yuv420p", "matroska"), ("magicyuv", "gbrp", "avi"), ("huffyuv", "yuv422p", "avi")],
)
def test_other_codecs_are_refused_before_decoding(
    tmp_path: Path, codec: str, pix_fmt: str, container: str
) -> None:
    path = tmp_path / "other.mp4"
    write_clip(path, moving_square(6), codec=codec, container_format=container, pix_fmt=pix_fmt)
    assert f"coded as {codec}" in refusal(path)


def test_limits_on_length_count_size_and_bytes(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving_square(30))
    assert "lasts 1 s" in refusal(path, VideoLimits(max_seconds=0.5))
    assert "frames or more; at most 10" in refusal(path, VideoLimits(max_frames=10))
    assert "160 x 120 pixels" in refusal(path, VideoLimits(max_side_px=100))
    assert "MB" in refusal(path, VideoLimits(max_bytes=1000))
    assert len(read(path)[0]) == 30


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


def test_writer_keeps_times_pads_odd_sizes_and_puts_the_index_first(tmp_path: Path) -> None:
    times = np.cumsum([0, 0.0333, 0.0667, 0.0333, 0.2, 0.01, 0.05])
    path = tmp_path / "overlay.mp4"
    with VideoWriter(path, (161, 97)) as writer:
        for time_s in times:
            writer.write(corner_picture(161, 97), float(time_s))
    read_times, pictures = read(path)
    np.testing.assert_allclose(read_times, times, atol=1.0 / 90_000)
    assert pictures[0].shape == (98, 162, 3) and corner_names(pictures[-1]) == UPRIGHT
    error = np.abs(pictures[3][:97, :161].astype(float) - corner_picture(161, 97)).mean()
    assert (
        error < 6
    )  # colours come back (8-bit chroma subsampling); a wrong matrix or range gives 10 and more
    content = path.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")
    assert probe(path).codec == "h264"


def test_writer_refuses_wrong_pictures_and_leaves_no_half_file(tmp_path: Path) -> None:
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

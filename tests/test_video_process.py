"""A decoder that dies, hangs, eats memory or talks nonsense: one sentence, and nothing is left over."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from video_clips import moving_square, write_clip

from musclepose import video, video_process, video_stream
from musclepose.errors import DecoderError, VideoError
from musclepose.video import open_clip, probe
from musclepose.video_limits import VideoLimits
from musclepose.video_told import FileReport

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="Windows decodes in the same process"
)
linux = pytest.mark.skipif(
    sys.platform != "linux", reason="counts in /proc, or a limit of Linux"
)
Misbehave = Callable[[str], None]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    video._probed.cache_clear()
    return write_clip(tmp_path / "clip.mp4", moving_square(40))


@pytest.fixture
def misbehave(monkeypatch: pytest.MonkeyPatch) -> Misbehave:
    """Give a body for what the child does at its fourth picture."""
    ordinary = video_process.command

    def use(body: str) -> None:
        lines = "\n    ".join(body.splitlines())
        code = (
            "import ctypes, os, signal, sys, time\n"
            "from musclepose import video_child, video_decode\n"
            f"def misbehave():\n    {lines}\n"
            "ordinary = video_decode.pictures\n"
            "def pictures(*given):\n"
            "    for number, one in enumerate(ordinary(*given)):\n"
            "        if number == 3: misbehave()\n"
            "        yield one\n"
            "video_decode.pictures = pictures\n"
        )

        def command(memory_fd: int) -> list[str]:
            *start, last = ordinary(memory_fd)
            paths, run = last.split("; from", 1)
            return [*start, f"{paths}\n{code}\nfrom{run}"]

        monkeypatch.setattr(video_process, "command", command)

    return use


def death(path: Path, limits: VideoLimits | None = None) -> DecoderError:
    """The error that reading ends with, after the pictures that came before; its message is one sentence."""
    count = 0
    with pytest.raises(DecoderError) as caught:
        for _ in open_clip(path, limits=limits).frames():
            count += 1
    message = str(caught.value)
    assert count == 3
    assert (
        "\n" not in message
        and message.endswith(".")
        and ". " not in message.replace("H.264", "")
    )
    assert path.name not in message
    return caught.value


def children() -> list[str]:
    """Command lines of the processes that this one has started and that are still there, dead ones too."""
    ours = (
        Path(f"/proc/self/task/{os.getpid()}/children")
        .read_text("ascii")
        .split()
    )
    return [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in ours]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "code -11"),
        ("ctypes.string_at(0)", "code -11"),
        ("os.abort()", "code -6"),
        ("os._exit(0)", "code 0"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed"),
        (
            "video_child.Child.say = lambda self, **_: self._told.write(b'nonsense\\n')",
            "answer",
        ),
        ("raise IndexError('a fault of ours')", "fault"),
    ],
)
def test_a_child_that_breaks_down(
    clip: Path, misbehave: Misbehave, body: str, kind: str
) -> None:
    misbehave(body)
    assert death(clip).kind == kind


def test_a_child_that_hangs(clip: Path, misbehave: Misbehave) -> None:
    misbehave("time.sleep(600)")
    start = time.monotonic()
    error = death(clip, VideoLimits(max_silence_s=4.0))
    assert error.kind == "silence" and "no picture for 4 s" in str(error)
    assert time.monotonic() - start < 120


@linux
def test_a_child_that_computes_for_ever(
    clip: Path, misbehave: Misbehave
) -> None:
    misbehave("while True: pass")
    error = death(clip, VideoLimits(max_processor_s=1.0))
    assert error.kind == "time" and "1 s of processor time" in str(error)


@linux
def test_a_child_that_eats_memory(clip: Path, misbehave: Misbehave) -> None:
    misbehave("kept = [bytes(10_000_000) for _ in range(1000)]")
    error = death(clip, VideoLimits(max_memory_bytes=500_000_000))
    assert error.kind == "memory" and "more than 0.5 GB" in str(error)


def test_a_decoder_without_memory_is_no_damaged_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Packet:
        def decode(self) -> None:
            raise av.error.MemoryError(
                12, "Cannot allocate memory", "avcodec_send_packet()"
            )

    monkeypatch.setattr(video_stream, "_packets", lambda *_: [Packet()])
    with pytest.raises(MemoryError):
        list(video_stream._decoded(None, None, FileReport()))


@linux
def test_a_child_may_write_no_file(
    clip: Path, misbehave: Misbehave, tmp_path: Path
) -> None:
    misbehave(f"open({str(tmp_path / 'stolen')!r}, 'wb', 0).write(b'x')")
    death(clip)
    assert (
        not (tmp_path / "stolen").exists()
        or (tmp_path / "stolen").stat().st_size == 0
    )


def test_a_child_knows_nothing_of_the_environment(
    clip: Path, misbehave: Misbehave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "123")
    misbehave("os._exit(7 if 'SECRET_TOKEN' in os.environ else 9)")
    assert death(clip).kind == "code 9"


def test_a_process_that_cannot_be_started(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_process, "command", lambda _: ["/nowhere/python"])
    with pytest.raises(DecoderError, match="could not be started"):
        probe(clip)


@linux
@pytest.mark.parametrize(
    "ending", ["close", "abandon", "exception", "read to the end"]
)
def test_nothing_is_left_over(clip: Path, ending: str) -> None:
    gc.collect()  # of the tests before: errors that hold pictures
    before, open_files = children(), os.listdir("/proc/self/fd")
    frames = open_clip(clip).frames()
    next(frames)
    assert len(children()) == len(before) + 1
    if ending == "close":
        frames.close()  # type: ignore[attr-defined]
    elif ending == "abandon":
        del frames
    elif ending == "exception":
        with pytest.raises(RuntimeError):
            frames.throw(RuntimeError("stopped"))  # type: ignore[attr-defined]
    else:
        assert sum(1 for _ in frames) == 39
    assert children() == before
    assert len(os.listdir("/proc/self/fd")) == len(open_files)


@linux
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_reader_that_is_ended_takes_its_child_along(
    clip: Path, how: signal.Signals
) -> None:
    code = (
        "import signal, sys, time; from musclepose.video import open_clip\n"
        # What a shell starts in the background ignores the interrupt, and its children inherit that.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"frames = open_clip({str(clip)!r}).frames(); next(frames)\n"
        "print(open('/proc/self/task/' + str(__import__('os').getpid()) + '/children').read(), flush=True)\n"
        "time.sleep(600)"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert reader.stdout is not None
    child = int(reader.stdout.readline())
    reader.send_signal(how)
    reader.wait(timeout=20)
    reader.stdout.close()
    assert gone_within(child, 20.0)


def gone_within(pid: int, seconds: float) -> bool:
    """True if the process ends in that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = (
                Path(f"/proc/{pid}/stat")
                .read_text("ascii")
                .rpartition(")")[2]
                .split()[0]
            )
        except OSError:
            return True
        if state == "Z":  # dead, and nobody of ours to wait for it
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("held", [1, 3, 40])
def test_pictures_stay_what_they_were_however_many_are_held(
    clip: Path, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_process, "_SLOTS", (4, 6))
    monkeypatch.setenv("MUSCLEPOSE_DECODE", "inline")
    known = [
        (time_s, picture.copy()) for time_s, picture in open_clip(clip).frames()
    ]
    monkeypatch.delenv("MUSCLEPOSE_DECODE")
    report = FileReport()
    kept: list[tuple[int, np.ndarray]] = []
    for number, (time_s, picture) in enumerate(open_clip(clip).frames(report)):
        assert time_s == known[number][0]
        kept = [*kept, (number, picture)][-held:]
        for index, one in kept:
            np.testing.assert_array_equal(one, known[index][1])
    assert report.decoded == 40
    for index, one in kept:  # the process is gone, its pictures are not
        np.testing.assert_array_equal(one, known[index][1])


def test_a_refusal_crosses_the_border_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_clip(tmp_path / "short.mp4", moving_square(4))
    said = []
    for mode in ("", "inline"):
        monkeypatch.setenv("MUSCLEPOSE_DECODE", mode)
        with pytest.raises(VideoError) as caught:
            probe(path)
        said.append(str(caught.value))
    assert said[0] == said[1] and "has 4 frames" in said[0]


def test_a_file_that_changed_is_probed_again(clip: Path) -> None:
    assert probe(clip).frame_count_hint == 40
    write_clip(clip, moving_square(20))
    assert probe(clip).frame_count_hint == 20


def test_the_child_loads_no_model_library(
    clip: Path, misbehave: Misbehave
) -> None:
    misbehave(
        "os._exit(any(m in sys.modules for m in ('torch', 'cv2', 'scipy', 'gradio')))"
    )
    assert death(clip).kind == "code 0"


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("names that are no text exist on Linux only")
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/sq\xfft '\"\n.mp4"))
    write_clip(tmp_path / "plain.mp4", moving_square(20)).rename(path)
    assert sum(1 for _ in open_clip(path).frames()) == 20

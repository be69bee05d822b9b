"""The parent's side of the process that decodes an upload: start it, ask it, see its pictures, tell how it died.

A decoder that is killed, hangs, eats memory or breaks down becomes a DecoderError of one sentence. Pictures lie in
anonymous memory that both processes share, in slots. A picture that the caller has let go of frees its slot; while the
caller holds many, the next ones are copied. So nothing is left over, however the reading ends: memory without a name
goes with its last user, and the process goes with this object, with the end of this process, or with its own limits.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import select
import signal
import subprocess
import sys
import tempfile
import weakref
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from musclepose.errors import DecoderError, VideoError
from musclepose.video_child import slot_bytes
from musclepose.video_decode import Picture, VideoInfo
from musclepose.video_limits import VideoLimits
from musclepose.video_told import FileReport

_RING_BYTES = 64_000_000
_SLOTS = (4, 64)  # least and most
_MOVING_SLOTS = (
    3  # of them the caller never holds: the decoder works ahead in these
)
_ONE_READ = 65_536
_CODE = "import sys; sys.path[:] = {paths!r}; from musclepose.video_child import main; main({fd})"
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
_ADVICE = "export it again as H.264 MP4 at 1080p."


def command(memory_fd: int) -> list[str]:
    """How the process is started: no site packages but this process's own, nothing of the environment."""
    paths = [str(Path(__file__).parent.parent), *sys.path]
    return [
        sys.executable,
        "-I",
        "-S",
        "-c",
        _CODE.format(paths=paths, fd=memory_fd),
    ]


class Decoder:
    """One process for one reading of one file; `close` ends it."""

    def __init__(self, path: Path, limits: VideoLimits) -> None:
        self._path, self._limits = path, limits
        self._said = b""
        self._memory_fd = _anonymous_file()
        try:
            self._process = subprocess.Popen(
                command(self._memory_fd),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=(self._memory_fd,),
                env=_ENVIRONMENT,
                start_new_session=True,  # Ctrl-C is for the parent, which ends this one
            )
        except OSError as error:
            os.close(self._memory_fd)
            raise DecoderError(
                "start",
                "The process that reads videos could not be started; try again in a while.",
            ) from error
        self.close = weakref.finalize(
            self, _end, self._process, self._memory_fd
        )

    def probe(self) -> VideoInfo:
        """What the video is."""
        self._order(None)
        return VideoInfo.of(self._answer()["info"])

    def pictures(
        self, info: VideoInfo, size_px: tuple[int, int], report: FileReport
    ) -> Iterator[tuple[float, Picture]]:
        """Yield (time_s, rgb (H, W, 3) uint8) of the probed file; `report` is filled in after the last."""
        step = slot_bytes(*size_px)
        slots = min(max(_RING_BYTES // step, _SLOTS[0]), _SLOTS[1])
        os.ftruncate(self._memory_fd, slots * step)
        memory = mmap.mmap(self._memory_fd, slots * step)
        self._order({"info": asdict(info), "size_px": size_px, "slots": slots})
        held: set[int] = set()
        let_go: deque[int] = (
            deque()
        )  # filled by whichever thread drops a picture last
        while "end" not in (answer := self._answer()):
            slot = answer["slot"]
            pixels = np.frombuffer(
                memory, np.uint8, 3 * size_px[0] * size_px[1], slot * step
            )
            picture = pixels.reshape(size_px[1], size_px[0], 3)
            if len(held) < slots - _MOVING_SLOTS:
                held.add(slot)
                weakref.finalize(pixels, let_go.append, slot)
            else:
                picture = picture.copy()
                let_go.append(slot)
            del pixels
            yield answer["time_s"], picture
            del picture
            while let_go:
                free = let_go.popleft()
                held.discard(free)
                self._tell(free)
        for name, value in answer["end"].items():
            setattr(report, name, value)

    def _order(self, pictures: dict[str, Any] | None) -> None:
        order = {
            "path": str(self._path),
            "limits": asdict(self._limits),
            "pictures": pictures,
        }
        self._tell(order)

    def _tell(self, message: Any) -> None:
        """One line to the process; where it is gone, its next answer says so."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(
                json.dumps(message).encode("ascii") + b"\n"
            )
        except BrokenPipeError:
            return

    def _answer(self) -> dict[str, Any]:
        """The next line of the process. Raises VideoError where it refuses the file, DecoderError where it dies."""
        try:
            answer = json.loads(self._line())
        except ValueError:
            raise _breakdown() from None
        if "refused" in answer:
            raise VideoError(answer["refused"])
        if "out_of_memory" in answer:
            raise DecoderError(
                "memory",
                f"Decoding the video took more than {self._limits.max_memory_bytes / 1e9:.1f} GB of memory and was "
                f"stopped; {_ADVICE}",
            )
        if "fault" in answer:
            logging.getLogger(__name__).error(
                "fault in the decoding process\n%s", answer["fault"]
            )
            raise _breakdown("fault")
        return dict(answer)

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        stream = self._process.stdout.fileno()
        while b"\n" not in self._said:
            ready = select.poll()
            ready.register(stream, select.POLLIN)
            if not ready.poll(1000 * self._limits.max_silence_s):
                raise DecoderError(
                    "silence",
                    f"The video gave no picture for {self._limits.max_silence_s:.0f} s and was given up; {_ADVICE}",
                )
            piece = os.read(stream, _ONE_READ)
            if not piece:
                raise self._death()
            self._said += piece
        line, _, self._said = self._said.partition(b"\n")
        return line

    def _death(self) -> DecoderError:
        """What to say of a process that ended without a word."""
        try:
            code = self._process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            return _breakdown()
        if code == -signal.SIGXCPU:
            return DecoderError(
                "time",
                f"Decoding the video took more than {self._limits.max_processor_s:.0f} s of processor time and was "
                f"stopped; {_ADVICE}",
            )
        if code == -signal.SIGKILL:
            return DecoderError(
                "killed",
                f"The process that decodes the video was ended from outside, perhaps for lack of memory; {_ADVICE}",
            )
        return _breakdown(f"code {code}")


def _breakdown(kind: str = "answer") -> DecoderError:
    return DecoderError(
        kind, f"The decoder broke down on this video; {_ADVICE}"
    )


def _anonymous_file() -> int:
    """A file descriptor of memory without a name, or of a file that has lost it; empty."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("musclepose-pictures")
    with tempfile.TemporaryFile() as stream:
        return os.dup(stream.fileno())


def _end(process: subprocess.Popen[bytes], memory_fd: int) -> None:
    """End the process, wait for it, close what belongs to it."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    os.close(memory_fd)

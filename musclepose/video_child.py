"""The process that decodes one upload, and nothing else. video_process starts it and speaks with it.

It limits itself before it opens the file: memory, processor time, no file may be written, few may be opened. Lines of
JSON come on standard input and go to standard output; pictures go into memory that both processes share. It says what
it found or why it refuses; where it dies without a word, its parent tells so. It imports no more than decoding needs.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import sys
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from musclepose import video_decode
from musclepose.errors import VideoError
from musclepose.video_decode import Picture, VideoInfo
from musclepose.video_limits import VideoLimits
from musclepose.video_told import FileReport

_OPEN_FILES = 32


class _ParentGone(Exception):
    """Nobody reads the pictures any more."""


class Child:
    """One upload. `memory_fd` is the shared memory, `asked` and `told` are the ways from and to the parent."""

    def __init__(self, memory_fd: int, asked: BinaryIO, told: BinaryIO) -> None:
        self._memory_fd = memory_fd
        self._asked, self._told = asked, told
        self._free: deque[int] = deque()

    def say(self, **answer: Any) -> None:
        """One line to the parent."""
        self._told.write(json.dumps(answer).encode("ascii") + b"\n")

    def _hear(self) -> Any:
        line = self._asked.readline()
        if not line:
            raise _ParentGone
        return json.loads(line)

    def serve(self) -> None:
        """Probe the file that the parent names, or give its pictures, and say how it ended."""
        try:
            order = self._hear()
            limits = VideoLimits(**order["limits"])
            restrict(limits)
            path = Path(order["path"])
            if order["pictures"] is None:
                self.say(info=asdict(video_decode.probe(path, limits)))
            else:
                self._give_pictures(path, limits, **order["pictures"])
        except VideoError as error:
            self.say(refused=str(error))
        except MemoryError:
            self.say(out_of_memory=True)
        except Exception:
            self.say(fault=traceback.format_exc())

    def _give_pictures(
        self,
        path: Path,
        limits: VideoLimits,
        info: dict[str, Any],
        size_px: list[int],
        slots: int,
    ) -> None:
        """Pictures into the slots that are free, each told with its time."""
        width, height = size_px
        memory = mmap.mmap(self._memory_fd, slots * slot_bytes(width, height))
        views = slots_of(memory, width, height, slots)
        self._free.extend(range(slots))
        report, slot = FileReport(), 0

        def blank() -> Picture:
            nonlocal slot
            slot = self._free.popleft() if self._free else int(self._hear())
            return views[slot]

        for time_s, _ in video_decode.pictures(
            path, VideoInfo.of(info), (width, height), limits, report, blank
        ):
            self.say(slot=slot, time_s=time_s)
        self.say(end=asdict(report))


def slot_bytes(width: int, height: int) -> int:
    """Bytes of shared memory for one picture: whole pages."""
    return math.ceil(3 * width * height / mmap.PAGESIZE) * mmap.PAGESIZE


def slots_of(
    memory: mmap.mmap, width: int, height: int, slots: int
) -> list[Picture]:
    """One picture (H, W, 3) for each slot of the shared memory."""
    step = slot_bytes(width, height)
    return [
        np.frombuffer(
            memory, np.uint8, 3 * width * height, slot * step
        ).reshape(height, width, 3)
        for slot in range(slots)
    ]


def restrict(limits: VideoLimits) -> None:
    """Limit this process for good, where the system can; a limit that is lower already stays."""
    try:
        import resource
    except ImportError:
        return
    processor_s = math.ceil(limits.max_processor_s)
    most = {
        resource.RLIMIT_DATA: (
            limits.max_memory_bytes,
            limits.max_memory_bytes,
        ),
        resource.RLIMIT_CPU: (
            processor_s,
            processor_s + 5,
        ),  # at the second the signal is SIGKILL
        resource.RLIMIT_NOFILE: (_OPEN_FILES, _OPEN_FILES),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
    }
    for kind, values in most.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, values)


def main(memory_fd: int) -> None:
    """Speak on the standard streams; whatever a library prints goes nowhere."""
    told = os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)
    with suppress(_ParentGone, BrokenPipeError):
        Child(memory_fd, sys.stdin.buffer, told).serve()

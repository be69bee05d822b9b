"""`python -m musclepose.evaluate fuzz`: damaged video files through the reader, as an upload goes.

Small MP4, MOV, WebM, MKV and AVI files are made on the spot and mutated: bytes of the structure, sizes and counts in
it, payload, cuts, pieces of other files. Each must be read to its end, be refused with one sentence, or be stopped by
a limit of the decoding process; whatever else happens is a defect. File k of a seed is the same on every machine that
encodes alike.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from musclepose.errors import DecoderError, VideoError
from musclepose.utils.cpu import usable_cores
from musclepose.utils.overlap import map_ahead
from musclepose.video import open_clip

SIDE_PX, PICTURES = 64, 30
ANALYSED, REFUSED, LIMIT, ELSE = "analysed", "refused", "limit", "anything else"
LIMITS = (
    "memory",
    "time",
    "silence",
)  # kinds of DecoderError that are no defect
_STRUCTURE = re.compile(
    rb"ftyp|moov|mvhd|trak|tkhd|edts|elst|mdia|mdhd|hdlr|minf|stbl|stsd|stts|ctts|stss|stsc|stsz|stco|co64|avc1|avcC|"
    rb"hvcC|mp4a|esds|colr|moof|traf|tfhd|tfdt|trun|mdat|RIFF|AVI |LIST|hdrl|avih|strl|strh|strf|movi|idx1|00dc|"
    rb"\x1a\x45\xdf\xa3|\x18\x53\x80\x67|\x16\x54\xae\x6b|\x1f\x43\xb6\x75|\x1c\x53\xbb\x6b|\x15\x49\xa9\x66"
)
_EXTREMES = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\1",
)


class Kind(NamedTuple):
    """One sort of file to start from."""

    suffix: str
    container: str
    codec: str
    pix_fmt: str = "yuv420p"
    options: tuple[tuple[str, str], ...] = ()
    sound: bool = False
    rotation_deg: int = 0


KINDS = (
    Kind("mp4", "mp4", "libx264", sound=True),
    Kind(
        "mp4",
        "mp4",
        "libx264",
        options=(("movflags", "+faststart"),),
        rotation_deg=90,
    ),
    Kind(
        "mp4",
        "mp4",
        "libx264",
        options=(("movflags", "+frag_keyframe+empty_moov"),),
    ),
    Kind("mov", "mov", "prores_ks", "yuv422p10le"),
    Kind("mov", "mov", "mjpeg", "yuvj420p"),
    Kind("webm", "webm", "libvpx-vp9"),
    Kind("webm", "webm", "libvpx", options=(("live", "1"),)),
    Kind("mkv", "matroska", "libx264", sound=True),
    Kind("avi", "avi", "mpeg4"),
    Kind("avi", "avi", "mjpeg", "yuvj420p"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--files", type=int, default=300, help="how many damaged files"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--workers", type=int, default=usable_cores(), help="files at a time"
    )
    parser.add_argument(
        "--keep", type=Path, help="folder for the files that were a defect"
    )
    parser.add_argument("--json", type=Path, help="write the counts there too")


@lru_cache(maxsize=1)
def whole_files() -> tuple[tuple[Kind, bytes], ...]:
    """One small, whole file of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "whole"
        return tuple(
            (kind, _written(path, kind).read_bytes()) for kind in KINDS
        )


def _written(path: Path, kind: Kind) -> Path:
    """A bright square that moves over noise, with sound or rotation where the kind has it."""
    noise = np.random.default_rng(1).integers(
        0, 90, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8
    )
    with av.open(
        str(path), "w", format=kind.container, options=dict(kind.options)
    ) as container:
        stream: Any = container.add_stream(
            kind.codec, rate=30, options={"g": "6"}
        )
        stream.width = stream.height = SIDE_PX
        stream.pix_fmt = kind.pix_fmt
        if kind.rotation_deg:
            stream.set_display_rotation(kind.rotation_deg)
        sound: Any = (
            container.add_stream("aac", rate=48000) if kind.sound else None
        )
        for number in range(PICTURES):
            picture = noise.copy()
            picture[20:40, number : number + 20] = 255
            frame = VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for number in range(PICTURES if sound else 0):
            hum = AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), "fltp", "mono"
            )
            hum.sample_rate, hum.pts, hum.time_base = (
                48000,
                1024 * number,
                Fraction(1, 48000),
            )
            container.mux(sound.encode(hum))
        if sound:
            container.mux(sound.encode(None))
    return path


Random = np.random.Generator


def _noise(random: Random, size: int) -> bytes:
    return random.integers(0, 256, size, dtype=np.uint8).tobytes()


def _structure(content: bytearray, random: Random) -> None:
    """Bytes within a dozen of a box, chunk or element name."""
    places = [
        found.start() for found in _STRUCTURE.finditer(bytes(content))
    ] or [0]
    for place in random.choice(places, random.integers(1, 4)):
        at = int(np.clip(place + random.integers(-8, 24), 0, len(content) - 1))
        content[at : at + 1] = _noise(random, 1)


def _number(content: bytearray, random: Random) -> None:
    """An extreme number of four bytes shortly before or after a name: a size, a count, a time."""
    places = [
        found.start() for found in _STRUCTURE.finditer(bytes(content))
    ] or [0]
    at = max(
        0,
        int(random.choice(places))
        + int(random.choice([-4, 4, 8, 12, 16, 20, 24])),
    )
    extreme = _EXTREMES[random.integers(len(_EXTREMES))]
    content[at : at + 4] = (
        extreme if random.random() < 0.6 else _noise(random, 4)
    )


def _payload(content: bytearray, random: Random) -> None:
    """Bursts of noise anywhere."""
    for _ in range(random.integers(1, 6)):
        at, size = (
            int(random.integers(len(content))),
            int(random.integers(1, 20)),
        )
        content[at : at + size] = _noise(random, len(content[at : at + size]))


def _bits(content: bytearray, random: Random) -> None:
    """Single bits anywhere."""
    for at in random.integers(0, len(content), random.integers(1, 12)):
        content[at] ^= 1 << int(random.integers(8))


def _cut(content: bytearray, random: Random) -> None:
    """The end, or a piece of the middle, is missing."""
    at = int(random.integers(1, len(content)))
    end = (
        len(content)
        if random.random() < 0.6
        else at + int(random.integers(1, 400))
    )
    del content[at:end]


def _zeros(content: bytearray, random: Random) -> None:
    """A stretch that was never written."""
    at, size = (
        int(random.integers(len(content))),
        int(random.integers(1, len(content) // 4 + 2)),
    )
    content[at : at + size] = bytes(len(content[at : at + size]))


def _splice(content: bytearray, random: Random) -> None:
    """A piece of another file, or of this one, put in or over."""
    others = whole_files()
    source = (
        bytes(content)
        if random.random() < 0.3
        else others[int(random.integers(len(others)))][1]
    )
    start, size = (
        int(random.integers(len(source))),
        int(random.integers(1, 2000)),
    )
    piece = source[start : start + size]
    at = int(random.integers(len(content)))
    content[at : at + (len(piece) if random.random() < 0.5 else 0)] = piece


MUTATIONS: tuple[Callable[[bytearray, Random], None], ...] = (
    _structure,
    _number,
    _payload,
    _bits,
    _cut,
    _zeros,
    _splice,
)


def damaged_file(seed: int, number: int) -> tuple[Kind, bytes]:
    """The kind and content of file `number` of a seed."""
    random = np.random.default_rng((seed, number))
    kind, whole = whole_files()[number % len(KINDS)]
    content = bytearray(whole)
    for which in random.integers(
        0, len(MUTATIONS), random.choice([1, 1, 1, 2, 3])
    ):
        if content:
            MUTATIONS[which](content, random)
    return kind, bytes(content)


class Outcome(NamedTuple):
    """What became of one file."""

    kind: Kind
    what: str  # ANALYSED, REFUSED, LIMIT or ELSE
    told: str = ""  # the sentence without its numbers, or the defect


def outcome_of(kind: Kind, path: Path) -> Outcome:
    """Probe a file and read it to its end, as an upload is read."""
    try:
        clip, before_s = open_clip(path), -math.inf
        shape = (clip.size_px[1], clip.size_px[0], 3)
        for time_s, picture in clip.frames():
            if not (
                math.isfinite(time_s)
                and time_s > before_s
                and picture.shape == shape
            ):
                return Outcome(
                    kind,
                    ELSE,
                    f"time {time_s} after {before_s}, {picture.shape}",
                )
            before_s = time_s
    except DecoderError as error:
        return Outcome(
            kind,
            LIMIT if error.kind in LIMITS else ELSE,
            f"{error.kind}: {error}",
        )
    except VideoError as error:
        if not is_one_sentence(str(error)):
            return Outcome(kind, ELSE, f"no sentence: {error}")
        return Outcome(kind, REFUSED, re.sub(r"\d+(\.\d+)?", "N", str(error)))
    except Exception as error:  # whatever comes is what is looked for
        return Outcome(kind, ELSE, f"{type(error).__name__}: {error}")
    return Outcome(kind, ANALYSED)


def is_one_sentence(text: str) -> bool:
    """True for one line that ends with its only full stop, numbers and codec names aside."""
    plain = text.replace("H.264", "").replace("...", "")
    return "\n" not in plain and plain.endswith(".") and ". " not in plain


def outcomes(
    files: int, seed: int, workers: int, keep: Path | None = None
) -> Iterator[Outcome]:
    """What becomes of each damaged file, in order; the content of a defect is kept in the folder `keep`."""
    with tempfile.TemporaryDirectory() as folder:

        def one(number: int) -> Outcome:
            kind, content = damaged_file(seed, number)
            path = Path(folder) / f"{number}.{kind.suffix}"
            path.write_bytes(content)
            try:
                found = outcome_of(kind, path)
            finally:
                path.unlink()
            if found.what == ELSE and keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{seed}_{path.name}").write_bytes(content)
            return found

        whole_files()
        yield from map_ahead(one, range(files), workers, 4 * workers)


def run(args: argparse.Namespace) -> int:
    """Count, print a row for each format and what was told; 1 where something was a defect."""
    start = time.perf_counter()
    found = list(outcomes(args.files, args.seed, args.workers, args.keep))
    formats = sorted({one.kind.suffix for one in found})
    counts = {
        name: Counter(o.what for o in found if o.kind.suffix == name)
        for name in formats
    }
    counts["all"] = Counter(one.what for one in found)
    columns = (ANALYSED, REFUSED, LIMIT, ELSE)
    print("".join(f"{name:>15s}" for name in ("format", *columns)))
    for name, row in counts.items():
        print(
            f"{name:>15s}" + "".join(f"{row[column]:15d}" for column in columns)
        )
    told = Counter(f"{one.what}: {one.told}" for one in found if one.told)
    for sentence, count in told.most_common():
        print(f"{count:7d}  {sentence}")
    print(f"seed {args.seed}, {time.perf_counter() - start:.0f} s")
    if args.json:
        record = {
            "files": args.files,
            "seed": args.seed,
            "counts": counts,
            "told": told,
        }
        args.json.write_text(json.dumps(record, indent=1), encoding="utf-8")
    return 1 if counts["all"][ELSE] else 0

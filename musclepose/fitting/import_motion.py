"""Public motion capture -> the 30 Hz joint set that training reads.

    python -m musclepose.fitting.import_motion --input 05 --out data/cmu_mocap/05.npz

`--input` is an .amc (its .asf lies beside it, or is given with --skeleton), a .bvh, or a folder of them; one call is
one subject. `--out` is that subject's file; `index.csv` beside it gets a row per clip. The folder that holds
`cmu_mocap/` is then a `--data_dir` of training and evaluation. Read the licence of the source first: CMU's data may be
used and be part of a product, but not be resold (mocap.cs.cmu.edu).

The BVH files that circulate of CMU's motion (cgspeed) lack the thorax and both wrist bones: these are put back, see
`import_bvh`. What happens to the motion is in `import_clips`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from musclepose.errors import InputError, MusclePoseError
from musclepose.fitting.fit_sources import FPS
from musclepose.fitting.import_asf import AsfSkeleton, read_amc, read_asf
from musclepose.fitting.import_bvh import (
    CGSPEED_UNIT_M,
    read_bvh,
    with_missing_bones,
)
from musclepose.fitting.import_clips import (
    SHORTEST_S,
    ImportedClip,
    Labels,
    clips_of,
    save_subject,
)
from musclepose.fitting.import_skeleton import JOINTS, Recording, read_lines

MAX_FILES = 500
SPLITS = ("train", "val", "test")


def motion_files(source: Path) -> list[Path]:
    """The .amc and .bvh files of a folder by name, or the one file."""
    found = (
        [source]
        if source.is_file()
        else sorted(p for p in source.glob("*") if p.is_file())
    )
    files = [p for p in found if p.suffix.lower() in (".amc", ".bvh")]
    if not files or len(files) > MAX_FILES:
        raise InputError(
            f"{source.name or source} holds {len(files)} .amc or .bvh files; 1 to {MAX_FILES} are needed in --input."
        )
    return files


def skeleton_for(file: Path, given: Path | None) -> AsfSkeleton:
    """--skeleton, else the .asf beside the motion whose name it starts with, else the only one there."""
    beside = sorted(
        p for p in file.parent.glob("*") if p.suffix.lower() == ".asf"
    )
    fitting = [p for p in beside if file.stem.split("_")[0] == p.stem] or (
        beside if len(beside) == 1 else []
    )
    if given is None and not fitting:
        raise InputError(
            f"{file.name} has {len(beside)} .asf files beside it, none of its name; give --skeleton."
        )
    return read_asf(given or fitting[0])


def read_recording(
    file: Path, skeleton: Path | None, fps: float, unit_m: float | None
) -> Recording:
    """One file, bones put back where they are missing; unit_m None: the file's own (ASF) or CMU's (BVH)."""
    if file.suffix.lower() == ".amc":
        recording = read_amc(file, skeleton_for(file, skeleton), fps)
        return (
            recording if unit_m is None else replace(recording, unit_m=unit_m)
        )
    recording = read_bvh(file, unit_m or CGSPEED_UNIT_M)
    mended, which = with_missing_bones(
        recording.skeleton, read_asf(skeleton) if skeleton else None
    )
    if which:
        print(f"{file.name}: put back {', '.join(which)}.")
    return replace(recording, skeleton=mended)


def read_names(path: Path | None) -> dict[str, str] | None:
    """Joint names from a JSON object {ours: the file's}."""
    if path is None:
        return None
    try:
        names = json.loads("\n".join(read_lines(path)))
    except (ValueError, RecursionError):
        names = None
    if (
        not isinstance(names, dict)
        or not set(names) <= set(JOINTS)
        or not all(isinstance(v, str) for v in names.values())
    ):
        raise InputError(
            f'{path.name} must be a JSON object such as {{"l_hip": "LeftUpLeg"}}; keys: {", ".join(JOINTS)}.'
        )
    return names


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="python -m musclepose.fitting.import_motion",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    p.add_argument(
        "--input",
        type=Path,
        required=True,
        help=".amc, .bvh, or a folder of them (one subject)",
    )
    p.add_argument(
        "--out",
        type=Path,
        required=True,
        help="<subject>.npz; index.csv beside it is written too",
    )
    p.add_argument(
        "--skeleton",
        type=Path,
        help=".asf of the subject: for .amc, and for the exact thorax of a .bvh",
    )
    p.add_argument(
        "--fps",
        type=float,
        default=120.0,
        help="frame rate of .amc files, which do not say it",
    )
    p.add_argument(
        "--unit_m",
        type=float,
        help="metres per unit; default: CMU's inch / 0.45 = 0.05644",
    )
    p.add_argument(
        "--names",
        type=Path,
        help="JSON: our joint name -> the file's, for other skeletons than CMU's",
    )
    p.add_argument(
        "--up",
        choices=("y", "z"),
        default="y",
        help="axis of the file that points up",
    )
    p.add_argument("--split", choices=SPLITS, default="train")
    p.add_argument(
        "--description", default="Unknown", help="activity, one for all files"
    )
    p.add_argument(
        "--uneven_floor",
        action="store_true",
        help="steps, seats or ropes: no floor correction",
    )
    return p.parse_args(argv)


def run(args: argparse.Namespace) -> None:
    """Read, convert, write, say what was written."""
    if args.out.suffix != ".npz" or not re.fullmatch(
        r"[A-Za-z0-9][A-Za-z0-9.-]{0,40}", args.out.stem
    ):
        raise InputError(
            f"--out {args.out.name} came; it must be <subject>.npz, of letters, digits, '.' and '-'."
        )
    if args.unit_m is not None and not 1e-6 <= args.unit_m <= 1e3:
        raise InputError(
            f"--unit_m is {args.unit_m:g}; 0.000001 to 1000 metres are allowed."
        )
    labels = Labels(
        args.description,
        args.split,
        not args.uneven_floor,
        args.up == "z",
        read_names(args.names),
    )
    clips: list[ImportedClip] = []
    for file in motion_files(args.input):
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", file.stem)
        own = clips_of(
            read_recording(file, args.skeleton, args.fps, args.unit_m),
            name,
            labels,
        )
        seconds = sum(len(c.joints_m) for c in own) / FPS
        print(
            f"{file.name}: {len(own)} clips, {seconds:.1f} s"
            + ("" if own else " (nothing clean lasts 1 s)")
        )
        clips += own
    if not clips:
        raise InputError(
            f"Nothing in {args.input.name} lasts {SHORTEST_S:g} s without a glitch; nothing was written."
        )
    save_subject(args.out, clips, labels)
    print(
        f"Wrote {args.out.name} ({len(clips)} clips, {len(clips[0].joint_names)} joints) and index.csv."
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; expected failures are one sentence on stderr and exit code 2."""
    try:
        run(_arguments(argv))
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m musclepose.evaluate <subcommand>`: measured against references. One module of `evaluation` per subcommand.

A module has `add_arguments(parser)` and `run(args) -> int`; its first docstring line is the help text. Every subcommand
takes `--json PATH` and writes there what it prints, with units in the key names.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from musclepose.errors import MusclePoseError

# subcommand: module, one line of help. Modules are imported only when asked for.
SUBCOMMANDS = {
    "fuzz": (
        "musclepose.evaluation.fuzz",
        "damaged video files: refused with a sentence, analysed, or stopped by a limit",
    ),
    "gym": (
        "musclepose.evaluation.gym",
        "exercise, count, faults and scene of real clips against a person's labels",
    ),
    "kinetics": (
        "musclepose.evaluation.kinetics",
        "joint moments and ground reaction against force plates",
    ),
    "coach": (
        "musclepose.evaluation.coach",
        "facts read from soft tokens, faithfulness, text and speed of the coach",
    ),
    "motion": (
        "musclepose.evaluation.motion",
        "joints, angles and contact from one camera against measured motion",
    ),
    "share": (
        "musclepose.evaluation.share",
        "how much of the weight each foot carries, from one camera, against known shifts",
    ),
    "straight": (
        "musclepose.evaluation.straight",
        "limbs that the picture of real clips shows straight: are they estimated straight?",
    ),
    "velocity": (
        "musclepose.evaluation.velocity",
        "speed and height of lifts and jumps from one camera, on generated clips",
    ),
    "video": (
        "musclepose.evaluation.motion_video",
        "real clips with known joints, by source of keypoints",
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; expected failures are one sentence on stderr and exit code 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.evaluate",
        description=(__doc__ or "").split("\n")[0],
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (module, text) in SUBCOMMANDS.items():
        sub = commands.add_parser(name, help=text)
        if arguments[:1] == [name]:
            import_module(module).add_arguments(sub)
    args = parser.parse_args(arguments)
    try:
        return int(import_module(SUBCOMMANDS[args.command][0]).run(args))
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

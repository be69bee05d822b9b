"""`python -m musclepose.bench <subcommand>`: speed and memory, side by side in one run.

One module of `benchmark` per subcommand, with `add_arguments(parser)` and `run(args) -> int`. Every subcommand takes
`--json PATH` and writes there what it prints, with units in the key names.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from musclepose.errors import MusclePoseError

# subcommand: module, one line of help. Modules are imported only when asked for.
SUBCOMMANDS = {
    "physics": (
        "musclepose.benchmark.physics",
        "inverse dynamics against Pinocchio and MuJoCo",
    ),
    "end2end": (
        "musclepose.benchmark.end2end",
        "a video to all results, by stage, cold and warm",
    ),
    "decode": (
        "musclepose.benchmark.decoding",
        "a clip decoded in a process of its own, and in this",
    ),
    "memory": (
        "musclepose.benchmark.length",
        "peak memory of the command line by length of clip",
    ),
    "visitors": (
        "musclepose.benchmark.visitors",
        "many visitors at once at the served page",
    ),
    "soak": (
        "musclepose.benchmark.soak",
        "many analyses in a row: memory, files, threads and processes of the served page",
    ),
    "keypoints": (
        "musclepose.benchmark.keypoints",
        "video to keypoints, by source of keypoints",
    ),
    "gpu": (
        "musclepose.benchmark.gpu",
        "language model, training, keypoints and physics on a GPU beside the CPU",
    ),
    "pipeline": (
        "musclepose.benchmark.analysis",
        "an analysis from keypoints, by stage",
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; expected failures are one sentence on stderr and exit code 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.bench",
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
    raise SystemExit(main())

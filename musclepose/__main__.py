"""`musclepose doctor`, `musclepose infer --input squat.mp4`, ...: the commands of this package by one name."""

from __future__ import annotations

import runpy
import sys

COMMANDS = (
    "infer",
    "doctor",
    "licences",
    "assets",
    "train",
    "evaluate",
    "bench",
)


def main() -> int:
    """Run the module that the first word names with the words after it."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(
            f"usage: musclepose {{{','.join(COMMANDS)}}} ...", file=sys.stderr
        )
        return 2
    name = sys.argv.pop(1)
    try:
        runpy.run_module(
            f"musclepose.{name}", run_name="__main__", alter_sys=True
        )
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is not installed; musclepose doctor says what that is for.",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

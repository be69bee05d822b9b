"""Plants small slips in a copy of the code, one at a time, and says which of them the tests notice.

    make slips                                  # all of them (about half an hour on one core)
    make slips ARGS="--only report"             # those whose name or file holds a word
    make slips ARGS="--list"

Each slip stands in tools/slips/*.toml: a name, a file, a text that occurs there exactly once, the text that takes its
place, and the test files that should fail. A slip that no test notices has "survived": a test is missing.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTS = Path(__file__).resolve().parent / "slips"
LEFT_OUT = (
    ".git",
    ".cache",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    "__pycache__",
)
LEAST_CAUGHT = 0.95
TIMEOUT_S = 600.0


class StaleSlip(Exception):
    """A slip whose old text does not occur exactly once."""


@dataclass(frozen=True)
class Slip:
    """One deliberate mistake."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted(self, source: str) -> str:
        """The source with the mistake in it; StaleSlip where the old text is not there exactly once."""
        times = source.count(self.old)
        if times != 1:
            raise StaleSlip(
                f"{self.name}: the old text occurs {times} times in {self.file}; once is needed."
            )
        return source.replace(self.old, self.new)


def read_slips(folder: Path = LISTS) -> list[Slip]:
    """All slips of all lists, in the order of their files; a name that stands twice is an error."""
    slips: list[Slip] = []
    for path in sorted(folder.glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8"))["slip"]:
            slips.append(Slip(**{**row, "tests": tuple(row["tests"])}))
    names = [slip.name for slip in slips]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StaleSlip(f"names that stand twice: {', '.join(twice)}.")
    return slips


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of the working tree that may be spoiled; environment and downloads are links."""
    with tempfile.TemporaryDirectory(prefix="slips-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name in (".venv", ".cache"):
            if (root / name).exists():
                (copy / name).symlink_to((root / name).resolve())
        yield copy


def is_caught(slip: Slip, copy: Path) -> bool:
    """Whether one of the slip's test files fails with the slip in place; the copy is whole again afterwards."""
    path = copy / slip.file
    source = path.read_text("utf-8")
    path.write_text(slip.planted(source), "utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        *slip.tests,
    ]
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(source, "utf-8")
    if done.returncode in (
        0,
        1,
        2,
    ):  # passed, failed, stopped by an error while collecting
        return done.returncode != 0
    raise StaleSlip(
        f"{slip.name}: pytest said {done.stdout[-400:]}{done.stderr[-400:]}"
    )


def run(slips: Sequence[Slip]) -> list[Slip]:
    """Plants every slip, prints a line for each, and returns those that survived."""
    survivors: list[Slip] = []
    with copied(ROOT) as copy:
        for slip in slips:
            start = time.monotonic()
            caught = is_caught(slip, copy)
            took_s = time.monotonic() - start
            verdict = "caught" if caught else "SURVIVED"
            print(
                f"{verdict:8s} {took_s:5.1f} s  {slip.name}  ({slip.file})",
                flush=True,
            )
            survivors += [] if caught else [slip]
    return survivors


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the slips; 1 where fewer than 95 % were caught, 2 where the list is stale."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", action="append", default=[], help="part of a name or file"
    )
    parser.add_argument(
        "--list", action="store_true", help="print the slips and stop"
    )
    options = parser.parse_args(argv)
    try:
        every = read_slips()
        chosen = [
            s
            for s in every
            if not options.only
            or any(o in s.name + s.file for o in options.only)
        ]
        if options.list:
            print(
                "\n".join(
                    f"{s.name}  ({s.file}; {' '.join(s.tests)})" for s in chosen
                )
            )
            return 0
        survivors = run(chosen)
    except StaleSlip as stale:
        print(stale, file=sys.stderr)
        return 2
    caught = len(chosen) - len(survivors)
    print(f"{caught} of {len(chosen)} slips caught.")
    for slip in survivors:
        print(f"  survived: {slip.name}: {slip.old!r} -> {slip.new!r}")
    return int(caught < LEAST_CAUGHT * len(chosen))


if __name__ == "__main__":
    sys.exit(main())

"""What differs between the result files of two versions: `python tools/compare_files.py OLD NEW`, two folders.

Files, columns of timeseries.csv, keys of analysis.json and lines of coaching.md that only one of them has; and of the
columns that both have, how far their values are apart where both are known, as a share of the column's range in OLD.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TABLE, RECORD, TEXT = "timeseries.csv", "analysis.json", "coaching.md"


def keys_of(record: Any, above: str = "") -> Iterator[str]:
    """Paths of all keys of a JSON value; the members of a list share one."""
    if isinstance(record, dict):
        for name, value in record.items():
            path = f"{above}.{name}" if above else name
            yield path
            yield from keys_of(value, path)
    elif isinstance(record, list):
        for value in record:
            yield from keys_of(value, f"{above}[]")


def table_of(path: Path) -> dict[str, NDArray[np.float64]]:
    """Columns of a CSV file of numbers; an empty cell is NaN."""
    with path.open(newline="", encoding="utf-8") as opened:
        names, *rows = list(csv.reader(opened))
    values = np.array(
        [[float(cell) if cell else np.nan for cell in row] for row in rows]
    )
    return dict(zip(names, values.T, strict=True))


def apart(old: NDArray[np.float64], new: NDArray[np.float64]) -> float:
    """Largest difference where both are known, as a share of the old range."""
    known = ~np.isnan(old) & ~np.isnan(new)
    if not known.any():
        return 0.0
    difference = float(np.abs(new - old)[known].max())
    span = float(np.ptp(old[known]))
    return difference / span if span > 0 else difference


def _only(what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    olds, news = dict.fromkeys(old), dict.fromkeys(new)
    gone = [name for name in olds if name not in news]
    added = [name for name in news if name not in olds]
    yield f"{what}: {len(olds) - len(gone)} in both"
    if gone:
        yield f"  only old ({len(gone)}): {', '.join(gone)}"
    if added:
        yield f"  only new ({len(added)}): {', '.join(added)}"


def differences(old: Path, new: Path) -> Iterator[str]:
    """Lines to print."""
    yield from _only(
        "files", *(sorted(p.name for p in f.iterdir()) for f in (old, new))
    )
    before, after = table_of(old / TABLE), table_of(new / TABLE)
    yield from _only(f"columns of {TABLE}", before, after)
    both = [name for name in before if name in after]
    shares = [apart(before[name], after[name]) for name in both]
    for most in (0.0, 0.01, 0.05, 0.1):
        within = sum(share <= most for share in shares)
        yield f"  {within} of {len(both)} apart by at most {100 * most:g} % of the range"
    elsewhere = [
        n for n in both if (np.isnan(before[n]) != np.isnan(after[n])).any()
    ]
    yield f"  {len(elsewhere)} known in other pictures"
    records = [json.loads((f / RECORD).read_text("utf-8")) for f in (old, new)]
    yield from _only(f"keys of {RECORD}", *map(keys_of, records))
    yield from _only(
        f"lines of {TEXT}",
        *((f / TEXT).read_text("utf-8").split("\n") for f in (old, new)),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    args = parser.parse_args(argv)
    for line in differences(args.old, args.new):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Differences of the result files of two versions are told, and only those."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from compare_files import differences, keys_of


def _folder(path: Path, table: str, record: object, text: str) -> Path:
    path.mkdir()
    (path / "timeseries.csv").write_text(table)
    (path / "analysis.json").write_text(json.dumps(record))
    (path / "coaching.md").write_text(text)
    return path


def test_a_key_is_its_path() -> None:
    assert list(keys_of({"a": {"b": 1}, "c": [{"d": 2}]})) == [
        "a",
        "a.b",
        "c",
        "c[].d",
    ]


def test_what_differs_is_told(tmp_path: Path) -> None:
    old = _folder(
        tmp_path / "old",
        "time_s,a,b,gone\n0,1,,4\n1,3,2,5\n",
        {"x": 1},
        "One.\nTwo.",
    )
    new = _folder(
        tmp_path / "new",
        "time_s,a,b,more\n0,1,1,4\n1,3.08,2,5\n",
        {"y": {"z": 1}},
        "One.\nThree.",
    )
    (new / "body.osim").write_text("")
    assert list(differences(old, new)) == [
        "files: 3 in both",
        "  only new (1): body.osim",
        "columns of timeseries.csv: 3 in both",
        "  only old (1): gone",
        "  only new (1): more",
        "  2 of 3 apart by at most 0 % of the range",
        "  2 of 3 apart by at most 1 % of the range",
        "  3 of 3 apart by at most 5 % of the range",
        "  3 of 3 apart by at most 10 % of the range",
        "  1 known in other pictures",
        "keys of analysis.json: 0 in both",
        "  only old (1): x",
        "  only new (2): y, y.z",
        "lines of coaching.md: 1 in both",
        "  only old (1): Two.",
        "  only new (1): Three.",
    ]

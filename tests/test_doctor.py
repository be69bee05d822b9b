"""`musclepose doctor`, the extras of the package, and the table and bill of licences."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from musclepose import doctor, licences
from musclepose.__main__ import COMMANDS
from musclepose.assets import MANIFEST

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def _names(lines: list[str]) -> set[str]:
    return {re.split(r"[<>=!~;\s\[]", line)[0].lower() for line in lines}


def test_a_part_that_is_missing_says_what_and_how() -> None:
    absent = (
        ("nothing-of-that-name", "nothing_of_that_name"),
        ("numpy", "numpy"),
    )
    needed = doctor.part_finding(
        doctor.Part("analysis", absent, "pip install .", is_needed=True)
    )
    assert (
        needed.state == "missing"
        and "no nothing-of-that-name; pip install ." in needed.text
    )
    wide = doctor.part_finding(
        doctor.Part("page", absent, 'pip install ".[app]"')
    )
    assert wide.state == "without"
    there = doctor.part_finding(doctor.Part("sums", (("numpy", "numpy"),), ""))
    assert there == doctor.Finding("ok", f"sums: numpy {version('numpy')}")


@pytest.mark.parametrize(
    ("state", "code"), [("ok", 0), ("without", 0), ("missing", 1)]
)
def test_only_what_stops_an_analysis_is_an_error(
    state, code, monkeypatch, capsys
) -> None:
    monkeypatch.setattr(
        doctor, "findings", lambda: [doctor.Finding(state, "a thing")]
    )
    assert doctor.main() == code
    assert "a thing" in capsys.readouterr().out


def test_the_doctor_looks_at_every_part_and_asset() -> None:
    text = "\n".join(one.text for one in doctor.findings())
    for words in (
        "Python 3",
        "analysis of a video",
        "coach",
        "page",
        ".c3d",
        "weights",
        "disk",
    ):
        assert words in text
    assert all(asset.name in text for asset in MANIFEST)


def test_every_package_that_an_analysis_needs_is_a_dependency() -> None:
    dependencies = _names(PROJECT["dependencies"])
    for part in doctor.PARTS:
        listed = dependencies | _names(
            sum(PROJECT["optional-dependencies"].values(), [])
        )
        assert {name.lower() for name, _ in part.packages} <= listed
        if part.is_needed:
            assert {name.lower() for name, _ in part.packages} <= dependencies


def test_extras_together_are_what_a_space_installs() -> None:
    extras = PROJECT["optional-dependencies"]
    together = [*PROJECT["dependencies"], *extras["coach"], *extras["app"]]
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert sorted(
        line for line in together if line != "musclepose[coach]"
    ) == sorted(wanted)
    assert not _names(PROJECT["dependencies"]) & {
        "gradio",
        "transformers",
        "peft",
        "gguf",
    }


def test_a_video_is_analysed_without_page_and_coach() -> None:
    """The Python call in a process where gradio, transformers and peft cannot be imported."""
    code = (
        "import sys\n"
        "for name in ('gradio', 'transformers', 'peft', 'gguf', 'accelerate', 'ezc3d'):\n"
        "    sys.modules[name] = None\n"
        "import musclepose, musclepose.pose.detector, musclepose.pose.landmarks\n"
        "import musclepose.report.overlay, musclepose.report.plots\n"
        "print(musclepose.analyse.__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "analyse", done.stderr[-2000:]


def test_one_name_runs_the_commands() -> None:
    command = [sys.executable, "-m", "musclepose"]
    wrong = subprocess.run(
        [*command, "fly"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2 and all(
        name in wrong.stderr for name in COMMANDS
    )
    bill = subprocess.run(
        [*command, "licences", "--sbom"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(bill.stdout)["bomFormat"] == "CycloneDX"


def test_a_command_without_its_packages_is_one_sentence() -> None:
    code = (
        "import sys; sys.modules['transformers'] = None; sys.argv = ['musclepose', 'infer']\n"
        "from musclepose.__main__ import main; sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.strip().startswith("transformers is not installed")


def test_the_bill_names_packages_and_weights_with_versions_and_checksums() -> (
    None
):
    bill = licences.sbom()
    parts = {part["name"]: part for part in bill["components"]}
    assert bill["specVersion"] == "1.6" and len(parts) == len(
        bill["components"]
    )
    assert parts["numpy"]["version"] == version("numpy")
    assert parts["numpy"]["purl"] == f"pkg:pypi/numpy@{version('numpy')}"
    yolo = parts["yolo11n-pose.pt"]
    assert yolo["licenses"] == [{"license": {"name": "AGPL-3.0"}}]
    assert yolo["hashes"][0]["content"].startswith("869e83fcdffdc737")
    kinds = {part["type"] for part in bill["components"]}
    assert kinds == {
        "library",
        "machine-learning-model",
        "file",
    }  # words of the standard


def test_the_committed_table_has_every_pin_and_asset() -> None:
    text = (ROOT / "docs" / "licences.md").read_text("utf-8")
    listed = {
        licences._plain(row.split("|")[1].strip())
        for row in text.splitlines()
        if row.count("|") > 3
    }
    missing = {licences._plain(name) for name in licences.pinned()} - listed
    # What only other platforms install, and the twin that the set-up may put in opencv's place.
    assert missing <= {"opencv-python"}
    assert all(
        asset.file in text and asset.licence in text for asset in MANIFEST
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"License-Expression": "MIT"}, "MIT"),
        ({"License": "BSD"}, "BSD"),
        (
            {
                "License": "x" * 500,
                "Classifier": "License :: OSI Approved :: MIT License",
            },
            "MIT License",
        ),
        ({"License": "UNKNOWN"}, licences.UNKNOWN),
        ({}, licences.UNKNOWN),
    ],
)
def test_a_licence_is_read_where_packages_tell_it(
    fields: dict[str, str], expected: str
) -> None:
    from email.message import Message

    metadata = Message()
    for name, value in fields.items():
        metadata[name] = value
    assert licences.licence_of(metadata) == expected

"""Make .venv and install the pinned packages into it, once; a second run compares one checksum and returns.

Only the standard library is used, so that any Python of the allowed versions can run it. torch comes first, by its pin,
and pip is asked beforehand what it would bring. A CPU build is taken as it is; a build that drags CUDA packages in
(gigabytes) is taken where there is an NVIDIA card or with --cuda; else the CPU build comes from PyTorch's own index.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / "constraints.txt"
REQUIREMENTS = {
    "app": ["requirements.txt"],
    "dev": ["requirements.txt", "requirements-dev.txt"],
}
# MB that pip downloads on Linux x86-64 with the CPU build of torch, as it told them on 2026-11-27; then 140 of assets.
DOWNLOAD_MB = {"app": 600, "dev": 860}
# PyTorch's public index of CPU wheels; TORCH_INDEX_URL takes its place.
CPU_INDEX_URL = "https://download.pytorch.org/whl/cpu"
ALLOWED = ((3, 11), (3, 14))  # from, below
CUDA_PACKAGE = re.compile(
    r"^(cuda-|nvidia-(?!ml-py)|triton\b|pytorch-triton)"
)  # nvidia-ml-py is a small pure module


class SetupError(Exception):
    """One sentence: what is wrong and what to do."""


def pinned(name: str) -> str:
    """The pin `name==version` in constraints.txt."""
    found = re.search(
        rf"^{re.escape(name)}==\S+", CONSTRAINTS.read_text(), re.MULTILINE
    )
    if found is None:
        raise SetupError(
            f"constraints.txt has no pin for {name}; add a line such as {name}==1.2.3."
        )
    return found.group()


def digest(kind: str) -> str:
    """Checksum of everything that the installed set depends on."""
    text = "".join(
        (ROOT / name).read_text()
        for name in [*REQUIREMENTS[kind], CONSTRAINTS.name]
    )
    return hashlib.sha256(text.encode()).hexdigest()


def stamp(kind: str) -> Path:
    """The file that says which set is installed."""
    return VENV / f".installed-{kind}"


def is_current(kind: str) -> bool:
    """True if the environment already holds this set, made by this script."""
    return (
        PYTHON.exists()
        and stamp(kind).exists()
        and stamp(kind).read_text() == digest(kind)
    )


def pip(
    *arguments: str, capture: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run pip of the environment; a failure is one sentence after pip's own words."""
    command = [str(PYTHON), "-m", "pip", *arguments]
    done = subprocess.run(
        command, text=True, capture_output=capture, check=False
    )
    if done.returncode:
        said = (
            f" ({done.stderr.strip().splitlines()[-1]})"
            if capture and done.stderr.strip()
            else ""
        )
        raise SetupError(
            f"pip {arguments[0]} failed{said}; see its message, check the network, and run make again."
        )
    return done


def cuda_packages(report: dict) -> list[str]:
    """Names of the CUDA packages that the resolved distributions of a pip report require on this platform."""
    linux = sys.platform.startswith("linux")
    required = [
        line
        for item in report["install"]
        for line in item["metadata"].get("requires_dist") or []
    ]
    here = [
        line
        for line in required
        if "extra ==" not in line and (linux or "Linux" not in line)
    ]
    return [
        re.split(r"[\s\[<>=!~;(]", line)[0]
        for line in here
        if CUDA_PACKAGE.match(line)
    ]


def has_pinned_torch() -> bool:
    """True if the environment already holds the pinned torch; pip will then leave it alone."""
    ask = "import importlib.metadata as m; print(m.version('torch').split('+')[0])"
    done = subprocess.run(
        [str(PYTHON), "-c", ask], text=True, capture_output=True, check=False
    )
    return done.returncode == 0 and f"torch=={done.stdout.strip()}" == pinned(
        "torch"
    )


def torch_report(source: list[str]) -> dict:
    """What pip would install for the pinned torch, without its dependencies: pip's own report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        asked = [
            "--dry-run",
            "--ignore-installed",
            "--no-deps",
            "--quiet",
            "--report",
            str(path),
            *source,
        ]
        pip("install", *asked, pinned("torch"), capture=True)
        found: dict = json.loads(path.read_text())
        return found


def has_nvidia_card() -> bool:
    """True if NVIDIA's own tool lists a card."""
    try:
        done = subprocess.run(
            ["nvidia-smi", "-L"],
            text=True,
            capture_output=True,
            check=False,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "GPU" in done.stdout


def torch_source(index_url: str, cuda: bool) -> list[str]:
    """pip's arguments that bring the right torch: an index, or nothing. What was decided is printed."""
    source = ["--extra-index-url", index_url] if index_url else []
    packages = (
        []
        if cuda or has_pinned_torch()
        else cuda_packages(torch_report(source))
    )
    if not packages:
        return source
    if index_url:
        raise SetupError(
            f"TORCH_INDEX_URL offers only a CUDA build of {pinned('torch')} (it needs {', '.join(packages[:3])} ...); "
            "leave it out, or say TORCH_CUDA=1 if you want the CUDA build."
        )
    if has_nvidia_card():
        print(
            "set-up: NVIDIA card found; torch comes with CUDA (some gigabytes).",
            flush=True,
        )
        return []
    print(
        "set-up: no NVIDIA card; torch comes from PyTorch's index of CPU wheels.",
        flush=True,
    )
    source = ["--extra-index-url", CPU_INDEX_URL]
    if cuda_packages(torch_report(source)):
        raise SetupError(
            f"PyTorch's index of CPU wheels could not be reached, or has no {pinned('torch')}; check the network, or "
            "run make again with TORCH_INDEX_URL=<a copy of that index>, or with TORCH_CUDA=1 for the CUDA build."
        )
    return source


def make_venv() -> None:
    """Create .venv with pip inside."""
    try:
        venv.create(VENV, with_pip=True, symlinks=os.name != "nt")
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetupError(
            f"python -m venv failed ({error}); install your system's python3-venv package."
        ) from error


def repair_opencv() -> None:
    """ultralytics requires opencv-python, which needs libGL; where that library is missing the headless twin works."""
    if (
        subprocess.run(
            [str(PYTHON), "-c", "import cv2"], capture_output=True, check=False
        ).returncode
        == 0
    ):
        return
    version = pinned("opencv-python").split("==")[1]
    pip("uninstall", "--yes", "--quiet", "opencv-python")
    pip("install", "--quiet", "--no-deps", f"opencv-python-headless=={version}")


def install(kind: str, index_url: str, cuda: bool) -> None:
    """Install the set: torch and torchvision by their pins first, then everything under the constraints."""
    print(
        f"set-up: about {DOWNLOAD_MB[kind]} MB of packages are downloaded now, less where some are here already, "
        "and about 140 MB of models and the example clip afterwards.",
        flush=True,
    )
    if not PYTHON.exists():
        make_venv()
    source = torch_source(index_url, cuda)
    under = ["--constraint", str(CONSTRAINTS)]
    pip("install", *source, *under, pinned("torch"))
    wanted = [
        part
        for name in REQUIREMENTS[kind]
        for part in ("--requirement", str(ROOT / name))
    ]
    pip("install", *source, *under, *wanted)
    repair_opencv()
    for done in ("app", kind):
        stamp(done).write_text(digest(done))


def main() -> int:
    """Command line; 0 when the environment is ready."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(REQUIREMENTS))
    parser.add_argument(
        "--torch-index-url",
        default="",
        help="index that holds the CPU build of torch",
    )
    parser.add_argument(
        "--cuda", action="store_true", help="let the CUDA build of torch in"
    )
    args = parser.parse_args()
    try:
        if not ALLOWED[0] <= sys.version_info[:2] < ALLOWED[1]:
            found = ".".join(map(str, sys.version_info[:2]))
            raise SetupError(
                f"this is Python {found}; MusclePose needs 3.11 to 3.13: make PYTHON=python3.11 ..."
            )
        if not is_current(args.kind):
            install(args.kind, args.torch_index_url, args.cuda)
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

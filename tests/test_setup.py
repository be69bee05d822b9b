"""The set-up script: what it refuses, and that nothing of a machine or a registry stands in committed files."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

# Where the set-up finds CPU builds of torch when pip's own index has none: the one address that must be known.
PUBLIC_CPU_INDEX = "https://download." + "pytorch.org/whl/cpu"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def setup_env() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "setup_env", ROOT / "tools" / "setup_env.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(*required: str) -> dict:
    return {
        "install": [
            {"metadata": {"name": "torch", "requires_dist": list(required)}}
        ]
    }


@pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="CUDA builds of torch come to Linux only",
)
def test_a_cuda_build_is_recognised_by_what_it_requires(
    setup_env: ModuleType,
) -> None:
    plain = [
        "filelock",
        "sympy>=1.13.3",
        'optree>=0.13.0; extra == "optree"',
        "nvidia-ml-py>=12",
    ]
    cuda = [
        'cuda-toolkit[cudart]==13.0.2; platform_system == "Linux"',
        'triton==3.7.0; platform_system == "Linux"',
    ]
    assert setup_env.cuda_packages(report(*plain)) == []
    assert setup_env.cuda_packages(report(*plain, *cuda)) == [
        "cuda-toolkit",
        "triton",
    ]


CUDA = 'nvidia-cublas>=13; platform_system == "Linux"'


@pytest.fixture
def machine(setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch):
    """A Linux machine without torch: what pip's own index and a named index hold, and whether there is a card."""

    def make(
        default: list[str], indexed: list[str], card: bool
    ) -> list[tuple[str, ...]]:
        asked: list[tuple[str, ...]] = []

        def pip(*arguments: str, capture: bool = False) -> None:
            asked.append(arguments)
            held = indexed if "--extra-index-url" in arguments else default
            path = Path(arguments[arguments.index("--report") + 1])
            path.write_text(json.dumps(report(*held)))

        monkeypatch.setattr(setup_env, "pip", pip)
        monkeypatch.setattr(setup_env, "has_pinned_torch", lambda: False)
        monkeypatch.setattr(setup_env, "has_nvidia_card", lambda: card)
        monkeypatch.setattr(setup_env.sys, "platform", "linux")
        return asked

    return make


def test_a_cpu_build_of_pip_is_taken(
    setup_env: ModuleType, machine, capsys
) -> None:
    machine(["filelock"], ["filelock"], card=False)
    assert setup_env.torch_source("", cuda=False) == []
    assert capsys.readouterr().out == ""


def test_a_card_brings_the_cuda_build_and_says_so(
    setup_env: ModuleType, machine, capsys
) -> None:
    machine([CUDA], ["filelock"], card=True)
    assert setup_env.torch_source("", cuda=False) == []
    out = capsys.readouterr().out
    assert "NVIDIA card found" in out and out.count("\n") == 1


def test_without_a_card_the_cpu_index_is_used_and_said(
    setup_env: ModuleType, machine, capsys
) -> None:
    asked = machine([CUDA], ["filelock"], card=False)
    source = setup_env.torch_source("", cuda=False)
    assert source[0] == "--extra-index-url" and source[1].endswith("/whl/cpu")
    assert (
        len(asked) == 2 and source[1] in asked[1]
    )  # what that index brings was looked at too
    out = capsys.readouterr().out
    assert "no NVIDIA card" in out and out.count("\n") == 1


def test_a_cpu_index_out_of_reach_is_one_sentence(
    setup_env: ModuleType, machine
) -> None:
    machine([CUDA], [CUDA], card=False)
    with pytest.raises(
        setup_env.SetupError, match="TORCH_INDEX_URL=.*TORCH_CUDA=1"
    ):
        setup_env.torch_source("", cuda=False)


def test_the_variables_override(setup_env: ModuleType, machine) -> None:
    mine = "https://example.org/whl"
    machine([CUDA], ["filelock"], card=True)
    assert setup_env.torch_source(mine, cuda=False) == [
        "--extra-index-url",
        mine,
    ]
    assert setup_env.torch_source("", cuda=True) == []
    machine([CUDA], [CUDA], card=False)
    with pytest.raises(setup_env.SetupError, match="only a CUDA build"):
        setup_env.torch_source(mine, cuda=False)
    assert setup_env.torch_source(mine, cuda=True) == [
        "--extra-index-url",
        mine,
    ]


def test_a_machine_without_nvidias_tool_has_no_card(
    setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert setup_env.has_nvidia_card() is False


def test_every_requirement_is_pinned_and_no_pin_brings_cuda(
    setup_env: ModuleType,
) -> None:
    pins = dict(
        line.split("==")
        for line in setup_env.CONSTRAINTS.read_text().splitlines()
        if "==" in line
    )
    normal = {re.sub(r"[-_.]+", "-", name).lower() for name in pins}
    for kind in setup_env.REQUIREMENTS["dev"]:
        for line in (ROOT / kind).read_text().splitlines():
            if line and not line.startswith("#"):
                assert (
                    re.sub(
                        r"[-_.]+", "-", re.split(r"[<>=;\s]", line)[0]
                    ).lower()
                    in normal
                ), line
    assert [name for name in pins if setup_env.CUDA_PACKAGE.match(name)] == []
    assert all("+" not in version for version in pins.values())


def test_no_machine_path_and_no_registry_in_committed_files() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    forbidden = re.compile(
        "|".join(
            [
                "pypi" + r"\.org",
                "download" + r"\.pytorch",
                "/wo" + "rk/",
                "/ro" + "ot/",
            ]
        )
    )
    texts = {
        name: ROOT / name
        for name in listed.stdout.split("\0")
        if name and not name.startswith("checkpoints/")
    }
    found = [
        name
        for name, path in texts.items()
        if path.suffix in ("", ".py", ".md", ".txt", ".toml", ".yaml", ".json")
        and path.is_file()
        and forbidden.search(
            path.read_text(errors="replace").replace(PUBLIC_CPU_INDEX, "")
        )
    ]
    assert found == []


def test_every_data_file_of_the_package_is_installed_with_it() -> None:
    """A table that pip leaves behind is found in a checkout and missing for everybody else."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "setuptools"
    ]
    wanted = patterns["package-data"]["musclepose"]
    package = ROOT / "musclepose"
    installed = {path for pattern in wanted for path in package.glob(pattern)}
    there = {
        path
        for path in package.rglob("*")
        if path.is_file()
        and path.suffix != ".py"
        and path.parent.name != "__pycache__"
    }
    assert there and there <= installed, sorted(
        str(p) for p in there - installed
    )


@pytest.mark.parametrize(
    ("kind", "least", "most"), [("app", 400, 800), ("dev", 600, 1200)]
)
def test_how_much_comes_is_said_before_it_comes(
    setup_env: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    kind: str,
    least: int,
    most: int,
) -> None:
    said_before: list[str] = []

    def pip(*_: str) -> None:
        said_before.append(capsys.readouterr().out)

    monkeypatch.setattr(setup_env, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(setup_env, "torch_source", lambda *_: [])
    monkeypatch.setattr(setup_env, "pip", pip)
    monkeypatch.setattr(setup_env, "repair_opencv", lambda: None)
    monkeypatch.setattr(setup_env, "stamp", lambda name: tmp_path / name)
    setup_env.install(kind, "", False)
    told = re.search(r"about (\d+) MB of packages", said_before[0])
    assert told is not None and least < int(told[1]) < most
    assert "140 MB of models" in said_before[0]

"""The set-up script: what it refuses, and that nothing of a machine or a registry stands in committed files."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def setup_env() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_env", ROOT / "tools" / "setup_env.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(*required: str) -> dict:
    return {"install": [{"metadata": {"name": "torch", "requires_dist": list(required)}}]}


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="CUDA builds of torch come to Linux only"
)
def test_a_cuda_build_is_recognised_by_what_it_requires(setup_env: ModuleType) -> None:
    plain = ["filelock", "sympy>=1.13.3", 'optree>=0.13.0; extra == "optree"', "nvidia-ml-py>=12"]
    cuda = [
        'cuda-toolkit[cudart]==13.0.2; platform_system == "Linux"',
        'triton==3.7.0; platform_system == "Linux"',
    ]
    assert setup_env.cuda_packages(report(*plain)) == []
    assert setup_env.cuda_packages(report(*plain, *cuda)) == ["cuda-toolkit", "triton"]


def test_refusal_of_a_cuda_build_names_the_way_out(
    setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*arguments: str, capture: bool = False) -> None:
        Path(arguments[arguments.index("--report") + 1]).write_text(
            '{"install": [{"metadata": {"requires_dist": ["nvidia-cublas>=13; platform_system == \\"Linux\\""]}}]}'
        )

    monkeypatch.setattr(setup_env, "pip", answer)
    monkeypatch.setattr(setup_env.sys, "platform", "linux")
    with pytest.raises(setup_env.SetupError, match="TORCH_INDEX_URL=.*TORCH_CUDA=1"):
        setup_env.check_torch_is_cpu([])


def test_every_requirement_is_pinned_and_no_pin_brings_cuda(setup_env: ModuleType) -> None:
    pins = dict(
        line.split("==") for line in setup_env.CONSTRAINTS.read_text().splitlines() if "==" in line
    )
    normal = {re.sub(r"[-_.]+", "-", name).lower() for name in pins}
    for kind in setup_env.REQUIREMENTS["dev"]:
        for line in (ROOT / kind).read_text().splitlines():
            if line and not line.startswith("#"):
                assert re.sub(r"[-_.]+", "-", re.split(r"[<>=;\s]", line)[0]).lower() in normal, (
                    line
                )
    assert [name for name in pins if setup_env.CUDA_PACKAGE.match(name)] == []
    assert all("+" not in version for version in pins.values())


def test_no_machine_path_and_no_registry_in_committed_files() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    forbidden = re.compile(
        "|".join(["pypi" + r"\.org", "download" + r"\.pytorch", "/wo" + "rk/", "/ro" + "ot/"])
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
        and forbidden.search(path.read_text(errors="replace"))
    ]
    assert found == []

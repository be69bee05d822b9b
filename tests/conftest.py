"""Every test runs with the shapes and types of the annotations checked at each call (jaxtyping, beartype)."""

from __future__ import annotations

from collections.abc import Iterator
from pkgutil import iter_modules

import pytest
from jaxtyping import config, install_import_hook

import musclepose

COMPILED = "benchmark"  # numba compiles its kernels and their helpers from the source as it stands
install_import_hook(
    [
        f"musclepose.{m.name}"
        for m in iter_modules(musclepose.__path__)
        if m.name != COMPILED
    ],
    "shape_check.checked",
)


@pytest.fixture
def unchecked() -> Iterator[None]:
    """Without those checks, as for a user: for tests of the sentence with which a wrong word is refused."""
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)

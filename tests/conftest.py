"""Every test runs with the shapes and types of the annotations checked at each call (jaxtyping, beartype)."""

from __future__ import annotations

from pkgutil import iter_modules

from jaxtyping import install_import_hook

import musclepose

COMPILED = "benchmark"  # numba compiles its kernels and their helpers from the source as it stands
install_import_hook(
    [f"musclepose.{m.name}" for m in iter_modules(musclepose.__path__) if m.name != COMPILED],
    "shape_check.checked",
)

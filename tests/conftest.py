"""Every test runs with the shapes and types of the annotations checked at each call (jaxtyping, beartype)."""

from __future__ import annotations

from jaxtyping import install_import_hook

install_import_hook(
    ["musclepose.physics", "musclepose.models", "musclepose.data"], "shape_check.checked"
)

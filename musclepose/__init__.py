"""MusclePose: whole-body biomechanics from one video.

`musclepose.analyse(...)` is the one call of this package; it and the records that it speaks in are loaded when first
asked for, so that `import musclepose` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from musclepose.api import Result as Result
    from musclepose.api import analyse as analyse
    from musclepose.errors import MusclePoseError as MusclePoseError
    from musclepose.pipeline import AnalyseOptions as AnalyseOptions

__version__ = "0.1.0"
_HOMES = {
    "analyse": "api",
    "Result": "api",
    "AnalyseOptions": "pipeline",
    "MusclePoseError": "errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'musclepose' has no attribute {name!r}")
    return getattr(import_module(f"musclepose.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])

"""The measured force-plate trials with our body fitted, once per test session; skips where the data are absent."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pytest

from musclepose.fitting.force_plate import Fitted, fit_folder

TRIALS = (
    "labx_squat2", "labx_walk", "rajagopal_walk", "gait2354_walk", "bmclab_run",
    "ocU_walking2", "ocU_DJ4", "oc5_walking2",
)  # fmt: skip


def data_folder() -> Path:
    """`force_plate` under MUSCLEPOSE_DATA, else under ../shared/data beside the repository."""
    root = Path(
        os.environ.get(
            "MUSCLEPOSE_DATA", Path(__file__).parents[2] / "shared" / "data"
        )
    )
    folder = root / "force_plate"
    if not (folder / "index.json").exists():
        pytest.skip(
            "no measured data: MUSCLEPOSE_DATA or ../shared/data must hold force_plate/index.json"
        )
    return folder


@lru_cache(maxsize=1)
def fitted_trials() -> tuple[Fitted, ...]:
    """One trial of each kind and subject."""
    return tuple(fit_folder(data_folder(), TRIALS))

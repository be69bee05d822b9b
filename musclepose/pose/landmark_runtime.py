"""Runs a BlazePose file on one crop. The only file that knows the two runtimes: LiteRT, and OpenCV where it is missing.

Both give the same figures to a fraction of a crop pixel (tests). LiteRT is three times as fast; it has no wheel for
Intel Macs. Threads inside one interpreter bring nothing, so each has one, and the caller holds one per core.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray

POINTS = 39  # 33 landmarks of the body and 6 auxiliary ones
_HEATMAP_PX = 64
_FIELDS = 5  # x, y, z in crop pixels; visibility and presence as logits
# Names of the file's outputs: points, presence of a person, heatmaps.
_OUTPUTS = ("Identity", "Identity_1", "Identity_3")


@dataclass(frozen=True)
class RawLandmarks:
    """What the network says about one crop."""

    points: NDArray[
        np.float32
    ]  # (39, 5) x, y, z in crop pixels; visibility, presence (logits)
    presence: float  # probability that a person is in the crop
    heatmaps: NDArray[np.float32]  # (64, 64, 39) logits, row, column, point


@runtime_checkable
class LandmarkRuntime(Protocol):
    """One loaded network; not to be called from two threads at once."""

    name: str

    def run(self, crop: NDArray[np.float32]) -> RawLandmarks:
        """Landmarks of a crop (256, 256, 3) RGB in [0, 1]."""
        ...


def open_runtime(path: Path) -> LandmarkRuntime:
    """The network of that file, in LiteRT where it is installed, else in OpenCV."""
    try:
        return LiteRtLandmarks(path)
    except ImportError:
        return OpenCvLandmarks(path)


def _raw(points: Any, presence: Any, heatmaps: Any) -> RawLandmarks:
    """The three outputs, copied out of the runtime's own memory."""
    return RawLandmarks(
        np.array(points, np.float32).reshape(POINTS, _FIELDS),
        float(np.ravel(presence)[0]),
        np.array(heatmaps, np.float32).reshape(
            _HEATMAP_PX, _HEATMAP_PX, POINTS
        ),
    )


class LiteRtLandmarks:
    """The network in LiteRT."""

    name = "LiteRT"

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter: Any = Interpreter(str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        index_of = {
            one["name"]: one["index"]
            for one in self._interpreter.get_output_details()
        }
        self._outputs = [index_of[name] for name in _OUTPUTS]

    def run(self, crop: NDArray[np.float32]) -> RawLandmarks:
        self._interpreter.set_tensor(self._input, crop[None])
        self._interpreter.invoke()
        return _raw(
            *(self._interpreter.get_tensor(index) for index in self._outputs)
        )


class OpenCvLandmarks:
    """The network in OpenCV's classic engine; the default engine of OpenCV 5 returns wrong shapes for these files."""

    name = "OpenCV"

    def __init__(self, path: Path) -> None:
        engine = (
            {"engine": cv2.dnn.ENGINE_CLASSIC}
            if hasattr(cv2.dnn, "ENGINE_CLASSIC")
            else {}
        )
        self._network: Any = cv2.dnn.readNetFromTFLite(str(path), **engine)

    def run(self, crop: NDArray[np.float32]) -> RawLandmarks:
        self._network.setInput(
            np.ascontiguousarray(crop.transpose(2, 0, 1)[None])
        )
        points, presence, heatmaps = self._network.forward(_OUTPUTS)
        return _raw(
            points, presence, heatmaps.transpose(0, 2, 3, 1)
        )  # OpenCV puts channels first

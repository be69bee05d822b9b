"""The told stretch of an Analysis on even times: formats that know a frame rate and no time stamps need it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musclepose.records import Analysis, Array
from musclepose.report.opensim import told_stretch


@dataclass(frozen=True)
class EvenTimes:
    """Times of a film whose time stamps are uneven, brought to its mean rate."""

    source_s: Array  # (T,) time stamps of the told stretch
    even_s: Array  # (N,)
    frames: slice  # the told stretch in the arrays of the Analysis

    @property
    def rate_hz(self) -> float:
        """Frames per second."""
        return float(
            (len(self.even_s) - 1) / (self.even_s[-1] - self.even_s[0])
        )

    def of(self, values: Array) -> Array:
        """(N, ...) values at the even times, by lines between those of (T, ...) of the whole Analysis."""
        part = values[self.frames]
        flat = part.reshape(len(part), -1)
        columns = [
            np.interp(self.even_s, self.source_s, flat[:, k])
            for k in range(flat.shape[1])
        ]
        return np.stack(columns, axis=1).reshape(
            len(self.even_s), *part.shape[1:]
        )


def even_times(analysis: Analysis) -> EvenTimes:
    """As many even times as the told stretch has pictures, from its first to its last."""
    frames = told_stretch(analysis)
    source = analysis.time_s[frames]
    return EvenTimes(
        source, np.linspace(source[0], source[-1], len(source)), frames
    )

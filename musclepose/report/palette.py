"""Colours that the overlay and the plots share; chosen to stay apart under the common colour-vision deficiencies.

Left is blue and right is vermilion (Okabe and Ito 2008) everywhere. Effort runs blue - pale yellow - vermilion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

LEFT, RIGHT, MIDLINE = "#0072B2", "#D55E00", "#5B6770"
LEFT_ON_DARK, RIGHT_ON_DARK, MIDLINE_ON_DARK = "#5DB4EA", "#FF8A3D", "#AEB8C2"
FORCE: Colour = (38, 222, 190)
UNSEEN: Colour = (150, 156, 163)
_EFFORT_STOPS = (
    (0.0, (46, 124, 214)),
    (0.5, (247, 232, 164)),
    (1.0, (214, 62, 20)),
)


def effort_table() -> NDArray[np.uint8]:
    """(101, 3) RGB of 0 to 100 % effort."""
    at = np.linspace(0.0, 1.0, 101)
    stops = [s for s, _ in _EFFORT_STOPS]
    channels = [
        np.interp(at, stops, [rgb[c] for _, rgb in _EFFORT_STOPS])
        for c in range(3)
    ]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def side_colour(side: str, dark: bool = False) -> str:
    """Hex colour of "left", "right" or "" (midline)."""
    light = {"left": LEFT, "right": RIGHT, "": MIDLINE}
    on_dark = {
        "left": LEFT_ON_DARK,
        "right": RIGHT_ON_DARK,
        "": MIDLINE_ON_DARK,
    }
    return (on_dark if dark else light)[side]

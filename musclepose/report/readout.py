"""The bar under the picture: time, knee angles, vertical ground reaction and the effort scale, in a real typeface."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from musclepose.records import Array
from musclepose.report.palette import FORCE, Colour, effort_table

Picture = NDArray[np.uint8]
UNKNOWN = "–"
_BACK: Colour = (18, 23, 30)
_TEXT: Colour = (240, 244, 248)
_QUIET: Colour = (160, 170, 181)
# At 1280 x 720: the largest of these that needs one row; 8 to 9 px on a phone 390 px wide.
_FONT_PX = (26, 31)


@lru_cache(maxsize=8)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib, so every machine draws the same."""
    return ImageFont.truetype(
        str(
            Path(matplotlib.get_data_path())
            / "fonts"
            / "ttf"
            / "DejaVuSans.ttf"
        ),
        size_px,
    )


@lru_cache(maxsize=4096)
def _tile(text: str, size_px: int, colour: Colour) -> Picture:
    """(h, w, 3) a text on the bar's background; every tile of one size has the same height."""
    font = _font(size_px)
    ascent, descent = font.getmetrics()
    picture = Image.new(
        "RGB", (max(1, round(font.getlength(text))), ascent + descent), _BACK
    )
    ImageDraw.Draw(picture).text((0, 0), text, font=font, fill=colour)
    return np.asarray(picture)


def _put(
    picture: Picture, text: str, x: int, y: int, size_px: int, colour: Colour
) -> int:
    """Write a text with its top left at (x, y); returns the x after it. What does not fit is cut off."""
    tile = _tile(text, size_px, colour)
    room = picture[y : y + tile.shape[0], x : x + tile.shape[1]]
    room[:] = tile[: room.shape[0], : room.shape[1]]
    return x + tile.shape[1]


def _shown(value: float, digits: int, unit: str = "") -> str:
    """A rounded number, never "-0"; a dash where it is not known."""
    if not np.isfinite(value):
        return UNKNOWN
    rounded = round(float(value), digits) + 0.0
    return f"{rounded:.{digits}f}{unit}"


class ReadoutBar:
    """Lays its four cells out in as many rows as the width needs; `height_px` is even."""

    def __init__(self, width_px: int, unit: float) -> None:
        small, large = (max(9, round(px * unit)) for px in _FONT_PX)
        one_row_or_large = (*range(large, small, -1), large)
        for self._font_px in one_row_or_large:
            self._pad = round(0.6 * self._font_px)
            self._cells = self._flow(self._widths(), width_px)
            rows = 1 + max(row for _, row in self._cells)
            if rows == 1:
                break
        self._row_px = round(1.75 * self._font_px)
        self.height_px = 2 * ((rows * self._row_px + self._pad // 2 + 1) // 2)
        self._base = np.full((self.height_px, width_px, 3), _BACK, np.uint8)
        self._draw_scale()

    def _widths(self) -> list[int]:
        """Widest each cell may become, px."""
        widths = [
            self._measure(t)
            for t in (
                "00.00 s",
                "Knee  L 000°  R 000°",
                "Ground  L 0.00  R 0.00 BW",
            )
        ]
        return [
            *widths,
            self._measure("Effort  0 ")
            + 5 * self._font_px
            + self._measure(" 100 %"),
        ]

    def _measure(self, text: str) -> int:
        return round(_font(self._font_px).getlength(text))

    def _flow(self, widths: list[int], width_px: int) -> list[tuple[int, int]]:
        """(x, row) of each cell. One row spreads its cells over the width; more rows keep a fixed gap."""
        gap = round(0.8 * self._font_px)
        spare = width_px - 2 * self._pad - sum(widths)
        if spare >= gap * (len(widths) - 1):
            gap = spare // (len(widths) - 1)
        x, row, cells = self._pad, 0, []
        for width in widths:
            if x > self._pad and x + width > width_px - self._pad:
                x, row = self._pad, row + 1
            cells.append((x, row))
            x += width + gap
        return cells

    def _at(self, cell: int) -> tuple[int, int]:
        x, row = self._cells[cell]
        return x, self._pad // 2 + row * self._row_px

    def _draw_scale(self) -> None:
        x, y = self._at(3)
        x = _put(self._base, "Effort  ", x, y, self._font_px, _QUIET)
        x = _put(self._base, "0 ", x, y, self._font_px, _TEXT)
        length, top, bottom = (
            5 * self._font_px,
            y + round(0.3 * self._font_px),
            y + round(0.95 * self._font_px),
        )
        steps = np.linspace(0, 100, length).round().astype(int)
        room = self._base[top:bottom, x : x + length]
        room[:] = effort_table()[steps][None, : room.shape[1]]
        _put(self._base, " 100 %", x + length, y, self._font_px, _TEXT)

    def draw(
        self, picture: Picture, time_s: float, knees_deg: Array, force_bw: Array
    ) -> None:
        """Fill the bar (height_px, W, 3); knees and vertical forces are (left, right) in deg and body weights, NaN
        where they are not known."""
        picture[:] = self._base
        size = self._font_px
        _put(picture, f"{time_s:.2f} s", *self._at(0), size, _TEXT)
        x, y = self._at(1)
        x = _put(picture, "Knee  ", x, y, size, _QUIET)
        x = _put(
            picture, f"L {_shown(knees_deg[0], 0, '°')}  ", x, y, size, _TEXT
        )
        _put(picture, f"R {_shown(knees_deg[1], 0, '°')}", x, y, size, _TEXT)
        x, y = self._at(2)
        x = _put(picture, "Ground  ", x, y, size, FORCE)
        x = _put(picture, f"L {_shown(force_bw[0], 2)}  ", x, y, size, _TEXT)
        _put(picture, f"R {_shown(force_bw[1], 2)} BW", x, y, size, _TEXT)

"""The overlay video: fitted skeleton coloured by effort, detected keypoints, ground reaction arrows and a readout bar.

The bar stands under the picture, so nothing of the athlete is hidden. Grey, thin bones were not seen in that frame;
white ones have no effort that is known; where nobody was seen there is no body and no number.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from musclepose.movement.visibility import seen_joints
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.records import Analysis, Array
from musclepose.report.palette import FORCE, UNSEEN, Colour, effort_table
from musclepose.report.readout import ReadoutBar
from musclepose.report.skeleton_lines import BONES, Lines, lines_of
from musclepose.video import open_clip
from musclepose.video_writer import VideoWriter

Picture = NDArray[np.uint8]
MAX_SIDE_PX = 1280
_DARK: Colour = (22, 27, 34)
_WHITE: Colour = (255, 255, 255)
_PIECES = 5  # a bone is drawn in this many pieces, from the effort of one end to that of the other
_STARTS, _ENDS = (
    np.array([b.start for b in BONES]),
    np.array([b.end for b in BONES]),
)
_SHARE = np.linspace(0.0, 1.0, _PIECES + 1)
_MIDDLE = 0.5 * (_SHARE[1:] + _SHARE[:-1])
_SHIFT = 4  # sub-pixel bits of the drawing calls
_FAR_PX = 1e5  # a point this far outside is a failed projection
_KNEES = (DOF_INDEX["knee_flexion_l"], DOF_INDEX["knee_flexion_r"])


def write_overlay(
    clip_path: str | Path,
    analysis: Analysis,
    out_path: str | Path,
    progress: Callable[[float], None] | None = None,
) -> Path:
    """Draw the analysis on every frame of its clip and write an H.264 file with the time stamps of the analysis.

    Those are the source's own; a slow-motion recording plays at real speed again. The longer picture side is at most
    1280 px. `progress` gets the finished share, 0 to 1.
    """
    clip = open_clip(clip_path, max_side=MAX_SIDE_PX)
    painter = Painter(analysis, clip.size_px)
    frames = len(analysis.time_s)
    step_s = (
        float(np.median(np.diff(analysis.time_s))) if frames > 1 else 1 / 30
    )
    with VideoWriter(
        out_path, painter.size_px, frame_rate_hz=1.0 / step_s
    ) as writer:
        for i, (_, rgb) in zip(range(frames), clip.frames(), strict=False):
            writer.write(painter.paint(rgb, i), float(analysis.time_s[i]))
            if progress is not None and i % 15 == 0:
                progress(i / frames)
    return Path(out_path)


class Painter:
    """Draws one analysis on pictures of a given size; `size_px` is the size of what it returns (width, height)."""

    def __init__(self, analysis: Analysis, picture_px: tuple[int, int]) -> None:
        width, height = picture_px
        self._time_s = analysis.time_s
        self._scale = width / analysis.track.size_px[0]
        self._lines = _scaled(lines_of(analysis), self._scale)
        self._knees_deg = _knees_deg(analysis)
        weight_n = analysis.athlete.mass_kg * G_M_S2
        self._force_bw = analysis.grf_world_n[:, :, 1] / weight_n
        self._unit = float(np.sqrt(width * height)) / 960.0  # 1 at 1280 x 720
        self._bar = ReadoutBar(width, self._unit)
        self._canvas = np.zeros(
            (height + self._bar.height_px, width, 3), np.uint8
        )
        self._colours = [(int(r), int(g), int(b)) for r, g, b in effort_table()]
        self.size_px = (width, height + self._bar.height_px)

    def paint(self, rgb: Picture, i: int) -> Picture:
        """Picture (H + bar, W, 3) of frame `i`; the returned array is reused by the next call."""
        height = rgb.shape[0]
        self._canvas[:height] = rgb
        picture = self._canvas[:height]
        _draw_forces(
            picture, self._lines.force_px[i], self._unit
        )  # no arrow hides a limb
        _draw_bones(picture, self._lines, i, self._colours, self._unit)
        _draw_keypoints(picture, self._lines.keypoints_px[i], self._unit)
        self._bar.draw(
            self._canvas[height:],
            float(self._time_s[i]),
            self._knees_deg[i],
            self._force_bw[i],
        )
        return self._canvas


def _knees_deg(analysis: Analysis) -> Array:
    """(T, 2) left and right knee flexion, NaN where hip, knee and ankle were not all seen."""
    seen = seen_joints(analysis.track)
    both = np.stack([seen["knee_l"], seen["knee_r"]], axis=1)
    return np.where(both, np.degrees(analysis.q[:, _KNEES]), np.nan)


def _scaled(lines: Lines, scale: float) -> Lines:
    def clean(points: Array) -> Array:
        out = points * scale
        return np.where(np.abs(out) < _FAR_PX, out, np.nan)

    return Lines(
        clean(lines.points_px),
        lines.effort_pct,
        lines.effort_known,
        lines.seen,
        clean(lines.keypoints_px),
        clean(lines.force_px),
    )


def _fixed(point: Array) -> tuple[int, int]:
    return int(round(point[0] * (1 << _SHIFT))), int(
        round(point[1] * (1 << _SHIFT))
    )


def _line(
    picture: Picture, a: Array, b: Array, colour: Colour, width: int
) -> None:
    cv2.line(picture, _fixed(a), _fixed(b), colour, width, cv2.LINE_AA, _SHIFT)


def _draw_bones(
    picture: Picture, lines: Lines, i: int, colours: list[Colour], unit: float
) -> None:
    seen = lines.seen[i]
    starts, ends = lines.points_px[i, _STARTS], lines.points_px[i, _ENDS]
    drawn = np.isfinite(starts + ends).all(axis=1)
    edge, thin = max(4, round(10 * unit)), max(1, round(2 * unit))
    for k in np.flatnonzero(drawn):
        width = edge if seen[k] else thin + max(2, round(2 * unit))
        _line(picture, starts[k], ends[k], _DARK, width)
    for k in np.flatnonzero(drawn & ~seen):
        _line(picture, starts[k], ends[k], UNSEEN, thin)
    effort = lines.effort_pct[i]
    shades = (
        effort[_STARTS, None] * (1 - _MIDDLE) + effort[_ENDS, None] * _MIDDLE
    )
    known = lines.effort_known[i]
    for k in np.flatnonzero(drawn & seen):
        shown = (
            [colours[int(shade)] for shade in shades[k]]
            if known
            else [_WHITE] * _PIECES
        )
        _draw_shaded(
            picture, starts[k], ends[k], shown, max(2, round(6 * unit))
        )


def _draw_shaded(
    picture: Picture,
    start: Array,
    end: Array,
    colours: list[Colour],
    width: int,
) -> None:
    """One bone in pieces of equal length, a colour each."""
    joints = start * (1 - _SHARE[:, None]) + end * _SHARE[:, None]
    for piece, colour in enumerate(colours):
        _line(picture, joints[piece], joints[piece + 1], colour, width)


def _draw_keypoints(picture: Picture, keypoints: Array, unit: float) -> None:
    inner, outer = max(1.5, 3.0 * unit), max(2.5, 4.6 * unit)
    for point in keypoints[np.isfinite(keypoints).all(axis=1)]:
        for radius, colour in ((outer, _DARK), (inner, _WHITE)):
            cv2.circle(
                picture,
                _fixed(point),
                round(radius * (1 << _SHIFT)),
                colour,
                -1,
                cv2.LINE_AA,
                _SHIFT,
            )


def _draw_forces(picture: Picture, force: Array, unit: float) -> None:
    for start, tip in force:
        length = float(np.hypot(*(tip - start)))
        if not np.isfinite(length) or length < 2.0:
            continue
        along = (tip - start) / length
        head = min(18 * unit, 0.5 * length)
        neck = tip - along * head * 0.8
        corners = _arrow_head(tip, along * head)
        edge = max(2, round(4 * unit))
        _line(picture, start, neck, _DARK, max(2, round(9 * unit)))
        cv2.polylines(
            picture, [corners], True, _DARK, edge, cv2.LINE_AA, _SHIFT
        )
        _line(picture, start, neck, FORCE, max(2, round(5 * unit)))
        cv2.fillPoly(picture, [corners], FORCE, cv2.LINE_AA, _SHIFT)


def _arrow_head(tip: Array, along: Array) -> NDArray[np.int64]:
    """(3, 2) corners in sub-pixels of a head as long as `along`."""
    across = np.array([-along[1], along[0]]) * 0.55
    back = tip - along
    return np.array([_fixed(p) for p in (tip, back + across, back - across)])

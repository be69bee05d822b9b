"""A part of a clip: the keypoints between two times, with the clock started anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musclepose.errors import InputError
from musclepose.records import PoseTrack, Scene

MIN_PART_S = 0.5
Part = tuple[
    float | None, float | None
]  # from, to in seconds of the film; None: its start, its end
WHOLE: Part = (None, None)


def part_of(track: PoseTrack, part: Part) -> tuple[PoseTrack, int]:
    """The track from the first picture after the start to the last one before the end; and which picture is first.

    Times of the part begin at 0. InputError where less than half a second is left.
    """
    if part == WHOLE:
        return track, 0
    start_s = 0.0 if part[0] is None else part[0]
    end_s = float(track.time_s[-1]) if part[1] is None else part[1]
    inside = np.flatnonzero(
        (track.time_s >= start_s - 1e-6) & (track.time_s <= end_s + 1e-6)
    )
    if (
        len(inside) < 2
        or track.time_s[inside[-1]] - track.time_s[inside[0]] < MIN_PART_S
    ):
        raise InputError(
            f"The part from {start_s:g} to {end_s:g} s holds less than {MIN_PART_S:g} s of the clip, which lasts "
            f"{track.time_s[-1]:.2f} s; choose other times, or leave both empty."
        )
    kept = slice(int(inside[0]), int(inside[-1]) + 1)
    began_s = float(track.time_s[kept.start])
    feet = (
        track.heel_toe_px is not None and track.heel_toe_visibility is not None
    )
    made = replace(
        track,
        keypoints_px=track.keypoints_px[kept],
        confidence=track.confidence[kept],
        time_s=track.time_s[kept] - began_s,
        heel_toe_px=track.heel_toe_px[kept]
        if feet and track.heel_toe_px is not None
        else None,
        heel_toe_visibility=(
            track.heel_toe_visibility[kept]
            if feet and track.heel_toe_visibility is not None
            else None
        ),
        scene=None
        if track.scene is None
        else _later(track.scene, began_s, end_s),
    )
    return made, kept.start


def _later(scene: Scene, began_s: float, end_s: float) -> Scene:
    """What happens within the part, on its clock."""

    def within(
        spans: tuple[tuple[float, float], ...],
    ) -> tuple[tuple[float, float], ...]:
        cut = [
            (max(a, began_s) - began_s, min(b, end_s) - began_s)
            for a, b in spans
        ]
        return tuple((a, b) for a, b in cut if a < b)

    shot = within((scene.shot_s,)) if scene.shot_s is not None else ()
    return replace(
        scene,
        cuts_s=tuple(c - began_s for c in scene.cuts_s if began_s < c <= end_s),
        shot_s=shot[0] if shot else None,
        moving_s=within(scene.moving_s),
    )

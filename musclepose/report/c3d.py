"""motion.c3d: joint centres and COCO points, the ground reaction as two force plates, and analogue channels.

Points in mm with y up, as in the other files. Each foot has a force plate of its own that covers the whole floor (type
2: Fx Fy Fz Mx My Mz about its middle, N and N mm), so that a reader computes force and centre of pressure in its usual
way. A plate's axes are x = world x, y = world z, z = down; what it reports is the force on the foot, as laboratories
store it. The analogue channels behind hold joint angles, net moments and activations, one sample a picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from musclepose.physics.skeleton47 import DOF_NAMES, N_ROOT
from musclepose.records import Analysis, Array
from musclepose.report.c3d_file import C3d, Channel, Plate, write
from musclepose.report.even import EvenTimes, even_times
from musclepose.report.opensim import has_forces
from musclepose.report.trc import marker_places_m

MM = 1000.0
PLATE_AXES = np.array(
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]
)  # rows: x, y, z in world
_FORCES = ("fx", "fy", "fz", "mx", "my", "mz")


def _floor_mm(analysis: Analysis, even: EvenTimes) -> tuple[Array, Array]:
    """Middle (3,) and half widths along x and z (2,) of a floor under all that moved, mm."""
    level = even.of(analysis.joints_world_m)[..., (0, 2)].reshape(-1, 2) * MM
    low, high = level.min(axis=0) - MM, level.max(axis=0) + MM
    middle = (low + high) / 2.0
    return np.array([middle[0], 0.0, middle[1]]), (high - low) / 2.0


def _corners(middle: Array, half: Array) -> Array:
    """(4, 3) mm, in the order +x +y, -x +y, -x -y, +x -y of the plate's axes."""
    signs = ((1, 1), (-1, 1), (-1, -1), (1, -1))
    return np.array(
        [middle + [x * half[0], 0.0, y * half[1]] for x, y in signs]
    )


def _wrench(analysis: Analysis, foot: int, middle_mm: Array) -> Array:
    """(T, 6) N and N mm about the plate's middle, in its axes: M = (cop - middle) x F + free moment."""
    force = np.nan_to_num(analysis.grf_world_n[:, foot])
    arm = np.nan_to_num(analysis.cop_world_m[:, foot] * MM - middle_mm)
    moment = np.cross(arm, force)
    moment[:, 1] += MM * np.nan_to_num(analysis.free_moment_nm[:, foot])
    return np.concatenate([force @ PLATE_AXES.T, moment @ PLATE_AXES.T], axis=1)


def _joint_channels(analysis: Analysis) -> list[tuple[str, str, Array]]:
    """Name, unit and (T,) values of angles, net moments and activations."""
    names = DOF_NAMES[N_ROOT:]
    half = len(names)
    angle, torque = (
        np.degrees(analysis.q[:, N_ROOT:]),
        analysis.tau_nm[:, N_ROOT:],
    )
    of_forces = (
        ("moment", "Nm", torque),
        ("plus", "", analysis.activation[:, :half]),
        ("minus", "", analysis.activation[:, half:]),
    )
    groups = (
        ("angle", "deg", angle),
        *(of_forces if has_forces(analysis) else ()),
    )
    return [
        (f"{name}.{kind}", unit, np.nan_to_num(values[:, i]))
        for kind, unit, values in groups
        for i, name in enumerate(names)
    ]


def write_c3d(path: Path, analysis: Analysis) -> Path:
    """The told stretch at its mean frame rate; the number of the first frame says where it starts in the clip.

    Where no force is known there are no plates, moments and activations.
    """
    even = even_times(analysis)
    middle, half = _floor_mm(analysis, even)
    channels, plates = [], []
    feet = "lr" if has_forces(analysis) else ""
    for foot, side in enumerate(feet):
        wrench = even.of(_wrench(analysis, foot, middle))
        plates.append(
            Plate(
                _corners(middle, half), tuple(range(6 * foot + 1, 6 * foot + 7))
            )
        )
        for k, name in enumerate(_FORCES):
            channels.append(
                Channel(
                    f"foot_{side}.{name}", "N" if k < 3 else "Nmm", wrench[:, k]
                )
            )
    channels += [
        Channel(n, unit, even.of(v)) for n, unit, v in _joint_channels(analysis)
    ]
    points = {
        name: MM * even.of(place)
        for name, place in marker_places_m(analysis).items()
    }
    first = 1 + round(float(even.even_s[0]) * even.rate_hz)
    return write(
        path, C3d(points, tuple(channels), tuple(plates), even.rate_hz, first)
    )

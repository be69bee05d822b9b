"""How a block of frames lies in memory while the kernels work on it.

A block is `LANES` frames side by side; every quantity is a row of LANES numbers, and the innermost loop of every kernel
runs over them, so that the compiler turns it into vector instructions. All rows of one segment form a record. The
records are ordered such that a segment's parent is always the record before it: where the tree branches, a header
record repeats the parent. So one slice of two records holds all that a step reads and writes, at distances known when
it is compiled; without that the compiler cannot rule out that rows overlap, and does not vectorise.
"""

from __future__ import annotations

import numpy as np

from musclepose.physics.skeleton47 import DOFS, N_SEGMENTS, PARENTS

LANES = 16  # of 4, 8, 16, 32 the fastest: below, loops are unrolled before they are vectorised; above, L2 runs over

# First row of each quantity in a record; each has three rows (x, y, z, or the joint axes z, x, y).
_FIELDS = (
    "X", "Y", "Z",  # columns of R_world_seg
    "W", "AL", "A",  # angular velocity, angular acceleration, acceleration of the origin less gravity
    "D",  # origin less the root's origin
    "F", "N",  # force and moment about the origin, of the segment and then of all that hangs on it
    "LEVER",  # from the parent's origin to this one
    "UX",  # second joint axis; the first is the parent's Z, the third is Y
    "SIN", "COS", "RATE", "ACC", "TAU",  # joint: signed angle, rate, acceleration, torque or its incoming gradient
    "FE",  # external force
    "G_F", "G_N", "G_W", "G_AL", "G_A", "G_D",  # gradients of the loss with respect to F, N, W, AL, A, D
    "G_ROT",  # and to a world rotation of everything that hangs on the joint
)  # fmt: skip
ROW = {name: 3 * i for i, name in enumerate(_FIELDS)}
N_ROWS = 3 * len(_FIELDS)
RECORD = N_ROWS * LANES  # numbers in a record
N_STATE_ROWS = ROW["F"]  # rows that a header repeats


def _records() -> tuple[list[int], list[int], list[int]]:
    """Segment of each record (-1: world or header), record that a header repeats, record of each segment."""
    segment, source = [-1], [0]
    of_segment: list[int] = []
    for s in range(N_SEGMENTS):
        parent = of_segment[PARENTS[s]] if s else 0
        if parent != len(segment) - 1:
            segment.append(-1)
            source.append(parent)
        of_segment.append(len(segment))
        segment.append(s)
        source.append(len(segment) - 2)
    return segment, source, of_segment


_SEGMENT, _SOURCE, _OF_SEGMENT = _records()
RECORD_SEGMENT, RECORD_SOURCE, SEGMENT_RECORD = (
    np.array(_SEGMENT),
    np.array(_SOURCE),
    np.array(_OF_SEGMENT),
)
N_RECORDS = len(_SEGMENT)
# Row of the SIN field that takes each rotational DoF, counted from the start of the block.
_SLOT = ["zxy".index(d.axis) for d in DOFS[3:]]
DOF_ROW = np.array(
    [
        _OF_SEGMENT[d.segment] * N_ROWS + ROW["SIN"] + k
        for d, k in zip(DOFS[3:], _SLOT, strict=True)
    ]
)
DOF_SIGN = np.array([d.sign for d in DOFS[3:]])
N_ROTATIONS = len(DOFS) - 3

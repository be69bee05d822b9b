"""Overhead press, standing."""

from dataclasses import replace

from musclepose.movement.exercises._common import ARMS, LEGS_STILL, STANDING
from musclepose.movement.records import Exercise, Signal, Way, less, more

EXERCISE = Exercise(
    name="overhead_press",
    title="overhead press",
    plural="overhead presses",
    ways=(
        Way(
            rules=(
                *LEGS_STILL,
                *STANDING,
                more("arm_max", 125, 8),
                more("elbow_range", 45, 6),
                less("hip_range", 40, 6),
            ),
            gates=(
                more("pic_wrist_up_high", 0.3, 0.1),
                more("pic_elbow_angle_range", 70.0, 5.0),
                less("pic_elbow_low", 115.0, 6.0),
            ),
        ),
    ),
    signals=(
        Signal("wrist_over_shoulder_{}_m", 0.12, "concentric", rest_low=True),
    ),
    figures=replace(
        ARMS,
        each=(
            ("min", "elbow_flexion_{}_deg"),
            ("max", "arm_elevation_{}_deg"),
            ("max", "trunk_lean_deg"),
        ),
        whole=(),
    ),
    cues=(
        "Press straight up and finish with your ears between your arms.",
        "Squeeze your buttocks and keep your ribs down.",
    ),
    progressions=("Add a little weight next time.",),
    drills=("Add a pause overhead.", "Press half-kneeling, one arm at a time."),
    usually_loaded=True,
)

"""Plank: a hold, not counted."""

from musclepose.movement.exercises._common import LYING
from musclepose.movement.records import Content, Exercise, Way, less, more

EXERCISE = Exercise(
    name="plank",
    title="plank",
    plural="plank",
    ways=(
        Way(
            rules=(
                *LYING,
                less("elbow_range", 34, 5),
                less("hip_range", 38, 6),
                less("com_range", 0.08, 0.015),
            ),
            gates=(
                less("pic_upright", 0.6, 0.1),
                less("pic_wrist_up", -0.2, 0.1),
                more("pic_hip_middle", 140.0, 5.0),
                less("pic_elbow_range", 80.0, 10.0),
                less("pic_feet_y", 0.5, 0.1),
            ),
        ),
    ),
    needs_legs=True,
    signals=(),
    figures=Content(
        each=(),
        whole=(
            ("mean", "body_line_deg"),
            ("min", "body_line_deg"),
            ("max", "body_line_deg"),
        ),
        torques=(),
    ),
    cues=(
        "Squeeze buttocks and belly and keep breathing.",
        "Push the floor away with your forearms.",
    ),
    progressions=("Lift one foot at a time while holding the line.",),
    drills=("Add short holds with full tension.",),
    kind="hold",
    tells_lean=False,
    supported_by="forearms",
)

"""Push-up."""

from dataclasses import replace

from musclepose.movement.exercises._common import ARMS, LYING
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    Way,
    less,
    more,
    strictly,
)

# By the picture alone: a straight body that leans on the hands, floor or bar, and sinks between bending arms.
ON_HANDS = (
    more("pic_rests", 0.5, 0.1),
    more("pic_lean", 24.0, 3.0),
    more("pic_leg_lean", 22.0, 3.0),
    more("pic_hip_middle", 155.0, 5.0),
    less("pic_hip_range", 30.0, 5.0),
    more("pic_elbow_range", 70.0, 8.0),
    more("pic_shoulder_y", 0.25, 0.05),
    less("pic_wrist_up", -0.15, 0.06),
    less("pic_wrist_up_high", 0.1, 0.1),
)
# From straight above: hands and feet stay, and the trunk of a straight body comes nearer and goes away.
FROM_ABOVE = (
    less("pic_hands_way", 0.3, 0.04),
    less("pic_feet_way", 0.3, 0.04),
    more("pic_nears", 0.08, 0.02),
    more("pic_nears_together", 0.75, 0.1),
    more("pic_elbow_range", 70.0, 8.0),
    more("pic_hip_middle", 160.0, 5.0),
    more("pic_knee_low", 155.0, 6.0),
    more("pic_wrist_up", -0.6, 0.06),
    less("pic_wrist_up_high", 0.1, 0.1),
    more("pic_upright", 0.85, 0.04),
)

EXERCISE = Exercise(
    name="push_up",
    title="push-up",
    plural="push-ups",
    ways=(
        Way(
            rules=(*LYING, more("elbow_range", 40, 6)),
            gates=(
                less("pic_wrist_up", -0.1, 0.1),
                more("pic_hip_middle", 145.0, 5.0),
                more("pic_elbow_range", 50.0, 5.0),
                less("pic_feet_x", 3.0, 0.2),
                less("pic_upright", 0.92, 0.03),
                more("pic_shoulder_y", 0.18, 0.04),
                less("pic_wrist_up_high", 0.15, 0.1),
            ),
        ),
        strictly(*ON_HANDS),
        strictly(*FROM_ABOVE, most_sure=ONE_FILM),
    ),
    signals=(Signal("elbow_flexion_{}_deg", 25.0, "eccentric", rest_low=True),),
    figures=replace(
        ARMS,
        each=(
            ("max", "elbow_flexion_{}_deg"),
            ("min", "elbow_flexion_{}_deg"),
            ("min", "body_line_deg"),
            ("max", "body_line_deg"),
        ),
        whole=(),
        torques=(),  # the hands carry most of it, and their force is not known
    ),
    cues=(
        "Keep one line from ears to heels.",
        "Push the floor away at the top.",
    ),
    progressions=("Put your feet on a low step.",),
    drills=("Lower more slowly before you add repetitions.",),
    tells_lean=False,
    supported_by="hands",
)

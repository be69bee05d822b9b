"""What fits no exercise of the list: counted on the joint that moves most."""

from musclepose.movement.exercises._common import FORCE, LEG_TORQUES
from musclepose.movement.records import Content, Exercise, Signal, Way

EXERCISE = Exercise(
    name="other",
    title="movement",
    plural="repetitions",
    ways=(Way(rules=(), gates=()),),
    signals=(
        Signal("knee_flexion_{}_deg", 24.0, "eccentric"),
        Signal("hip_flexion_{}_deg", 24.0, "eccentric"),
        Signal("elbow_flexion_{}_deg", 24.0, "concentric"),
        Signal("arm_elevation_{}_deg", 24.0, "concentric"),
    ),
    figures=Content(
        each=(),
        whole=(
            ("range", "knee_flexion_{}_deg"),
            ("range", "hip_flexion_{}_deg"),
            ("range", "elbow_flexion_{}_deg"),
            ("range", "arm_elevation_{}_deg"),
            ("max", "trunk_lean_deg"),
            *FORCE,
        ),
        torques=(*LEG_TORQUES[:2], "elbow_flexion_{}", "shoulder_flexion_{}"),
    ),
    cues=(
        "Move slowly enough that you could stop at any point.",
        "Breathe out on the effort and keep both sides level.",
    ),
    drills=(
        "Film the movement again from the front and from the side.",
        "Repeat it slowly and unloaded in front of a mirror.",
    ),
    tells_tempo=False,
    quiet_signals=(
        Signal("hands_apart_in_picture", 0.5, "eccentric"),
        Signal("hip_in_picture_{}_deg", 24.0, "eccentric"),
        Signal("shoulder_height_in_picture", 0.25, "concentric"),
    ),
    is_named=False,
)

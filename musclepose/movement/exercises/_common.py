"""What several exercises share: rules of recognition and sets of figures."""

from musclepose.movement.records import Content, Statistic, less, more

ON_FEET = (less("pic_rests", 0.5, 0.1),)  # nothing but the feet carries
LEGS_STILL = (
    less("knee_range", 38, 6),
    less("flight", 0.08, 0.02),
    less("travel", 0.35, 0.08),
)
ON_THE_SPOT = (less("flight", 0.05, 0.015), less("travel", 0.35, 0.08))
STANDING = (less("lean_middle", 40, 7),)
LYING = (
    more("lean_middle", 58, 5),
    less("hip_middle", 50, 8),
    less("knee_range", 40, 6),
)
GAIT = (
    less("hip_together", -0.2, 0.15),
    less("lean_middle", 40, 7),
    more("hip_range", 20, 4),
    more("knee_range", 28, 5),
    less("split_max", 0.45, 0.05),
)
IN_TURN = less("hip_together", -0.2, 0.1)  # who steps swings the thighs in turn
HINGE = (
    *ON_THE_SPOT,
    more("hip_range", 45, 6),
    more("lean_range", 34, 5),
    more("hip_together", 0.5, 0.12),
    less("split_max", 0.25, 0.03),
    less("wrist_low", 0.12, 0.03),
)
RAISE = (
    less("pic_lean_high", 22.0, 4.0),
    more("pic_elbow_low", 112.0, 8.0),
    less("pic_elbow_angle_range", 56.0, 8.0),
    more("pic_arm_high", 68.0, 6.0),
    less("pic_arm_high", 135.0, 8.0),
    less("pic_arm_low", 40.0, 6.0),
    more("pic_wrist_y", 0.85, 0.1),
    less("pic_knee_angle_range", 35.0, 6.0),
)

LEG_TORQUES = ("hip_flexion_{}", "knee_flexion_{}", "ankle_dorsiflexion_{}")
FORCE: tuple[tuple[Statistic, str], ...] = (("max", "grf_total_bw"),)
LEGS = Content(
    each=(
        ("max", "knee_flexion_{}_deg"),
        ("max", "hip_flexion_{}_deg"),
        ("max", "trunk_lean_deg"),
        ("max", "knee_valgus_{}_deg"),
        ("min", "thigh_above_level_{}_deg"),
    ),
    whole=(*FORCE, ("range", "side_shift_m")),
    torques=LEG_TORQUES,
)
HINGES = Content(
    each=(
        ("max", "hip_flexion_{}_deg"),
        ("min", "hip_flexion_{}_deg"),
        ("max", "knee_flexion_{}_deg"),
        ("max", "trunk_lean_deg"),
    ),
    whole=FORCE,
    torques=(*LEG_TORQUES[:2], "lumbar_flexion"),
)
ARMS = Content(
    each=(
        ("max", "elbow_flexion_{}_deg"),
        ("min", "elbow_flexion_{}_deg"),
        ("range", "arm_elevation_{}_deg"),
        ("range", "trunk_lean_deg"),
    ),
    whole=(("max", "trunk_lean_deg"),),
    torques=("elbow_flexion_{}", "shoulder_flexion_{}"),
)
PRESSES = Content(
    each=(("max", "elbow_flexion_{}_deg"), ("min", "elbow_flexion_{}_deg")),
    whole=(),
    torques=(),  # a bench carries, and the shoulders' place on it is not known
)
HANGS = Content(
    each=(("max", "elbow_flexion_{}_deg"), ("min", "elbow_flexion_{}_deg")),
    whole=(("range", "com_height_m"),),
    torques=(),  # the hands carry, and their force is not known
)
TRUNKS = Content(
    each=(("max", "hip_flexion_{}_deg"), ("min", "hip_flexion_{}_deg")),
    whole=(),
    torques=(),  # the floor carries the trunk
)
HOLDS = Content(
    each=(),
    whole=(("min", "body_line_deg"), ("max", "body_line_deg")),
    torques=(),  # the hands carry, and their force is not known
)
ARM_RAISES = Content(
    each=(("max", "arm_elevation_{}_deg"), ("range", "trunk_lean_deg")),
    whole=(),
    torques=("shoulder_flexion_{}",),
)
STANDS = Content(each=(), whole=(("range", "com_height_m"),), torques=())
SEATS = Content(
    each=(("max", "knee_flexion_{}_deg"), ("max", "trunk_lean_deg")),
    whole=(),
    torques=(),  # the seat carries, and its force is not known
)
STRIDES = Content(
    each=(),
    whole=(
        ("mean", "com_speed_m_s"),
        ("range", "hip_flexion_{}_deg"),
        ("max", "knee_flexion_{}_deg"),
        ("max", "trunk_lean_deg"),
        ("max", "grf_{}_bw"),
    ),
    torques=LEG_TORQUES,
)

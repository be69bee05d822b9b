"""Movements of the legs: squats, lunges, hinges, steps. Angles of good form are chosen from coaching practice."""

from __future__ import annotations

import numpy as np

from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.skeleton47 import SEGMENTS
from musclepose.synthesis.exercise.draft import (
    SIDE_SIGN,
    Context,
    Draft,
    common_faults,
    depth_and_lean,
    swaying_ahead,
)
from musclepose.synthesis.exercise.solve import Targets, solve
from musclepose.synthesis.exercise.timeline import (
    BACK,
    OUT,
    TURN,
    Curve,
    Timeline,
    ease,
    ramp,
    sway,
)

# Trunk lean at the bottom (deg) by variant: more upright with the load in front.
SQUAT_LEAN = {
    "high_bar": (32, 44),
    "low_bar": (42, 55),
    "front": (18, 30),
    "goblet": (18, 32),
    "bodyweight": (28, 46),
}

HIP_DEG = 124.0  # reached hip flexion, 11 below the limit of the body


def _squat_hands(draft: Draft, s: Curve) -> None:
    context = draft.context
    thorax = context.body.length("thorax")
    shoulder = 0.5 * context.body.length("shoulder_width")
    if context.variant in ("high_bar", "low_bar"):
        down = 0.0 if context.variant == "high_bar" else 0.06
        grip = shoulder + context.draw("grip_m", 0.10, 0.22)
        draft.hands(
            -0.05 - down / 2, 0.80 * thorax - down, grip, (-0.7, -1.0, 0.2)
        )
        draft.set_arm("wrist_flexion", -0.35)
    elif context.variant == "front":
        grip = shoulder + context.draw("grip_m", 0.0, 0.06)
        draft.hands(0.15, 0.86 * thorax, grip, (1.0, -0.15, 0.25))
        draft.set_arm("wrist_flexion", -0.9)
    elif context.variant == "goblet":
        draft.hands(0.24, 0.68 * thorax, 0.07, (0.15, -1.0, 0.45))
    else:
        reach = np.radians(context.draw("reach_deg", 55, 90))
        draft.set_arm("shoulder_flexion", 0.05 + reach * np.clip(s, 0, 1.1))


def _within_hip(knee_deg: float, lean_deg: float, shank_deg: float) -> float:
    """Knee flexion that keeps hip flexion (about lean + knee - shank inclination) below HIP_DEG."""
    return min(knee_deg, HIP_DEG + shank_deg - 0.92 * lean_deg)


def _standing(
    context: Context,
    half_stance_m: tuple[float, float],
    toe_out_deg: tuple[float, float],
) -> Draft:
    """The upright draft with a stance and a turn of the feet drawn between these bounds."""
    half = context.draw("half_stance_m", *half_stance_m)
    toe_out = context.draw_deg("toe_out_deg", *toe_out_deg)
    return Draft(context, half, toe_out)


def squat(context: Context) -> Targets:
    """High-bar, low-bar, front, goblet and bodyweight squat."""
    s_legs, s_trunk = depth_and_lean(context)
    half = (
        0.5
        * context.body.length("shoulder_width")
        * context.draw("stance", 0.85, 1.3)
    )
    draft = Draft(context, half, context.draw_deg("toe_out_deg", 8, 30))
    knee = context.draw("knee_bottom_deg", 102, 128) - 45 * context.fault(
        "shallow_depth"
    )
    lean = context.draw("lean_bottom_deg", *SQUAT_LEAN[context.variant])
    less_lean = 1 - 0.45 * context.fault("shallow_depth")
    lean = lean * less_lean + 20 * context.fault("forward_lean")
    knee = _within_hip(knee, lean, 33)
    draft.knee = np.radians(6 + (knee - 6) * s_legs)
    pelvis_share = context.draw("pelvis_share", 0.80, 0.95)
    draft.lean(np.radians(3 + lean * s_trunk), pelvis_share)
    com_ahead = swaying_ahead(draft, 0.12, 0.24, 0.015)
    com_aside = sway(context.rng, draft.frames, 0.004)
    draft.balance(com_ahead, com_aside)
    valgus_habit = context.draw_deg("valgus_habit_deg", -4, 4)
    draft.valgus(valgus_habit * s_legs)
    draft.alive()
    _squat_hands(draft, s_legs)
    common_faults(draft, s_legs)
    return draft.targets()


def _hang(draft: Draft, x: Curve, forward: float) -> None:
    """Straight arms from the shoulders down to a bar at horizontal position x (m, world); elbows nearly straight."""
    context = draft.context
    draft.wrist_in_thorax = False
    q = solve(draft.targets(), context.body)
    pose = forward_kinematics(q, context.body.lengths_m)
    upper_arms = [SEGMENTS.index(f"upper_arm_{k}") for k in ("l", "r")]
    shoulder = pose.p_world_seg[:, upper_arms].mean(1).numpy()
    shoulder_x, shoulder_y = shoulder[:, 0], shoulder[:, 1]
    out = context.draw("grip_m", 0.05, 0.12)
    reach = 0.993 * context.body.arm_m
    # Upright, the bar leans on the thighs, just ahead of the shoulders.
    ahead = np.minimum(x - shoulder_x, 0.09)
    dx = np.clip(ahead, -0.6 * reach, 0.6 * reach)
    down = np.sqrt(reach**2 - dx**2 - out**2)
    width = 0.5 * context.body.length("shoulder_width") + out
    draft.hands(shoulder_x + dx, shoulder_y - down, width, (-1.0, 0.0, forward))
    draft.set_arm("forearm_pronation", 1.6)


def deadlift(context: Context) -> Targets:
    """Conventional deadlift: the repetition starts and ends at the floor, the turning point is the stand."""
    s_legs, s_trunk = depth_and_lean(context)
    draft = _standing(context, (0.10, 0.17), (3, 18))
    range_ = 1.0 - 0.35 * context.fault("short_range")
    bent_legs = 1 - range_ * np.clip(s_legs, 0, 1.03)
    bent_trunk = 1 - range_ * np.clip(s_trunk, 0, 1.03)
    knee = context.draw("knee_bottom_deg", 72, 94)
    lean = context.draw("lean_bottom_deg", 60, 74) + 10 * context.fault(
        "forward_lean"
    )
    knee = _within_hip(knee, lean, 22)
    draft.knee = np.radians(5 + (knee - 5) * bent_legs)
    pelvis_share = context.draw("pelvis_share", 0.82, 0.95)
    draft.lean(np.radians(lean * bent_trunk), pelvis_share, look=0.35)
    draft.balance(swaying_ahead(draft, 0.14, 0.24, 0.01))
    draft.alive(0.7)
    common_faults(draft, np.clip(bent_legs, 0, 1))
    bar_x = 0.45 * context.body.length("foot")
    _hang(draft, np.full(draft.frames, bar_x), 0.1)
    return draft.targets()


def romanian_deadlift(context: Context) -> Targets:
    """Hinge with soft knees; down, then up."""
    s_legs, s_trunk = depth_and_lean(context)
    range_ = 1.0 - 0.45 * context.fault("short_range")
    draft = _standing(context, (0.09, 0.15), (0, 14))
    knee = context.draw("knee_bend_deg", 8, 20)
    draft.knee = np.radians(8 + knee * s_legs * range_)
    lean = context.draw("lean_bottom_deg", 58, 80)
    pelvis_share = context.draw("pelvis_share", 0.85, 0.97)
    draft.lean(np.radians(2 + lean * s_trunk * range_), pelvis_share, look=0.3)
    draft.balance(swaying_ahead(draft, 0.12, 0.22, 0.012))
    draft.alive(0.7)
    common_faults(draft, np.clip(s_legs, 0, 1))
    bar_x = context.draw("bar_ahead", 0.30, 0.45) * context.body.length("foot")
    _hang(draft, np.full(draft.frames, bar_x), 0.1)
    return draft.targets()


def _lunge_feet(
    draft: Draft, step: Curve, sign: Curve, length_m: float
) -> None:
    """The leading foot (sign -1 left, +1 right) steps `length_m` ahead; the other rises on its toes."""
    moving = np.clip(step, 0, 1)
    in_air = (moving > 0.02) & (moving < 0.98)
    ahead = length_m * ease(moving)
    up = 0.07 * np.sin(np.pi * moving) ** 2
    on_toes = np.radians(60.0) * ease(moving)
    for k, side in enumerate(SIDE_SIGN):
        lead = sign == side
        draft.foot[:, k, 0] += np.where(lead, ahead, 0.0)
        draft.foot[:, k, 1] += np.where(lead, up, 0.0)
        draft.contact[lead & in_air, k] = 0.0
        draft.pitch[:, k] += np.where(lead, 0.0, on_toes)


def _progress(timeline: Timeline) -> Curve:
    """Even way out to 1, hold and even way back of each repetition; 0 between them."""
    u, phase = timeline.u, timeline.phase
    parts = [phase == OUT, phase == TURN, phase == BACK]
    return np.select(parts, [u, np.ones(len(timeline)), 1.0 - u], 0.0)


def _in_turn(context: Context) -> Curve:
    """-1 left, +1 right: the sides take turns from the clip's first side on."""
    is_even = context.timeline.repetition % 2 == 0
    return context.side * np.where(is_even, 1.0, -1.0)


def _step_and_drop(context: Context) -> tuple[Curve, Curve, Curve]:
    """Which side leads, how far it has stepped ahead, and how far the body has sunk (0 to 1)."""
    timeline = context.timeline
    T = len(timeline)
    if context.variant == "split":
        side = np.full(T, context.side)
        return side, np.ones(T), np.clip(timeline.s, 0, 1.05)
    way = _progress(timeline)
    step = np.clip(way / 0.55, 0, 1)
    drop = ease(np.clip((way - 0.35) / 0.65, 0, 1))
    return _in_turn(context), step, drop


def _stumble(draft: Draft, of_list: float, of_root: float = 0.0) -> None:
    """Loss of balance: the trunk sways sideways, and shares of that go into the pelvis' list and place."""
    context = draft.context
    fall = context.fault("loss_of_balance")
    if not fall:
        return
    tip = sway(context.rng, draft.frames, np.radians(7) * fall, 0.5, 1.6)
    draft.list = draft.list + of_list * tip
    draft.spine[:, 1] += tip
    draft.root_xz[:, 1] += of_root * tip


def lunge(context: Context) -> Targets:
    """Split squat on the spot, or alternating forward lunges that step out and back."""
    body = context.body
    draft = _standing(context, (0.08, 0.13), (0, 10))
    length = context.draw("step", 0.72, 0.88) * body.leg_m
    sign, step, drop = _step_and_drop(context)
    _lunge_feet(draft, step, sign, length)
    ankle = body.length("ankle_height")
    stand = ankle + 0.985 * body.leg_m
    split = ankle + np.sqrt((0.97 * body.leg_m) ** 2 - (0.5 * length) ** 2)
    shallow = 1 - 0.55 * context.fault("shallow_depth")
    depth = context.draw("depth", 0.30, 0.38) * shallow * body.leg_m
    stepped = ease(step)
    draft.height = stand + (split - stand) * stepped - depth * drop
    between = context.draw("between", 0.44, 0.56) * length
    draft.root_xz[:, 0] = between * stepped + 0.03
    aside = 0.05 * context.side * context.fault("lateral_shift")
    draft.root_xz[:, 1] += aside * drop
    lean = context.draw("lean_deg", 2, 12) + 24 * context.fault("forward_lean")
    draft.lean(np.radians(2 + lean * drop), 0.6)
    draft.valgus(np.radians(17) * context.fault("knee_valgus") * drop)
    _stumble(draft, 0.4, 0.15)
    draft.alive()
    return draft.targets()


def _step_feet(
    draft: Draft, p: Curve, height_m: float, ahead_m: float, lead: Curve
) -> None:
    """First foot onto the box while p goes 0 to 0.35, second from 0.6 to 0.95: up first, then forward."""
    way_of_first = np.clip(p / 0.35, 0, 1)
    way_of_second = np.clip((p - 0.6) / 0.35, 0, 1)
    on_toes = np.radians(60) * ramp(p, 0.15, 0.42)
    for k, side in enumerate(SIDE_SIGN):
        first = lead == side
        u = np.where(first, way_of_first, way_of_second)
        arc = 0.06 * np.sin(np.pi * u) ** 2
        draft.foot[:, k, 0] += ahead_m * ramp(u, 0.25, 1.0)
        draft.foot[:, k, 1] += height_m * ramp(u, 0.0, 0.7) + arc
        is_down = (u < 0.02) | (u > 0.98)
        draft.contact[:, k] = is_down.astype(float)
        off_floor = 1 - ramp(u, 0.0, 0.5)
        draft.pitch[:, k] += np.where(first, 0.0, on_toes * off_floor)


def step_up(context: Context) -> Targets:
    """One foot onto a box, stand up, and back down; sides alternate."""
    body = context.body
    p = _progress(context.timeline)
    lead = _in_turn(context)
    draft = _standing(context, (0.08, 0.12), (0, 12))
    box = context.draw("box_m", 0.15, 0.38)
    ahead = context.draw("ahead_m", 0.36, 0.44)
    _step_feet(draft, p, box, ahead, lead)
    draft.root_xz[:, 0] = 0.02 + ahead * ramp(p, 0.18, 0.66)
    over_first = ramp(p, 0.1, 0.35)
    over_both = 1 - ramp(p, 0.7, 0.95)
    draft.root_xz[:, 1] = 0.05 * lead * over_first * over_both
    stand = body.length("ankle_height") + 0.985 * body.leg_m
    draft.height = stand + box * ramp(p, 0.33, 0.85)
    work = ramp(p, 0.05, 0.35) * (1 - ramp(p, 0.45, 0.85))
    lean = context.draw("lean_deg", 12, 24) + 22 * context.fault("forward_lean")
    draft.lean(np.radians(4 + lean * work), 0.65)
    draft.valgus(np.radians(18) * context.fault("knee_valgus") * work)
    draft.list = (
        draft.list
        + np.radians(8) * context.fault("lateral_shift") * work * lead
    )
    _stumble(draft, 0.3)
    draft.alive()
    return draft.targets()

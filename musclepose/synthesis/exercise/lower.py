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
)
from musclepose.synthesis.exercise.solve import Targets, solve
from musclepose.synthesis.exercise.timeline import Curve, Timeline, ease, ramp, sway

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
    thorax, shoulder = context.body.length("thorax"), 0.5 * context.body.length("shoulder_width")
    if context.variant in ("high_bar", "low_bar"):
        down = 0.0 if context.variant == "high_bar" else 0.06
        grip = shoulder + context.draw("grip_m", 0.10, 0.22)
        draft.hands(-0.05 - down / 2, 0.80 * thorax - down, grip, (-0.7, -1.0, 0.2))
        draft.set_arm("wrist_flexion", -0.35)
    elif context.variant == "front":
        draft.hands(
            0.15, 0.86 * thorax, shoulder + context.draw("grip_m", 0.0, 0.06), (1.0, -0.15, 0.25)
        )
        draft.set_arm("wrist_flexion", -0.9)
    elif context.variant == "goblet":
        draft.hands(0.24, 0.68 * thorax, 0.07, (0.15, -1.0, 0.45))
    else:
        reach = np.radians(context.draw("reach_deg", 55, 90))
        draft.set_arm("shoulder_flexion", 0.05 + reach * np.clip(s, 0, 1.1))


def _within_hip(knee_deg: float, lean_deg: float, shank_deg: float) -> float:
    """Knee flexion that keeps hip flexion (about lean + knee - shank inclination) below HIP_DEG."""
    return min(knee_deg, HIP_DEG + shank_deg - 0.92 * lean_deg)


def squat(context: Context) -> Targets:
    """High-bar, low-bar, front, goblet and bodyweight squat."""
    s_legs, s_trunk = depth_and_lean(context)
    half = 0.5 * context.body.length("shoulder_width") * context.draw("stance", 0.85, 1.3)
    draft = Draft(context, half, context.draw_deg("toe_out_deg", 8, 30))
    knee = context.draw("knee_bottom_deg", 102, 128) - 45 * context.fault("shallow_depth")
    lean = context.draw("lean_bottom_deg", *SQUAT_LEAN[context.variant])
    lean = lean * (1 - 0.45 * context.fault("shallow_depth")) + 20 * context.fault("forward_lean")
    draft.knee = np.radians(6 + (_within_hip(knee, lean, 33) - 6) * s_legs)
    draft.lean(np.radians(3 + lean * s_trunk), context.draw("pelvis_share", 0.80, 0.95))
    draft.balance(
        context.draw("com_ahead", 0.12, 0.24) + sway(context.rng, draft.frames, 0.015),
        sway(context.rng, draft.frames, 0.004),
    )
    draft.valgus(np.radians(context.draw("valgus_habit_deg", -4, 4)) * s_legs)
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
    shoulder = (
        pose.p_world_seg[:, [SEGMENTS.index(f"upper_arm_{k}") for k in ("l", "r")]].mean(1).numpy()
    )
    out = context.draw("grip_m", 0.05, 0.12)
    reach = 0.993 * context.body.arm_m
    # Upright, the bar leans on the thighs, just ahead of the shoulders.
    dx = np.clip(np.minimum(x - shoulder[:, 0], 0.09), -0.6 * reach, 0.6 * reach)
    down = np.sqrt(reach**2 - dx**2 - out**2)
    width = 0.5 * context.body.length("shoulder_width") + out
    draft.hands(shoulder[:, 0] + dx, shoulder[:, 1] - down, width, (-1.0, 0.0, forward))
    draft.set_arm("forearm_pronation", 1.6)


def deadlift(context: Context) -> Targets:
    """Conventional deadlift: the repetition starts and ends at the floor, the turning point is the stand."""
    s_legs, s_trunk = depth_and_lean(context)
    up_legs, up_trunk = np.clip(s_legs, 0, 1.03), np.clip(s_trunk, 0, 1.03)
    draft = Draft(
        context, context.draw("half_stance_m", 0.10, 0.17), context.draw_deg("toe_out_deg", 3, 18)
    )
    range_ = 1.0 - 0.35 * context.fault("short_range")
    knee, lean = context.draw("knee_bottom_deg", 72, 94), context.draw("lean_bottom_deg", 60, 74)
    knee = _within_hip(knee, lean + 10 * context.fault("forward_lean"), 22)
    draft.knee = np.radians(5 + (knee - 5) * (1 - range_ * up_legs))
    draft.lean(
        np.radians((lean + 10 * context.fault("forward_lean")) * (1 - range_ * up_trunk)),
        context.draw("pelvis_share", 0.82, 0.95),
        look=0.35,
    )
    bottom = 1 - range_ * up_legs
    draft.balance(context.draw("com_ahead", 0.14, 0.24) + sway(context.rng, draft.frames, 0.01))
    draft.alive(0.7)
    common_faults(draft, np.clip(bottom, 0, 1))
    _hang(draft, np.full(draft.frames, 0.45 * context.body.length("foot")), 0.1)
    return draft.targets()


def romanian_deadlift(context: Context) -> Targets:
    """Hinge with soft knees; down, then up."""
    s_legs, s_trunk = depth_and_lean(context)
    range_ = 1.0 - 0.45 * context.fault("short_range")
    draft = Draft(
        context, context.draw("half_stance_m", 0.09, 0.15), context.draw_deg("toe_out_deg", 0, 14)
    )
    draft.knee = np.radians(8 + context.draw("knee_bend_deg", 8, 20) * s_legs * range_)
    draft.lean(
        np.radians(2 + context.draw("lean_bottom_deg", 58, 80) * s_trunk * range_),
        context.draw("pelvis_share", 0.85, 0.97),
        look=0.3,
    )
    draft.balance(context.draw("com_ahead", 0.12, 0.22) + sway(context.rng, draft.frames, 0.012))
    draft.alive(0.7)
    common_faults(draft, np.clip(s_legs, 0, 1))
    _hang(
        draft,
        np.full(draft.frames, context.draw("bar_ahead", 0.30, 0.45) * context.body.length("foot")),
        0.1,
    )
    return draft.targets()


def _lunge_feet(draft: Draft, step: Curve, sign: Curve, length_m: float) -> None:
    """The leading foot (sign -1 left, +1 right) steps `length_m` ahead; the other rises on its toes."""
    for k, side in enumerate(SIDE_SIGN):
        lead = sign == side
        moving = np.clip(step, 0, 1)
        draft.foot[:, k, 0] += np.where(lead, length_m * ease(moving), 0.0)
        draft.foot[:, k, 1] += np.where(lead, 0.07 * np.sin(np.pi * moving) ** 2, 0.0)
        draft.contact[:, k] = np.where(
            lead & (moving > 0.02) & (moving < 0.98), 0.0, draft.contact[:, k]
        )
        draft.pitch[:, k] += np.where(lead, 0.0, np.radians(60.0) * ease(moving))


def _progress(timeline: Timeline) -> Curve:
    """Even way out to 1, hold and even way back of each repetition; 0 between them."""
    return np.select(
        [timeline.phase == 1, timeline.phase == 2, timeline.phase == 3],
        [timeline.u, np.ones(len(timeline)), 1.0 - timeline.u],
        0.0,
    )


def _in_turn(context: Context) -> Curve:
    """-1 left, +1 right: the sides take turns from the clip's first side on."""
    return context.side * np.where(context.timeline.repetition % 2 == 0, 1.0, -1.0)


def _step_and_drop(context: Context) -> tuple[Curve, Curve, Curve]:
    """Which side leads, how far it has stepped ahead, and how far the body has sunk (0 to 1)."""
    timeline, T = context.timeline, len(context.timeline)
    if context.variant == "split":
        return np.full(T, context.side), np.ones(T), np.clip(timeline.s, 0, 1.05)
    way = _progress(timeline)
    return _in_turn(context), np.clip(way / 0.55, 0, 1), ease(np.clip((way - 0.35) / 0.65, 0, 1))


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
    draft = Draft(
        context, context.draw("half_stance_m", 0.08, 0.13), context.draw_deg("toe_out_deg", 0, 10)
    )
    length = context.draw("step", 0.72, 0.88) * body.leg_m
    sign, step, drop = _step_and_drop(context)
    _lunge_feet(draft, step, sign, length)
    stand = body.length("ankle_height") + 0.985 * body.leg_m
    split = body.length("ankle_height") + np.sqrt((0.97 * body.leg_m) ** 2 - (0.5 * length) ** 2)
    shallow = 1 - 0.55 * context.fault("shallow_depth")
    depth = context.draw("depth", 0.30, 0.38) * shallow * body.leg_m
    draft.height = stand + (split - stand) * ease(step) - depth * drop
    draft.root_xz[:, 0] = (context.draw("between", 0.44, 0.56) * length) * ease(step) + 0.03
    draft.root_xz[:, 1] += 0.05 * context.side * context.fault("lateral_shift") * drop
    lean = context.draw("lean_deg", 2, 12) + 24 * context.fault("forward_lean")
    draft.lean(np.radians(2 + lean * drop), 0.6)
    draft.valgus(np.radians(17) * context.fault("knee_valgus") * drop)
    _stumble(draft, 0.4, 0.15)
    draft.alive()
    return draft.targets()


def _step_feet(draft: Draft, p: Curve, height_m: float, ahead_m: float, lead: Curve) -> None:
    """First foot onto the box while p goes 0 to 0.35, second from 0.6 to 0.95: up first, then forward."""
    for k, side in enumerate(SIDE_SIGN):
        first = lead == side
        u = np.where(first, np.clip(p / 0.35, 0, 1), np.clip((p - 0.6) / 0.35, 0, 1))
        draft.foot[:, k, 0] += ahead_m * ramp(u, 0.25, 1.0)
        draft.foot[:, k, 1] += height_m * ramp(u, 0.0, 0.7) + 0.06 * np.sin(np.pi * u) ** 2
        draft.contact[:, k] = ((u < 0.02) | (u > 0.98)).astype(float)
        push = np.where(first, 0.0, np.radians(60) * ramp(p, 0.15, 0.42) * (1 - ramp(u, 0.0, 0.5)))
        draft.pitch[:, k] += push


def step_up(context: Context) -> Targets:
    """One foot onto a box, stand up, and back down; sides alternate."""
    body, p, lead = context.body, _progress(context.timeline), _in_turn(context)
    draft = Draft(
        context, context.draw("half_stance_m", 0.08, 0.12), context.draw_deg("toe_out_deg", 0, 12)
    )
    box = context.draw("box_m", 0.15, 0.38)
    _step_feet(draft, p, box, context.draw("ahead_m", 0.36, 0.44), lead)
    draft.root_xz[:, 0] = 0.02 + context.params["ahead_m"] * ramp(p, 0.18, 0.66)
    draft.root_xz[:, 1] = 0.05 * lead * ramp(p, 0.1, 0.35) * (1 - ramp(p, 0.7, 0.95))
    draft.height = body.length("ankle_height") + 0.985 * body.leg_m + box * ramp(p, 0.33, 0.85)
    work = ramp(p, 0.05, 0.35) * (1 - ramp(p, 0.45, 0.85))
    lean = context.draw("lean_deg", 12, 24) + 22 * context.fault("forward_lean")
    draft.lean(np.radians(4 + lean * work), 0.65)
    draft.valgus(np.radians(18) * context.fault("knee_valgus") * work)
    draft.list = draft.list + np.radians(8) * context.fault("lateral_shift") * work * lead
    _stumble(draft, 0.3)
    draft.alive()
    return draft.targets()

"""Movements of the arms, standing, bent over or on the floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musclepose.synthesis.exercise.draft import (
    Context,
    Draft,
    common_faults,
    swaying_ahead,
)
from musclepose.synthesis.exercise.solve import Targets
from musclepose.synthesis.exercise.timeline import OUT, Curve, sway

WRIST_ON_FLOOR_M = 0.05  # wrist above the floor with the palm down
TRUNK = {
    "pelvis": 0.893,
    "abdomen": 1.0,
    "thorax": 0.82,
}  # mid-hip to shoulders, shares of scale lengths


def _stand(context: Context, knee_deg: float = 5.0) -> Draft:
    half = (
        0.5
        * context.body.length("shoulder_width")
        * context.draw("stance", 0.6, 1.1)
    )
    draft = Draft(context, half, context.draw_deg("toe_out_deg", 3, 20))
    swaying = sway(context.rng, draft.frames, 0.8)
    draft.knee = np.radians(knee_deg + swaying)
    return draft


def _uneven_hands(draft: Draft, amount_m: float, s: Curve) -> None:
    """One hand ends lower than the other."""
    if draft.wrist is not None:
        lag = amount_m * draft.context.fault("uneven_load")
        side = int(draft.context.side > 0)
        draft.wrist[:, side, 1] -= lag * s


def overhead_press(context: Context) -> Targets:
    """Barbell or dumbbell press from the shoulders to overhead."""
    s, body = context.timeline.s, context.body
    draft = _stand(context)
    less_back = np.radians(8) * context.fault("forward_lean")
    back = context.draw_deg("lean_back_deg", 2, 8) - less_back
    on_the_way = np.sin(np.pi * np.clip(s, 0, 1))
    draft.lean(np.radians(1) - back * on_the_way * 0.8, 0.4, look=0.4)
    draft.balance(swaying_ahead(draft, 0.12, 0.22, 0.01))
    thorax = body.length("thorax")
    half = 0.5 * body.length("shoulder_width")
    grip = half + context.draw("grip_m", 0.03, 0.13)
    # The shoulder blade lifts the shoulder by about 4 cm on the way up.
    top = 0.04 + 0.99 * np.sqrt(body.arm_m**2 - (grip - half) ** 2)
    range_ = 1 - 0.35 * context.fault("short_range")
    reach = np.clip(s * range_, 0, 1.0)
    start = 0.02 + context.draw("rack_m", 0.0, 0.06)
    draft.alive()
    flare = 0.25 + 1.4 * context.fault("elbow_flare")
    hand_x = 0.16 - 0.13 * reach
    hand_y = 0.82 * thorax + start + (top - start) * reach
    draft.hands(hand_x, hand_y, grip, (0.55, -1.0, flare))
    draft.set_arm("scapula_elevation", 0.35 * reach)
    draft.set_arm("forearm_pronation", 2.2)
    draft.set_arm("wrist_flexion", -0.35)
    _uneven_hands(draft, 0.12, reach)
    common_faults(draft, reach)
    return draft.targets()


def curl(context: Context) -> Targets:
    """Barbell curl, or dumbbells arm after arm."""
    timeline = context.timeline
    s = timeline.s
    draft = _stand(context, 7.0)
    swing_deg = context.draw("swing_deg", 0, 4) + 12 * context.fault(
        "forward_lean"
    )
    on_the_way = np.sin(np.pi * np.clip(s, 0, 1))
    early = on_the_way * np.where(timeline.phase == OUT, 1.0, 0.3)
    draft.lean(np.radians(2) - np.radians(swing_deg) * early, 0.5, look=0.3)
    draft.balance(swaying_ahead(draft, 0.10, 0.20, 0.01))
    draft.alive()
    range_ = 1 - 0.45 * context.fault("short_range")
    full = context.draw_deg("elbow_top_deg", 122, 142) * range_
    straight = np.radians(10)
    uneven = context.fault("uneven_load")
    weak = int(context.side > 0)
    help_rad = context.draw_deg("shoulder_help_deg", 2, 14)
    for k in (0, 1):
        own = (
            s
            if context.variant != "alternating"
            else s * (timeline.repetition % 2 == k)
        )
        own = own * (1 - 0.35 * uneven * (k == weak))
        draft.set_arm("elbow_flexion", straight + (full - straight) * own, k)
        draft.arm[:, k, 2] += help_rad * own
    draft.set_arm("forearm_pronation", np.radians(12))
    common_faults(draft, np.clip(s, 0, 1))
    return draft.targets()


def row(context: Context) -> Targets:
    """Bent-over row: the hinge is held, the hands go from hanging to the belly."""
    s, body = context.timeline.s, context.body
    draft = _stand(context)
    knee_deg = context.draw("knee_deg", 18, 34) + sway(
        context.rng, draft.frames, 1.5
    )
    draft.knee = np.radians(knee_deg)
    lean = context.draw_deg("lean_deg", 42, 66)
    jerk = np.radians(3 + 14 * context.fault("forward_lean"))
    on_the_way = np.sin(np.pi * np.clip(s, 0, 1))
    pelvis_share = context.draw("pelvis_share", 0.82, 0.95)
    draft.lean(lean - jerk * on_the_way, pelvis_share, look=0.35)
    draft.balance(swaying_ahead(draft, 0.14, 0.24, 0.01))
    draft.alive(0.8)
    thorax = body.length("thorax")
    half = 0.5 * body.length("shoulder_width")
    range_ = 1 - 0.5 * context.fault("short_range")
    reach = np.clip(s * range_, 0, 1.03)
    hanging = 0.985 * body.arm_m
    x0 = hanging * np.sin(lean)
    y0 = 0.82 * thorax - hanging * np.cos(lean)
    x1 = context.draw("belly_x_m", 0.10, 0.16)
    y1 = context.draw("belly", 0.15, 0.35) * thorax
    hand_x = x0 + (x1 - x0) * reach
    hand_y = y0 + (y1 - y0) * reach
    flare = 0.25 + 1.3 * context.fault("elbow_flare")
    draft.hands(hand_x, hand_y, half + 0.04, (-1.0, 0.1, flare))
    _uneven_hands(draft, -0.10, reach)
    common_faults(draft, reach)
    return draft.targets()


def _on_toes(
    context: Context, shoulder_height: Curve, sag: Curve
) -> tuple[Draft, Curve, Curve]:
    """A straight body between toes and shoulders; returns the draft and the shoulder position (x, y)."""
    body = context.body
    draft = Draft(context, context.draw("half_stance_m", 0.06, 0.14), 0.0)
    draft.pitch += context.draw_deg("foot_pitch_deg", 68, 80)
    ankle_x, ankle_y = draft.targets().ankle_m.numpy().mean(1)[:, :2].T
    leg = 0.9975 * body.leg_m
    trunk = sum(share * body.length(name) for name, share in TRUNK.items())
    whole = leg + trunk
    rise = (shoulder_height - ankle_y) / whole
    slope = np.arcsin(np.clip(rise, -0.5, 0.8))
    leg_slope = slope - sag * trunk / whole
    trunk_slope = slope + sag * leg / whole
    hip_x = ankle_x + leg * np.cos(leg_slope)
    draft.height = ankle_y + leg * np.sin(leg_slope)
    draft.root_xz[:, 0] = hip_x
    bend = trunk_slope - leg_slope
    draft.tilt = -0.5 * np.pi + leg_slope + 0.3 * bend
    draft.spine[:, 0] -= 0.5 * bend
    draft.spine[:, 3] -= 0.2 * bend
    draft.spine[:, 6] -= context.draw_deg("look_deg", 0, 25)
    draft.pole = np.repeat(_towards_floor(leg_slope)[:, None], 2, axis=1)
    draft.wrist_in_thorax = False
    shoulder_x = hip_x + trunk * np.cos(trunk_slope)
    shoulder_y = draft.height + trunk * np.sin(trunk_slope)
    return draft, shoulder_x, shoulder_y


def _towards_floor(leg_slope: Curve) -> NDArray[np.float64]:
    """(T, 3) across the legs and down: where the knees of a body on its toes would bend to."""
    return np.stack(
        (np.sin(leg_slope), -np.cos(leg_slope), np.zeros_like(leg_slope)), -1
    )


def push_up(context: Context) -> Targets:
    """Push-up on hands and toes, chest towards the floor and back."""
    s, body = context.timeline.s, context.body
    half = 0.5 * body.length("shoulder_width")
    width = half * context.draw("hand_width", 1.15, 1.6)
    top = WRIST_ON_FLOOR_M + np.sqrt(
        (0.985 * body.arm_m) ** 2 - (width - half) ** 2
    )
    bottom = WRIST_ON_FLOOR_M + context.draw("chest_m", 0.13, 0.19)
    shallow = max(context.fault("shallow_depth"), context.fault("short_range"))
    bottom += (top - bottom) * 0.55 * shallow
    sag = np.radians(1.0 + 16.0 * context.fault("hips_sag")) * np.ones_like(s)
    shoulder_height = top + (bottom - top) * np.clip(s, 0, 1.02)
    draft, x, _ = _on_toes(context, shoulder_height, sag)
    flare = np.radians(38) * context.fault("elbow_flare")
    out = context.draw_deg("flare_deg", 30, 50) + flare
    hand_x = x[0] + context.draw("hand_back_m", -0.04, 0.03)
    draft.alive(0.35)
    draft.hands(
        hand_x, WRIST_ON_FLOOR_M, width, (-np.cos(out), 0.35, np.sin(out))
    )
    draft.set_arm("wrist_flexion", -1.2)
    draft.set_arm("forearm_pronation", 2.4)
    aside = context.fault("uneven_load") + context.fault("lateral_shift")
    tip = np.radians(7) * context.side * aside
    draft.rotation = draft.rotation + tip * np.clip(s, 0, 1)
    return draft.targets()


def plank(context: Context) -> Targets:
    """Forearm plank, held."""
    body, T = context.body, len(context.timeline)
    height = body.length("upper_arm") + 0.035 + sway(context.rng, T, 0.004)
    tired = np.linspace(0.3, 1.0, T)
    sagging_deg = 15.0 * context.fault("hips_sag") * tired
    raised_deg = 14.0 * context.fault("hips_high")
    sag = np.radians(2.0 + sagging_deg - raised_deg)
    swaying = sway(context.rng, T, 0.008)
    draft, x, _ = _on_toes(context, height, sag + swaying)
    draft.alive(0.35)
    hand_x = x.mean() + 0.98 * body.length("forearm")
    half = 0.5 * body.length("shoulder_width") * 0.8
    draft.hands(hand_x, 0.04, half, (-1.0, -1.0, 0.1))
    draft.set_arm("forearm_pronation", 1.5)
    return draft.targets()

"""What was seen, part by part: each function gives alternative wordings of one true sentence, or none."""

from __future__ import annotations

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.recognition import Recognition
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.prompt import Level
from musclepose.wave_llm.prompt_facts import torque_figures

SURE = 0.55  # below this probability the exercise is not named as a fact


def show(figure: Figure) -> str:
    """Value with unit for a reader: degrees as a sign."""
    return figure.text.replace(" deg", "°")


def pair(left: Figure | None, right: Figure | None) -> str:
    """ "104° on the left and 112° on the right", or the one that was seen."""
    if left is None or right is None:
        one = left or right
        return f"{show(one)} on the {one.side}" if one else ""
    if show(left) == show(right):
        return f"{show(left)} on both sides"
    return f"{show(left)} on the left and {show(right)} on the right"


def side_pair(
    summary: PhysicsSummary, stem: str, *statistics: str
) -> tuple[Figure | None, Figure | None]:
    for statistic in statistics:
        left, right = (summary.figure(f"{stem}_{s}.{statistic}") for s in "lr")
        if left or right:
            return left, right
    return None, None


def what_was_done(summary: PhysicsSummary) -> tuple[str, ...]:
    """What was done."""
    exercise = EXERCISES[summary.exercise.name]
    count = summary.figure("repetitions.count")
    if summary.kind == "gait":
        steps, cadence = summary.figure("steps.count"), summary.figure("cadence")
        verb = exercise.done
        if steps and cadence:
            return (
                f"You {verb} {show(steps)} steps at {cadence.value:.0f} steps per minute.",
                f"I counted {show(steps)} steps, {cadence.value:.0f} steps per minute.",
            )
        return (f"You {verb} through the picture.",)
    if summary.kind == "hold":
        held = summary.figure("clip.duration")
        return (
            (f"You held a {summary.exercise.title} for {show(held)}.",)
            if held
            else ("You held a plank.",)
        )
    if count is None:
        return (
            "I saw no full repetition in this clip.",
            "No full repetition was found in this clip.",
        )
    what = _counted(summary.exercise, int(count.value))
    return (f"You did {what}.", f"I counted {what}.", f"This set has {what}.")


def _counted(found: Recognition, count: int) -> str:
    """ "5 squats"; where the exercise is not sure, "5 repetitions, most like a squat"."""
    exercise = EXERCISES[found.name]
    if found.probability >= SURE and exercise.is_named:
        return f"{count} {exercise.title if count == 1 else exercise.plural}"
    looks = f", most like a {exercise.title}" if exercise.is_named else ""
    return f"{count} {'repetition' if count == 1 else 'repetitions'}{looks}"


def tempo(summary: PhysicsSummary) -> tuple[str, ...]:
    down, up, hold = (summary.figure(f"tempo.{n}") for n in ("eccentric", "concentric", "hold"))
    if (
        down is None
        or up is None
        or hold is None
        or not EXERCISES[summary.exercise.name].tells_tempo
    ):
        return ()
    return (
        f"On average you took {show(down)} to lower and {show(up)} to lift.",
        f"Lowering took {show(down)} and lifting {show(up)} on average.",
        f"Your rhythm was {show(down)} down and {show(up)} up.",
    )


def range_of_motion(summary: PhysicsSummary) -> tuple[str, ...]:
    """The main range of motion."""
    for joint in dict.fromkeys((EXERCISES[summary.exercise.name].range_joint, "elbow")):
        noun = f"{joint}s"
        both = side_pair(summary, f"{joint}_flexion", "max.average", "max")
        text = pair(*both)
        if text:
            return (
                f"Your {noun} bent to {text}.",
                f"The {noun} reached {text} of bend.",
                f"Bend of the {noun}: {text}.",
            )
    both = side_pair(summary, "arm_elevation", "max.average", "max")
    if pair(*both):
        return (f"Your arms rose to {pair(*both)}.", f"The arms reached {pair(*both)}.")
    moved = [f for f in summary.figures if f.key.endswith(".range") and f.unit == "deg"]
    if moved:
        most = max(moved, key=lambda f: f.value)
        name = most.label.split(",")[0]
        return (
            f"The {name} moved most, through {show(most)}.",
            f"Most movement was in the {name}: {show(most)}.",
        )
    return ()


def lean(summary: PhysicsSummary) -> tuple[str, ...]:
    most = summary.figure("trunk_lean.max")
    if (
        most is None
        or summary.fault("forward_lean")
        or not EXERCISES[summary.exercise.name].tells_lean
    ):
        return ()
    return (f"Your trunk leaned {show(most)} at most.", f"Trunk lean peaked at {show(most)}.")


def largest_torque(summary: PhysicsSummary, level: Level) -> tuple[str, ...]:
    peaks = torque_figures(summary)
    if level == "beginner" or not peaks:
        return ()
    most = peaks[0]
    per_kg = summary.figure(most.key + "_per_kg")
    name = most.label.split(" torque")[0]
    extra = f" ({show(per_kg)})" if per_kg else ""
    return (
        f"The largest torque was {show(most)}{extra} at the {name}.",
        f"The {name} had the largest torque, {show(most)}{extra}.",
    )


def mirror_key(key: str) -> str:
    """Key of the other side's figure."""
    return key.replace("_l.", "_#.").replace("_r.", "_l.").replace("_#.", "_r.")


def hardest(summary: PhysicsSummary) -> Figure | None:
    """The largest effort of all joints, where one stands out of noise."""
    efforts = [f for f in summary.figures if f.key.startswith("effort_")]
    return max(efforts, key=lambda f: f.value) if efforts else None


def hardest_work(summary: PhysicsSummary) -> tuple[str, ...]:
    most = hardest(summary)
    can_be_full = EXERCISES[summary.exercise.name].effort_can_be_full
    if most is None or (most.value > 100 and not can_be_full):
        return ()
    other = summary.figure(mirror_key(most.key))
    alike = other is not None and abs(other.value - most.value) < 5.0
    if alike and other is not None and most.value <= 100:
        both = show(most) if show(most) == show(other) else f"{show(other)} and {show(most)}"
        return (
            f"Both {most.joint}s worked hardest, at {both} of their estimated strength.",
            f"Hardest at work were the {most.joint}s, at {both} of their estimated strength.",
        )
    name = f"{most.joint} on both sides" if alike else most.label.split(" effort")[0]
    if most.value > 100:
        return (
            f"The {name} worked hardest, at or above its estimated strength.",
            f"The {name} did most, as hard as its estimated strength allows.",
        )
    return (
        f"The {name} worked hardest, at {show(most)} of its estimated strength.",
        f"Hardest at work was the {name}, at {show(most)} of its estimated strength.",
    )


def torque_of_both_sides(summary: PhysicsSummary) -> tuple[str, ...]:
    """Torque per kg of the joint with the largest torque, both sides."""
    peaks = [f for f in torque_figures(summary) if f.side]
    if not peaks:
        return ()
    stem = peaks[0].key.removesuffix(".absmax")[:-2]
    left, right = side_pair(summary, stem, "absmax_per_kg")
    if left is None or right is None:
        return ()
    return (f"Per kg of body mass the {left.joint} torque peaked at {pair(left, right)}.",)


def ground_force(summary: PhysicsSummary, level: Level) -> tuple[str, ...]:
    total = summary.figure("grf_total.max")
    if total is None or (level != "clinician" and not EXERCISES[summary.exercise.name].tells_force):
        return ()
    weights = show(total).replace("BW", "body weights")
    return (f"Ground force peaked at {weights}.", f"The feet carried up to {weights}.")


def change_over_set(summary: PhysicsSummary) -> tuple[str, ...]:
    if not summary.trends:
        return ()
    t = summary.trends[0]
    first, last = summary.figure(t.first_key), summary.figure(t.last_key)
    if first is None or last is None:
        return ()
    word = "rose" if t.direction == "up" else "fell"
    label = t.label if t.label.startswith("time") else f"{t.label}"
    return (
        f"Over the set the {label} {word} from {show(first)} to {show(last)}.",
        f"From start to end of the set the {label} {word} from {show(first)} to {show(last)}.",
    )

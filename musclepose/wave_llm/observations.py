"""What was seen, part by part: each function gives alternative wordings of one true sentence, or none."""

from __future__ import annotations

from dataclasses import replace

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.progress import hardest_effort
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.prompt import Level
from musclepose.wave_llm.prompt_facts import torque_figures


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


MAX_RESIDUAL_PCT = 20.0  # four times the limit of Hicks et al. 2015 (chosen)


def forces_are_told(summary: PhysicsSummary) -> bool:
    """Whether forces may be told at all: not where they do not add up with the motion."""
    residual = summary.figure("quality.residual_force")
    return residual is not None and residual.value <= MAX_RESIDUAL_PCT


def _is_trusted(figure: Figure, summary: PhysicsSummary) -> bool:
    """Torque at the ankle of one camera does not follow plates in repetitions (docs/kinetics.md); in gait it does."""
    return figure.joint != "ankle" or summary.kind == "gait"


def what_was_done(summary: PhysicsSummary) -> tuple[str, ...]:
    """What was done."""
    exercise = EXERCISES[summary.exercise.name]
    count = summary.figure("repetitions.count")
    if summary.kind == "gait":
        steps, cadence = (
            summary.figure("steps.count"),
            summary.figure("cadence"),
        )
        verb = exercise.done
        if steps and cadence and is_usual_cadence(summary):
            return (
                f"You {verb} {show(steps)} steps at {cadence.value:.0f} steps per minute.",
                f"I counted {show(steps)} steps, {cadence.value:.0f} steps per minute.",
            )
        return (f"You {verb} through the picture.",)
    if summary.kind == "hold":
        held = summary.figure("clip.duration")
        return (
            (
                f"You held {with_article(summary.exercise.title)} for {show(held)}.",
            )
            if held
            else ("You held a plank.",)
        )
    if count is None and not exercise.is_named:
        return ("I saw no movement that repeats itself.",)
    if count is None:
        return (
            "I saw no full repetition in this clip.",
            "No full repetition was found in this clip.",
        )
    what = _counted(summary, int(count.value))
    if summary.cut_off:
        return (
            f"I saw {what} in full.",
            f"I counted {what}.",
            f"This clip has {what}.",
        )
    return (f"You did {what}.", f"I counted {what}.", f"This set has {what}.")


RUNNING_FROM = 130.0  # steps per minute; fewer in a run were missed, or the film is slowed down (chosen)


def is_usual_cadence(summary: PhysicsSummary) -> bool:
    """Whether the cadence can be one of this gait."""
    cadence = summary.figure("cadence")
    slowest = RUNNING_FROM if summary.exercise.name == "running" else 0.0
    return cadence is not None and cadence.value >= slowest


def _counted(summary: PhysicsSummary, count: int) -> str:
    """ "5 squats"; where the exercise is not sure, "5 repetitions"."""
    exercise = EXERCISES[summary.exercise.name]
    if summary.is_sure:
        return f"{count} {exercise.title if count == 1 else exercise.plural}"
    return f"{count} {'repetition' if count == 1 else 'repetitions'}"


def with_article(title: str) -> str:
    """ "a squat", "an overhead press", "walking"."""
    if title.endswith("ing"):
        return title
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"


def partial_repetitions(summary: PhysicsSummary) -> tuple[str, ...]:
    """Movements too small to count."""
    number = len(summary.partial)
    if number == 0 or summary.kind != "repetitions":
        return ()
    if number == 1:
        return ("One more movement was too small to count.",)
    return (f"{number} more movements were too small to count.",)


def not_sure_what(summary: PhysicsSummary) -> tuple[str, ...]:
    """That the exercise is not known, and what it may be; or that it was told."""
    if summary.exercise.is_told and EXERCISES[summary.exercise.name].is_named:
        return (
            f"I took it as {with_article(summary.exercise.title)}, as you told me.",
        )
    if summary.is_sure:
        return ()
    if not EXERCISES[summary.exercise.name].is_named:
        return (
            "I do not know this movement by name, so I give figures and no advice.",
        )
    title = with_article(summary.exercise.title)
    return (
        f"I am not sure which exercise this is, perhaps {title}, so I give figures and no advice.",
        f"This may be {title}, but I am not sure, so I give figures and no advice.",
    )


def tempo(summary: PhysicsSummary) -> tuple[str, ...]:
    down, up, hold = (
        summary.figure(f"tempo.{n}")
        for n in ("eccentric", "concentric", "hold")
    )
    if (
        down is None
        or up is None
        or hold is None
        or not EXERCISES[summary.exercise.name].tells_tempo
    ):
        return ()
    usual = " on average" if len(summary.repetitions) > 1 else ""
    return (
        f"Lowering took {show(down)} and lifting {show(up)}{usual}.",
        f"You took {show(down)} to lower and {show(up)} to lift{usual}.",
        f"Your rhythm was {show(down)} down and {show(up)} up{usual}.",
    )


LEVEL_WITHIN_DEG = 3.0


def depth(summary: PhysicsSummary) -> tuple[str, ...]:
    """How deep, against thighs that are level."""
    figure = summary.figure("thigh_above_level.depth")
    if figure is None or not summary.is_sure or summary.view == "front":
        return ()
    if summary.fault("shallow_depth"):
        return ()
    usual = " on average" if len(summary.repetitions) > 1 else ""
    if abs(figure.value) <= LEVEL_WITHIN_DEG:
        return (f"At the bottom your thighs were about level{usual}.",)
    size = show(replace(figure, value=abs(figure.value)))
    where = "above" if figure.value > 0 else "below"
    return (
        f"At the bottom your thighs were about {size} {where} level{usual}.",
        f"The thighs went to about {size} {where} level{usual}.",
    )


def plain_depth(summary: PhysicsSummary) -> tuple[str, ...]:
    """The same for a beginner, without figures."""
    figure = summary.figure("thigh_above_level.depth")
    if figure is None or not depth(summary):
        return ()
    if abs(figure.value) <= LEVEL_WITHIN_DEG:
        return ("At the bottom your thighs were about level.",)
    where = "a little above" if figure.value > 0 else "below"
    return (f"At the bottom your thighs were {where} level.",)


def range_of_motion(summary: PhysicsSummary) -> tuple[str, ...]:
    """The main range of motion."""
    for joint in dict.fromkeys(
        (EXERCISES[summary.exercise.name].range_joint, "elbow")
    ):
        noun = f"{joint}s"
        both = side_pair(summary, f"{joint}_flexion", "max.average", "max")
        text = pair(*both) if _bend_is_told(summary, *both) else ""
        if text:
            return (
                f"Your {noun} bent to {text}.",
                f"The {noun} reached {text} of bend.",
                f"Bend of the {noun}: {text}.",
            )
    both = side_pair(summary, "arm_elevation", "max.average", "max")
    if pair(*both):
        return (
            f"Your arms rose to {pair(*both)}.",
            f"The arms reached {pair(*both)}.",
        )
    moved = [
        f
        for f in summary.figures
        if f.key.endswith(".range") and f.unit == "deg"
    ]
    if moved and summary.kind != "gait":
        most = max(moved, key=lambda f: f.value)
        name = most.label.split(",")[0]
        return (
            f"The {name} moved most, through {show(most)}.",
            f"Most movement was in the {name}: {show(most)}.",
        )
    return ()


FAR_LEG_DEG = 10.0  # from the side the far leg hides: a larger difference is not told of what moves alike
_DISAGREE = "the picture and the fitted body disagree"


def _bend_is_told(
    summary: PhysicsSummary, left: Figure | None, right: Figure | None
) -> bool:
    """Not where depth could not be judged on that bend, nor a difference that the far leg's shadow may have made."""
    if any(c.what == "depth" and c.reason == _DISAGREE for c in summary.checks):
        return False
    if summary.view != "side" or left is None or right is None:
        return True
    takes_turns = any(r.side for r in summary.repetitions)
    return takes_turns or abs(left.value - right.value) <= FAR_LEG_DEG


def lean(summary: PhysicsSummary) -> tuple[str, ...]:
    most = summary.figure("trunk_lean.max")
    if (
        most is None
        or summary.fault("forward_lean")
        or not EXERCISES[summary.exercise.name].tells_lean
    ):
        return ()
    return (
        f"Your trunk leaned {show(most)} at most.",
        f"Trunk lean peaked at {show(most)}.",
    )


MIN_LOSS_PCT = 20.0  # less is within the error of one camera (docs/velocity.md)


def speed_of_lift(summary: PhysicsSummary) -> tuple[str, ...]:
    """How fast a weight rises, and how much slower at the end of the set; of hands where no weight was told."""
    mean, loss = (
        summary.figure("velocity.mean"),
        summary.figure("velocity.loss"),
    )
    with_weight = (
        EXERCISES[summary.exercise.name].usually_loaded or summary.load_kg > 0
    )
    if (
        mean is None
        or not summary.is_sure
        or not with_weight
        or summary.fit_level == "low"
    ):
        return ()
    usual = " on average" if len(summary.repetitions) > 1 else ""
    what = "The weight" if summary.load_kg > 0 else "Your hands"
    if loss is not None and loss.value >= MIN_LOSS_PCT:
        return (
            f"{what} rose at {show(mean)}{usual}, the last time {show(loss)} slower than the fastest.",
        )
    return (
        f"{what} rose at {show(mean)}{usual}.",
        f"You lifted at {show(mean)}{usual}.",
    )


def _is_known(figure: Figure) -> bool:
    """Whether the 90 % band leaves anything of a figure."""
    return figure.band is None or figure.band <= figure.value


def joints_of(figure: Figure) -> str:
    """The joint of a figure without its side: how a load is shared between the sides is not seen."""
    if not figure.side:
        return figure.label.split(" torque")[0].split(" effort")[0]
    return f"{figure.joint}s"


def largest_torque(summary: PhysicsSummary, level: Level) -> tuple[str, ...]:
    """The largest joint torque of the set."""
    peaks = [
        f
        for f in torque_figures(summary)
        if _is_known(f) and _is_trusted(f, summary)
    ]
    if level == "beginner" or not peaks:
        return ()
    most = peaks[0]
    per_kg = summary.figure(most.key + "_per_kg")
    extra = f" ({show(per_kg)})" if per_kg else ""
    name = joints_of(most)
    return (
        f"The largest torque was {show(most)}{extra} at the {name}.",
        f"The largest torque, {show(most)}{extra}, was at the {name}.",
    )


def hardest_work(summary: PhysicsSummary) -> tuple[str, ...]:
    """The joint that came nearest to its estimated strength, with its torque at that moment."""
    trusted = tuple(f for f in summary.figures if _is_trusted(f, summary))
    most = hardest_effort(replace(summary, figures=trusted))
    if most is None or not _is_known(most) or most.value > 100:
        return ()  # more than the estimated strength: the estimate or the torque is wrong
    name, is_one = joints_of(most), not most.side
    torque = summary.figure(
        most.key.replace("effort_", "tau_").replace(".max", ".at_effort")
    )
    at_torque = f", at {show(torque)}" if torque else ""
    its = "its" if is_one else "their"
    return (
        f"The {name} worked hardest{at_torque}: {show(most)} of {its} estimated strength.",
        f"Hardest at work: the {name}{at_torque}, {show(most)} of {its} estimated strength.",
    )


def ground_force(summary: PhysicsSummary, level: Level) -> tuple[str, ...]:
    total = summary.figure("grf_total.max")
    exercise = EXERCISES[summary.exercise.name]
    if (
        total is None
        or exercise.supported_by
        or (level != "clinician" and not exercise.tells_force)
    ):
        return ()
    weights = show(total).replace("BW", "body weights")
    return (
        f"Ground force peaked at {weights}.",
        f"The feet carried up to {weights}.",
    )


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


def jump_height(summary: PhysicsSummary) -> tuple[str, ...]:
    """How high a single jump went; of several a note tells (`knowledge.jump_height`)."""
    height = summary.figure("jump_height")
    if height is None or len(summary.repetitions) != 1 or not summary.is_sure:
        return ()
    return (
        (f"You jumped {show(height)} high.",)
        if summary.fit_level != "low"
        else ()
    )

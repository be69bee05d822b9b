"""The true text of a clip as slots with alternative wordings: the report takes the first, a language model may choose.

Every alternative is rendered from figures of the summary, so that any path through the script is true.
"""

from __future__ import annotations

from dataclasses import dataclass

from musclepose.wave_llm.facts import torque_figures
from musclepose.wave_llm.figures import Figure
from musclepose.wave_llm.phrases import BUILD, PLURAL, Advice, advice_for
from musclepose.wave_llm.prompt import Level
from musclepose.wave_llm.summary import Fault, PhysicsSummary

SURE = 0.55  # below this probability the exercise is not named as a fact
ASSUMED_WORDS = {"height_m": "height", "mass_kg": "body mass", "sex": "sex", "age_years": "age"}


@dataclass(frozen=True)
class Slot:
    """One sentence: alternative wordings of the same truth. `lead` comes before it: a heading or a space."""

    name: str
    options: tuple[str, ...]
    lead: str = " "


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


def _side_pair(summary: PhysicsSummary, stem: str, *statistics: str) -> tuple[Figure | None, Figure | None]:
    for statistic in statistics:
        left, right = (summary.figure(f"{stem}_{s}.{statistic}") for s in "lr")
        if left or right:
            return left, right
    return None, None


def _counted(summary: PhysicsSummary) -> tuple[str, ...]:
    """What was done."""
    name, count = summary.exercise.name, summary.figure("repetitions.count")
    sure = summary.exercise.probability >= SURE
    if summary.kind == "gait":
        steps, cadence = summary.figure("steps.count"), summary.figure("cadence")
        verb = "walked" if name == "walking" else "ran"
        if steps and cadence:
            return (f"You {verb} {show(steps)} steps at {cadence.value:.0f} steps per minute.",
                    f"I counted {show(steps)} steps, {cadence.value:.0f} steps per minute.")  # fmt: skip
        return (f"You {verb} through the picture.",)
    if summary.kind == "hold":
        held = summary.figure("clip.duration")
        return (f"You held a {summary.exercise.title} for {show(held)}.",) if held else ("You held a plank.",)
    if count is None:
        return ("I saw no full repetition in this clip.", "No full repetition was found in this clip.")
    n = int(count.value)
    what = PLURAL[name] if sure else "repetitions"
    what = {"squats": "squat", "repetitions": "repetition"}.get(what, summary.exercise.title) if n == 1 else what
    looks = "" if sure else f", most like a {summary.exercise.title}" if name != "other" else ""
    return (f"You did {n} {what}{looks}.", f"I counted {n} {what}{looks}.", f"This set has {n} {what}{looks}.")


def _tempo(summary: PhysicsSummary) -> tuple[str, ...]:
    down, up, hold = (summary.figure(f"tempo.{n}") for n in ("eccentric", "concentric", "hold"))
    if down is None or up is None or hold is None or summary.exercise.name in ("jump", "jumping_jack", "other"):
        return ()
    return (
        f"On average you took {show(down)} to lower and {show(up)} to lift.",
        f"Lowering took {show(down)} and lifting {show(up)} on average.",
        f"Your rhythm was {show(down)} down and {show(up)} up.",
    )


def _range(summary: PhysicsSummary) -> tuple[str, ...]:
    """The main range of motion."""
    for stem, noun in (("knee_flexion", "knees"), ("hip_flexion", "hips"), ("elbow_flexion", "elbows")):
        if stem == "hip_flexion" and summary.exercise.name not in ("deadlift", "romanian_deadlift"):
            continue
        if stem == "knee_flexion" and summary.exercise.name in ("deadlift", "romanian_deadlift"):
            continue
        both = _side_pair(summary, stem, "max.average", "max")
        text = pair(*both)
        if text:
            return (
                f"Your {noun} bent to {text}.",
                f"The {noun} reached {text} of bend.",
                f"Bend of the {noun}: {text}.",
            )
    both = _side_pair(summary, "arm_elevation", "max.average", "max")
    if pair(*both):
        return (f"Your arms rose to {pair(*both)}.", f"The arms reached {pair(*both)}.")
    moved = [f for f in summary.figures if f.key.endswith(".range") and f.unit == "deg"]
    if moved:
        most = max(moved, key=lambda f: f.value)
        name = most.label.split(",")[0]
        return (f"The {name} moved most, through {show(most)}.", f"Most movement was in the {name}: {show(most)}.")
    return ()


def _lean(summary: PhysicsSummary) -> tuple[str, ...]:
    lean = summary.figure("trunk_lean.max")
    if lean is None or summary.fault("forward_lean") or summary.exercise.name in ("plank", "push_up"):
        return ()
    return (f"Your trunk leaned {show(lean)} at most.", f"Trunk lean peaked at {show(lean)}.")


def _torque(summary: PhysicsSummary, level: Level) -> tuple[str, ...]:
    peaks = torque_figures(summary)
    if level == "beginner" or not peaks:
        return ()
    most = peaks[0]
    per_kg = summary.figure(most.key + "_per_kg")
    name = most.label.split(" torque")[0]
    extra = f" ({show(per_kg)})" if per_kg else ""
    return (f"The largest torque was {show(most)}{extra} at the {name}.",
            f"The {name} had the largest torque, {show(most)}{extra}.")  # fmt: skip


def _mirror_key(key: str) -> str:
    """Key of the other side's figure."""
    return key.replace("_l.", "_#.").replace("_r.", "_l.").replace("_#.", "_r.")


def hardest(summary: PhysicsSummary) -> Figure | None:
    """The largest effort of all joints, where one stands out of noise."""
    efforts = [f for f in summary.figures if f.key.startswith("effort_")]
    return max(efforts, key=lambda f: f.value) if efforts else None


def _effort(summary: PhysicsSummary) -> tuple[str, ...]:
    most = hardest(summary)
    if most is None:
        return ()
    other = summary.figure(_mirror_key(most.key))
    alike = other is not None and abs(other.value - most.value) < 5.0
    if alike and other is not None and most.value <= 100:
        both = show(most) if show(most) == show(other) else f"{show(other)} and {show(most)}"
        return (f"Both {most.joint}s worked hardest, at {both} of their estimated strength.",
                f"Hardest at work were the {most.joint}s, at {both} of their estimated strength.")  # fmt: skip
    name = f"{most.joint} on both sides" if alike else most.label.split(" effort")[0]
    if most.value > 100:
        return (f"The {name} worked hardest, at or above its estimated strength.",
                f"The {name} did most, as hard as its estimated strength allows.")  # fmt: skip
    return (f"The {name} worked hardest, at {show(most)} of its estimated strength.",
            f"Hardest at work was the {name}, at {show(most)} of its estimated strength.")  # fmt: skip


def _both_sides(summary: PhysicsSummary) -> tuple[str, ...]:
    """Torque per kg of the joint with the largest torque, both sides."""
    peaks = [f for f in torque_figures(summary) if f.side]
    if not peaks:
        return ()
    stem = peaks[0].key.removesuffix(".absmax")[:-2]
    left, right = _side_pair(summary, stem, "absmax_per_kg")
    if left is None or right is None:
        return ()
    return (f"Per kg of body mass the {left.joint} torque peaked at {pair(left, right)}.",)


def _ground(summary: PhysicsSummary, level: Level) -> tuple[str, ...]:
    total = summary.figure("grf_total.max")
    if total is None or (level != "clinician" and summary.exercise.name not in ("jump", "jumping_jack")):
        return ()
    weights = show(total).replace("BW", "body weights")
    return (f"Ground force peaked at {weights}.", f"The feet carried up to {weights}.")


def _trends(summary: PhysicsSummary) -> tuple[str, ...]:
    if not summary.trends:
        return ()
    t = summary.trends[0]
    first, last = summary.figure(t.first_key), summary.figure(t.last_key)
    if first is None or last is None:
        return ()
    word = "rose" if t.direction == "up" else "fell"
    label = t.label if t.label.startswith("time") else f"{t.label}"
    return (f"Over the set the {label} {word} from {show(first)} to {show(last)}.",
            f"From start to end of the set the {label} {word} from {show(first)} to {show(last)}.")  # fmt: skip


def value_text(fault: Fault) -> str:
    """Evidence of a fault for a reader."""
    e = fault.evidence
    number = f"{e.value:.{1 if e.unit == 's' else 0}f}"
    return number + {"deg": "°", "%": "%"}.get(e.unit, f" {e.unit}")


def reps_text(fault: Fault, total: int) -> str:
    """ " in repetitions 2 and 3", empty where it shows in all or is no matter of repetitions."""
    reps = fault.repetitions
    if not reps or len(reps) >= total or total < 2:
        return ""
    if len(reps) == 1:
        return f" in repetition {reps[0]}"
    if len(reps) > 5:
        return f" in {len(reps)} of {total} repetitions"
    return f" in repetitions {', '.join(map(str, reps[:-1]))} and {reps[-1]}"


def _filled(options: tuple[str, ...], fault: Fault, total: int) -> tuple[str, ...]:
    side = f"{fault.evidence.side} " if fault.evidence.side else ""
    value = value_text(fault)
    if fault.evidence.unit == "deg" and fault.evidence.value < 0:
        value = value.removeprefix("-")
    return tuple(o.format(side=side, value=value, reps=reps_text(fault, total), limit="") for o in options)


def _fault_slots(summary: PhysicsSummary, level: Level) -> list[Slot]:
    total = len(summary.repetitions)
    slots: list[Slot] = []
    for rank, fault in enumerate(summary.faults[: 1 if level == "beginner" else 2]):
        advice: Advice = advice_for(fault.name, summary.exercise.name)
        saw = advice.plain if level == "beginner" else advice.saw
        slots.append(Slot("saw", _filled(saw, fault, total), "\n\n**What matters most.** " if rank == 0 else " "))
        if level == "clinician":
            e = fault.evidence
            limit = f"{e.threshold:g}" + {"deg": "°", "%": "%"}.get(e.unit, f" {e.unit}")
            sure = f"{100 * fault.confidence:.0f}%"
            slots.append(Slot("limit", (f"The threshold is {limit} ({e.threshold_source}); confidence {sure}.",)))
        slots.append(Slot("why", advice.why))
    top = advice_for(summary.faults[0].name, summary.exercise.name)
    slots.append(Slot("cue", _filled(top.cue, summary.faults[0], total), "\n\n**Cue.** "))
    slots.append(Slot("drill", _filled(top.drill, summary.faults[0], total), "\n\n**Drill.** "))
    return slots


def _clean_slots(summary: PhysicsSummary) -> list[Slot]:
    """No fault found: say so without praise that nothing supports, then what to build on."""
    cues, drills = BUILD[summary.exercise.name]
    if summary.kind == "none":
        none = ("Record at least one full repetition with the whole body in view.",
                "Film again with the whole body in the picture from start to end.")  # fmt: skip
        return [Slot("matters", none, "\n\n**What matters most.** ")]
    matters = ("None of the faults that I check for stood out.", "No fault that I check for stood out in this clip.")
    return [
        Slot("matters", matters, "\n\n**What matters most.** "),
        Slot("cue", cues, "\n\n**Cue.** "),
        Slot("drill", drills, "\n\n**Drill.** "),
    ]


def _trust(summary: PhysicsSummary, level: Level) -> list[Slot]:
    """How far to trust it: quality, what was assumed, what was not seen."""
    lead, slots = "\n\n**How sure.** ", []
    words = {"high": "good", "medium": "fair", "low": "limited"}[summary.quality_level]
    slots.append(Slot("quality", (f"The data quality of this clip is {words}.",), lead))
    residual = summary.figure("quality.residual_force")
    if residual and level == "clinician":
        slots.append(Slot("residual", (f"Unexplained force is {show(residual)} of the net external force.",)))
    if summary.view == "side" and summary.exercise.name in ("squat", "lunge", "jump", "step_up"):
        slots.append(Slot("view", ("From the side I cannot judge whether the knees drift inwards.",)))
    assumed = [ASSUMED_WORDS[a] for a in summary.assumed if a in ASSUMED_WORDS and a != "age_years"]
    if assumed and level != "beginner":
        told = " and ".join([", ".join(assumed[:-1]), assumed[-1]] if len(assumed) > 1 else assumed)
        verb = "was" if len(assumed) == 1 else "were"
        slots.append(Slot("assumed", (f"Your {told} {verb} assumed, so torques and efforts are rough.",)))
    unseen = sorted({a.reason.split(" seen")[0] for a in summary.absent if " seen in only" in a.reason})
    if unseen:
        slots.append(Slot("unseen", (f"Not seen well enough to judge: {', '.join(unseen[:4])}.",)))
    return slots


def script(summary: PhysicsSummary, level: Level = "athlete") -> list[Slot]:
    """Slots of the coaching text in reading order."""
    slots = [Slot("count", _counted(summary), "**What I saw.** ")]
    parts = [("tempo", _tempo(summary)), ("range", _range(summary))]
    if level != "beginner":
        parts += [("lean", _lean(summary)), ("torque", _torque(summary, level)), ("effort", _effort(summary))]
        parts += [("sides", _both_sides(summary))] if level == "clinician" else []
        parts += [("ground", _ground(summary, level)), ("trend", _trends(summary))]
    slots += [Slot(name, options) for name, options in parts if options]
    slots += _fault_slots(summary, level) if summary.faults else _clean_slots(summary)
    return slots + _trust(summary, level)

# ruff: noqa: E501  (a wording bank: one sentence a line reads best)
"""The wording bank: for every fault what was seen, why it matters, a cue and a drill; and for clean sets what to build on.

Placeholders: {side} "left " / "right " / "", {value}, {limit} with units, {reps} "in repetitions 2 and 3" or "".
Drills and cues carry no digits, so that every digit in a shown text is a measured figure.
"""

from __future__ import annotations

from typing import NamedTuple


class Advice(NamedTuple):
    """Alternatives of each part; any combination reads well."""

    saw: tuple[str, ...]
    plain: tuple[str, ...]  # the same for a beginner, without numbers
    why: tuple[str, ...]
    cue: tuple[str, ...]
    drill: tuple[str, ...]


_VALGUS = Advice(
    saw=("Your {side}knee drifted inwards by up to {value}{reps}.",
         "The {side}knee moved towards the midline, {value} at its worst{reps}.",
         "Inward movement of the {side}knee reached {value}{reps}."),
    plain=("Your {side}knee falls inwards when you bend.", "Your {side}knee tips in towards the other one as you go down."),
    why=("The hip and foot then stop sharing the load with the knee.",
         "A knee that stays over the foot lets hip and thigh push together."),
    cue=("Push the floor apart and keep the kneecap over the middle toes.",
         "Screw your feet into the floor and let the knees follow your toes."),
    drill=("Squat slowly with a light band above the knees, pausing at the bottom.",
           "Step down slowly from a low box in front of a mirror and keep the knee over the foot."),
)  # fmt: skip
_LEAN = Advice(
    saw=("Your trunk leaned forward up to {value}{reps}.", "Forward lean of the trunk reached {value}{reps}.",
         "The chest tipped forward, {value} from upright at most{reps}."),
    plain=("Your chest drops forward at the bottom.", "You lean a long way forward as you go down."),
    why=("That moves work from the thighs to the hips and lower back.",
         "The further the trunk tips, the harder the lower back has to hold it."),
    cue=("Show the logo on your shirt to the wall in front of you on the way up.",
         "Brace your belly and let hips and chest rise together."),
    drill=("Hold a light weight at your chest and squat to a box, sitting down between your heels.",
           "Practise slow squats facing a wall, hands off it, chest tall."),
)  # fmt: skip
ADVICE: dict[str, Advice] = {
    "knee_valgus": _VALGUS,
    "forward_lean": _LEAN,
    "shallow_depth:squat": Advice(
        saw=("At the bottom your thighs stayed {value} above level{reps}.",
             "Depth stopped with the thighs {value} short of level{reps}."),
        plain=("You stop a little high: your thighs do not reach level.", "You could sit deeper before you stand up."),
        why=("The thighs and hips get less work from a shorter movement.",
             "A fuller movement trains the bottom position, where you are weakest."),
        cue=("Sit down between your heels until your thighs are level, then stand.",
             "Let knees and hips bend together and go only as low as your heels stay down."),
        drill=("Squat to a box of knee height, touch it softly and stand up.",
               "Hold the bottom of an unloaded squat while you breathe slowly, hands on a post."),
    ),
    "shallow_depth:lunge": Advice(
        saw=("The knees bent only {value} on average{reps}.", "At the bottom the knees reached just {value}{reps}."),
        plain=("You stay quite high in the lunge.", "You could drop lower in each lunge."),
        why=("A deeper lunge makes the front leg do the work.", "More bend trains hip and thigh through a longer path."),
        cue=("Lower the back knee straight down towards the floor.", "Drop straight down like a lift, then drive up."),
        drill=("Do split squats on the spot with the back knee just kissing a cushion.",
               "Hold on to a rail and practise slow lunges to full depth."),
    ),
    "shallow_depth:push_up": Advice(
        saw=("Your elbows bent only {value}{reps}.", "At the bottom the elbows reached {value}{reps}."),
        plain=("You stop before you are fully down.", "Your chest stays far from the floor."),
        why=("Chest and triceps get little work in a short movement.", "Strength near the floor comes from going there."),
        cue=("Lower your chest until it nearly touches the floor.", "Take your chest to the floor, not your chin."),
        drill=("Raise your hands on a bench and do full push-ups there.",
               "Lower yourself slowly to the floor, then get up any way you like and repeat."),
    ),
    "lean_back": Advice(
        saw=("Your trunk tipped {value} from upright under the weight{reps}.",
             "You leaned back up to {value} as the weight went up{reps}."),
        plain=("You lean back to get the weight up.", "Your back arches as you press."),
        why=("The lower back then takes load that the shoulders should carry.",
             "Leaning back turns the press into a chest movement and loads the lower back."),
        cue=("Squeeze your buttocks, keep your ribs down, and press to the ceiling.",
             "Stand tall like between two walls while the weight goes up."),
        drill=("Press half-kneeling with one light dumbbell.", "Press seated on the floor with straight legs, light weight."),
    ),
    "side_lean": Advice(
        saw=("The trunk tipped sideways by up to {value}{reps}.", "Side lean of the trunk reached {value}{reps}."),
        plain=("You tip over to one side.", "Your body leans to one side as you move."),
        why=("One side then carries more than the other.", "Uneven trunk position loads hips and back unevenly."),
        cue=("Keep both shoulders at the same height.", "Imagine a straight line from head to belt buckle to floor."),
        drill=("Carry one weight in one hand, walk tall, then change hands.",
               "Repeat the movement slowly and unloaded in front of a mirror."),
    ),
    "soft_lockout:arms": Advice(
        saw=("Your elbows stayed bent by {value} at the top{reps}.", "At the top {value} of elbow bend remained{reps}."),
        plain=("You do not quite straighten your arms at the top.", "Your elbows stay bent at the end."),
        why=("The last part of the movement trains the triceps and makes it stable.",
             "A finished repetition is easier to compare with the next one."),
        cue=("Push until your elbows are straight before you start the next one.", "Reach long at the top, then lower."),
        drill=("Pause with straight arms at the top of every repetition, with less weight.",
               "Do slow repetitions against a band that is hardest at the top."),
    ),
    "soft_lockout:hips": Advice(
        saw=("Your hips stayed bent by {value} at the top{reps}.", "At the top {value} of hip bend remained{reps}."),
        plain=("You do not stand up fully at the top.", "Your hips stay a little bent at the end."),
        why=("Finishing tall trains the glutes, which end the lift.", "The lift is complete only when hips are straight."),
        cue=("Finish by squeezing your buttocks and standing tall.", "Push the hips through to the bar, ribs down."),
        drill=("Do glute bridges with a pause at the top.", "Do light pull-throughs with a cable or band, ending tall."),
    ),
    "squatted_hinge": Advice(
        saw=("Your knees bent up to {value}, so the movement became half a squat{reps}.",
             "Knee bend reached {value} where the hips should do the work{reps}."),
        plain=("Your knees bend a lot, so it turns into a squat.", "The knees do work that the hips should do."),
        why=("The hamstrings are loaded only when the hips travel back.", "With bent knees the hamstrings stay slack."),
        cue=("Keep the shins still and push your hips back to the wall behind you.",
             "Close a car door with your buttocks: hips back, knees quiet."),
        drill=("Stand a foot's length in front of a wall and touch it with your hips.",
               "Hinge with a stick along your back, touching head, upper back and hips."),
    ),
    "hips_sag": Advice(
        saw=("Your hips sagged, with a bend of {value} in the body line{reps}.", "The body line bent by {value} at the hips{reps}."),
        plain=("Your hips drop towards the floor.", "Your middle sags."),
        why=("The lower back then hangs in its end position.", "A straight line lets the trunk muscles hold the load."),
        cue=("Tuck your hips, squeeze your buttocks and pull your ribs to your belt.",
             "Make one straight line from ears to heels."),
        drill=("Hold short planks on your knees with a perfect line.", "Practise dead bugs, slowly, lower back on the floor."),
    ),
    "hips_high": Advice(
        saw=("Your hips were piked up by {value}{reps}.", "The hips rose {value} above the body line{reps}."),
        plain=("Your hips are too high.", "Your body makes a roof instead of a line."),
        why=("That takes the work away from trunk and chest.", "The trunk works hardest in a straight line."),
        cue=("Lower your hips until shoulders, hips and heels are in one line.", "Push the heels back and lengthen your body."),
        drill=("Film a short plank from the side and copy the straight line.", "Hold a plank with a stick along your back."),
    ),
    "body_swing": Advice(
        saw=("Your trunk swung through {value} to help the weight{reps}.", "Trunk movement reached {value} within a repetition{reps}."),
        plain=("You swing your body to lift the weight.", "Your trunk helps a lot."),
        why=("Momentum takes work away from the muscle you want to train.", "The swing loads the back and unloads the arms."),
        cue=("Stand still like a statue and move only your arms.", "Choose a weight that you can lift without moving your trunk."),
        drill=("Do the exercise with your back against a wall or your chest on a bench.",
               "Lower slowly and start each repetition from a dead stop."),
    ),
    "elbow_drift": Advice(
        saw=("Your upper arms moved by {value}{reps}.", "The elbows drifted, the upper arms swinging {value}{reps}."),
        plain=("Your elbows wander forwards as you curl.", "Your upper arms move a lot."),
        why=("The shoulder then shares work meant for the biceps.", "Still upper arms keep the load on the biceps."),
        cue=("Pin your elbows to your ribs.", "Imagine holding a book under each upper arm."),
        drill=("Curl with your upper arms against a wall.", "Curl slowly with a lighter weight, elbows at your sides."),
    ),
    "stiff_landing": Advice(
        saw=("Your knees bent only {value} when you landed{reps}.", "On landing the knees bent just {value}{reps}."),
        plain=("You land with stiff legs.", "Your landings are hard."),
        why=("Soft knees and hips spread the landing over time and joints.", "A stiff landing makes the force peak higher."),
        cue=("Land quietly: hips back, knees soft, like a cat.", "Touch down on the balls of the feet and sink into it."),
        drill=("Step off a low box and freeze in a soft landing.", "Do small hops and make each landing quieter."),
    ),
    "low_arms": Advice(
        saw=("Your arms rose only to {value}{reps}.", "The arms stopped at {value}, short of overhead{reps}."),
        plain=("Your arms stop before they are overhead.", "You could reach higher with your arms."),
        why=("The shoulders get little work in a short swing.", "Full swings raise the heart rate more."),
        cue=("Clap above your head every time.", "Reach long and touch your hands over your head."),
        drill=("Do half the speed with full arm swings.", "Practise the arm swing alone, standing still."),
    ),
    "uneven_load": Advice(
        saw=("The left foot carried {value} of your weight{reps}.", "Your weight was uneven: {value} on the left foot{reps}."),
        plain=("You stand more on your {side}leg.", "Your weight shifts to the {side}foot."),
        why=("One leg then trains more than the other.", "An even stance lets both legs share the work."),
        cue=("Feel the same pressure under both feet before you move.", "Keep your belt buckle midway between your feet."),
        drill=("Squat slowly with each foot on a bathroom scale, or pause at half depth and even out.",
               "Add split squats, starting with the leg that carries less."),
    ),
    "uneven_sides": Advice(
        saw=("Your {side}side moved {value} less than the other.", "There is a {value} difference: the {side}side moves less."),
        plain=("Your {side}side moves less than the other.", "The two sides do not move alike."),
        why=("Differences of this size are worth evening out.", "The other side covers for it in every repetition."),
        cue=("Match both sides and let the smaller one set the depth.", "Move slowly and keep both sides level."),
        drill=("Train one side at a time and start with the {side}one.",
               "Add single-side work, beginning with the {side}side."),
    ),
    "fast_lowering": Advice(
        saw=("You lowered in {value}.", "The lowering phase took only {value}."),
        plain=("You drop down quickly.", "You go down very fast."),
        why=("Slow lowering builds control and strength at little cost.", "Control on the way down makes the way up stronger."),
        cue=("Lower as if you had to be silent.", "Take your time on the way down, then lift with intent."),
        drill=("Count slowly to three on every way down, with less weight.", "Pause halfway down for a breath."),
    ),
}  # fmt: skip
# No fault found: what to build on, by movement.
BUILD: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # cues, drills
    "squat": (("Keep the same rhythm and drive the floor away on the way up.", "Stay as tall as this and push through the whole foot."),
              ("Add a pause at the bottom before you add weight.", "Add a little weight next time and keep this depth.")),
    "lunge": (("Keep the front foot flat and push straight up.", "Stay tall and let the front leg do the work."),
              ("Add light dumbbells before you add repetitions.", "Try slow reverse lunges with a pause.")),
    "deadlift": (("Keep the weight close and push the floor away.", "Tighten your upper back before each pull."),
                 ("Add a pause just off the floor with less weight.", "Add a little weight and keep this rhythm.")),
    "romanian_deadlift": (("Keep the weight close to your legs and the shins still.", "Reach back with the hips until the hamstrings stop you."),
                          ("Add a slow lowering before you add weight.", "Try the single-leg version without weight.")),
    "overhead_press": (("Press straight up and finish with your ears between your arms.", "Squeeze your buttocks and keep your ribs down."),
                       ("Add a pause overhead before you add weight.", "Press half-kneeling, one arm at a time.")),
    "push_up": (("Keep one line from ears to heels.", "Push the floor away at the top."),
                ("Lower more slowly before you add repetitions.", "Put your feet on a low step.")),
    "curl": (("Keep your elbows where they are and lower slowly.", "Squeeze at the top and stay still."),
             ("Add a slow lowering before you add weight.", "Curl one arm at a time.")),
    "row": (("Pull your elbows to your back pockets.", "Keep your trunk still and squeeze your shoulder blades."),
            ("Add a pause with the weight at your ribs.", "Row one arm at a time on a bench.")),
    "jump": (("Land as softly as you take off hard.", "Swing the arms and push the floor away."),
             ("Hold each landing for a breath.", "Add rest between jumps so that each one is your best.")),
    "jumping_jack": (("Stay light on the balls of your feet.", "Keep the rhythm and breathe."),
                     ("Try short fast sets with rests.", "Alternate jacks with slow squats.")),
    "step_up": (("Drive through the heel on the step and stay tall.", "Push with the upper leg, not the lower foot."),
                ("Lower yourself slowly before you raise the step.", "Hold light dumbbells.")),
    "plank": (("Squeeze buttocks and belly and keep breathing.", "Push the floor away with your forearms."),
              ("Lift one foot at a time while holding the line.", "Add short holds with full tension.")),
    "walking": (("Walk tall and let the arms swing.", "Push off behind you and look ahead."),
                ("Walk briskly for a few minutes and relax your shoulders.", "Walk up a gentle hill, tall and relaxed.")),
    "running": (("Run tall, with quick light steps.", "Land under your hips and look ahead."),
                ("Run short relaxed strides on flat ground.", "Practise skipping for rhythm.")),
    "other": (("Move slowly enough that you could stop at any point.", "Breathe out on the effort and keep both sides level."),
              ("Film the movement again from the front and from the side.", "Repeat it slowly and unloaded in front of a mirror.")),
}  # fmt: skip
PLURAL = {
    "squat": "squats", "lunge": "lunges", "deadlift": "deadlifts", "romanian_deadlift": "Romanian deadlifts",
    "overhead_press": "overhead presses", "push_up": "push-ups", "curl": "curls", "row": "rows", "jump": "jumps",
    "jumping_jack": "jumping jacks", "step_up": "step-ups", "other": "repetitions",
}  # fmt: skip


def advice_for(fault: str, exercise: str) -> Advice:
    """Wording of a fault, the exercise's own where there is one."""
    if fault == "soft_lockout":
        return ADVICE["soft_lockout:" + ("hips" if "deadlift" in exercise else "arms")]
    return ADVICE.get(fault) or ADVICE[f"{fault}:{exercise}"]

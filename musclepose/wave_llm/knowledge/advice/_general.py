"""For any exercise that has no words of its own; and what several exercises say alike."""

from musclepose.wave_llm.knowledge.advice import Advice

SHORT_HARD_SETS = (  # reason and source
    "Short hard sets of body weight exercises train the heart almost like sprints on a bike.",
    "Gist 2014",
)
CHANGED_RHYTHM = Advice(
    "Choose a rhythm that you can hold to the end.",
    "Try short fast sets with rests.",
    *SHORT_HARD_SETS,
)
ADVICE = {
    "speed lost": Advice(
        "End the set when the way up gets clearly slower.",
        "Do shorter sets with full rest and the same speed in each repetition.",
        "Ending a set after a fifth of the speed is lost costs little strength gain.",
        "Pareja-Blanco 2017",
    ),
    "calm": Advice(
        "Come up with more drive.",
        "Lower as calmly as now, but come up as fast as you can.",
        "For strength one to two seconds down and one to two up are the usual advice.",
        "ACSM 2009",
    ),
    "speed held": Advice(
        "Push as fast as you can on every way up.",
        "Go on with the set until the way up slows a little.",
        "The less a set slows down, the less it has tired the muscles.",
        "Sanchez-Medina 2011",
    ),
    "changed": Advice(
        "Rest before it changes.",
        "Split the set in two with a short rest between.",
        "Repetitions that slow down at the same weight are a sign of fatigue.",
        "Sanchez-Medina 2011",
    ),
    "faster": Advice(
        "Keep the first repetitions as brisk as the last ones.",
        "Warm up with two easy sets, then start at full speed.",
        "Speed tells how tired a muscle is only where every repetition is done as fast as possible.",
        "Sanchez-Medina 2011",
    ),
    "depth varies": Advice(
        "Choose one end point and reach it in every repetition.",
        "Do fewer repetitions, all to the same end point.",
        "A review found more strength from the full range than from part of it, so range is worth keeping.",
        "Pallares 2021",
    ),
    "depth fell": Advice(
        "Stop the set when you no longer reach the end point.",
        "Do one repetition less and keep the full range.",
        "A review found more strength from the full range than from part of it, so range is worth keeping.",
        "Pallares 2021",
    ),
    "same depth": Advice(
        "",
        "",
        "Weight goes up once a set goes beyond its planned count, and only equal repetitions can be counted.",
        "ACSM 2009",
    ),
    "controlled": Advice(
        "",
        "",
        "For strength one to two seconds down and one to two up are the usual advice.",
        "ACSM 2009",
    ),
    "very slow lowering": Advice(
        "Lower with control, but do not stretch it out.",
        "Do a set at your normal speed and compare.",
        "Repetitions of very different length build muscle alike, so going this slowly is no must.",
        "Schoenfeld 2015",
    ),
    "slow lift": Advice(
        "Take a little longer on the way down than on the way up.",
        "Count to yourself on the way down, then drive up.",
        "Hard training of the lowering phase adds strength and muscle.",
        "Roig 2009",
    ),
    "quick": Advice(
        "Stop for a moment at each end of the movement.",
        "Do a set at half the speed and feel where it gets hard.",
        "Repetitions of very different length build muscle alike, so speed is a choice.",
        "Schoenfeld 2015",
    ),
    "pause": Advice(
        "Stay tight in the pause, then push without a bounce.",
        "Do a set without the pause and compare how it feels.",
        "A pause takes away the spring of the stretch, so the muscles start from rest.",
        "Wilson 1991",
    ),
    "hips carry": Advice(
        "Let the knees travel forward over the toes as you sit down, heels on the floor.",
        "Do some sets with a weight held at the chest, trunk tall.",
        "Keeping the knees back moves work from knees to hips and tips the trunk forward.",
        "Fry 2003",
    ),
    "knees carry": Advice(
        "Sit back a little more, as if on a chair behind you.",
        "Do some sets to a box behind you, and sit back until you touch it.",
        "Knees that travel further forward take more of the work, and the hips less.",
        "Fry 2003",
    ),
    "lean grew": Advice(
        "Keep your chest where it was in the first repetition.",
        "End the set when your trunk starts to tip.",
        "Form tends to break down near the hardest part of a lift as the limit comes near.",
        "Kompf 2016",
    ),
    "many": Advice(
        "Keep the last repetitions as clean as the first.",
        "For more strength take a harder version and do fewer.",
        "Long sets with little weight train endurance more than strength.",
        "ACSM 2009",
    ),
    "one": Advice(
        "",
        "Film a whole set next time, so that the repetitions can be compared.",
    ),
    "bottom bent": Advice(
        "Let your arms get long before each repetition.",
        "Pause with long arms at the bottom of every repetition.",
        "A review found more strength from the full range than from part of it, so range is worth keeping.",
        "Pallares 2021",
    ),
    "default": Advice(
        "Move with intent, and finish each repetition before the next.",
        "Add a short pause at the hardest point.",
        "Attention on what the movement does helps more than attention on body parts.",
        "Wulf 2013",
    ),
}

"""English."""

SMALL = (
    """
a an the my your i me it is was were are am did do does how what which who in on of for to at with and or than
this that there you be have had can could should would will not no yes please much many far from by as if so
"""
    + "knew know need needs thin then when where week seem seen free feel fell fill form from film hold held good well"
)

WORDS = {
    # joints and parts
    "knee": "knee|knees|kneecap", "hip": "hip|hips|pelvis|hip joint", "ankle": "ankle|ankles|dorsiflexion|shin|shins",
    "elbow": "elbow|elbows|arm bend|forearm", "shoulder": "shoulder|shoulders",
    "arm": "arm|arms|upper arm|upper arms",
    "wrist": "wrist|wrists|hand|hands", "trunk": "trunk|torso|chest|upper body|body lean|spine angle|back angle",
    "back": "lower back|low back|lumbar|lumbar spine|back|spine", "neck": "neck|head", "foot": "foot|feet|toe|toes",
    "leg": "leg|legs|thigh|thighs",
    # sides
    "left": "left|left side|lhs", "right": "right|right side|rhs|rigth|rihgt",
    "both": "left against right|both sides|left and right|right and left|left versus right|left vs right|left or right|right or left|both",
    "uneven": "uneven|asymmetry|asymmetric|asymmetrical|symmetric|symmetrical|balanced|even|evenly|lopsided|side to side"
    "|same on both sides|bend the same|move the same|imbalance|favour one|favoring|compare the sides|other side"
    "|equal|equally",
    "whichside": "which side|which leg|which arm|which foot|which knee|which hip|which elbow|stronger side"
    "|weaker side|dominant side|stronger leg|weaker leg",
    # repetitions
    "rep": "rep|reps|repetition|repetitions|repition|repitition|repeat|repeats",
    "first": "first|1st|opening|begin|beginning|start", "last": "last|final|end|ending", "each": "each|every|per rep"
    "|per repetition|all reps|rep by rep|one by one|by repetition", "whichrep": "which rep|which reps"
    "|which of my reps|which repetition|what rep|which one of the reps|which set|in which rep|on which rep"
    "|which was my|which one was",
    # comparison and statistics
    "compare": "left and right compared|left versus right|left vs right|right vs left|left against right|compare|compared|comparison|versus|vs|difference between|differ|difference|against", "than": "than",
    "best": "best|nicest|cleanest", "worst": "worst|ugliest", "max": "max|maximum|maximal|peak|highest|largest|biggest"
    "|greatest|most|at most|top value|worst case|furthest|farthest",
    "min": "min|minimum|minimal|lowest|smallest|least|at least|how straight|straightest",
    "mean": "mean|average|avg|on average|typical|typically|usually|normally",
    "range": "range|rom|range of motion|excursion|total movement|how much movement|move through|moved through"
    "|how much did my trunk move|mobility",
    "when": "when|at what time|what time|at which moment|which moment|the moment|what moment|at what second|where in the clip"
    "|timestamp|what point",
    "howmuch": "how much|how far|how many degrees|what angle|how large|how big|how strong|how high|how low|how bent"
    "|how hard|how wide|how long|degrees|angle of|number|value|how heavy|how deeply|in degrees|how fast|how quickly"
    "|how slow|how straight",
    # quantities
    "bend": "bend|bent|bends|bending|flex|flexed|flexion|angle|angles|fold|folded|extension|extend|extended",
    "torque": "torque|torques|torqe|torq|moment|moments|newton metres|newton meters|nm|n m|joint load|joint loads|turning force",
    "perkg": "per kg body mass|per kg of body mass|per kilo of body mass|per kg bodyweight|per kg body weight|per kg|per kilo|per kilogram|n m/kg|nm/kg|n m per kg|nm per kg|newton metres per kilogram|newton meters per kilogram",
    "effort": "how hard did my|how hard do my|how hard does my|how hard were my|how hard was my|effort|efforts|capacity|share of strength|percent of strength|% of strength|of my strength|exertion|red|orange"
    "|yellow|colour|color|colours|colors|coloured|colored|worked hardest|work hardest|works hardest|hardest working"
    "|working hardest|strain|intensity",
    "force": "push hardest on the floor|floor|ground|force|forces|ground force|ground forces|ground reaction|ground reaction force|ground reaction forces|grf"
    "|floor force|impact|floor feel me|push on the floor|pressure on the floor|press into the floor|weight on my feet",
    "newton": "newton|newtons|in n|n", "inkg": "in kg|in kilos|in kilograms|kilos|kilograms|kilo|kg",
    "bodyweight": "body weight|body weights|bodyweight|bodyweights|bw|times my weight|multiples of my weight",
    "depth": "depth|deep|deeper|deepest|how low|low enough|lower down|get down|all the way down|full depth|rock bottom"
    "|low", "level": "parallel|paralell|paralel|parralel|level|horizontal|hip crease|below parallel|above parallel"
    "|ass to grass|atg|break parallel",
    "shallow": "shallow|shallower|shallowest|least deep|not deep", "deepest": "deepest|lowest point|bottom position",
    "lean": "bend over|bent forward|bend forward|bending over|lean|leaned|leaning|leaned over|lean over|tip over|tipped|tilt|tilted|bent over|forward lean|upright|good morning",
    "sidelean": "to one side|tip to one side|tipping to one side|lean to one side|side lean|lean to the side|sideways|tip sideways", "inward": "inward|inwards|valgus|cave|caved|caving"
    "|caves|cave in|caved in|caving in|go in|went in|come in|came in|knock knee|knock kneed|knees in|collapse|collapsed"
    "|collapsing|drift in|drift inwards|tracking|track over|track",
    "straight": "how straight is my body|straight is my body|straight was my body|in a straight line|body straight|body line|straight line|body in a line",
    "tempo": "tempo|rhythm|cadence of the lift|pace|rep speed|speed of my reps|fast or slow|too fast|too slow",
    "time": "time|long|duration|seconds|sec|secs|longest|longer|shortest|shorter|last for|lasted|time per",
    "slow": "slow|slower|slowest|slowly|slowed|slowing|longest|took the longest|take the longest|longest rep",
    "fast": "fast|faster|fastest|quick|quicker|quickest|quickly|shortest",
    "lower": "lowering|lower|lowered|eccentric|way down|on the way down|descent|descend|descending|negative|go down|going down|come down"
    "|lowering phase|down phase|went down",
    "lift": "lifting|lift|lifted|concentric|way up|on the way up|ascent|ascend|rise|rising|come up|coming up|came up|stand up|standing up"
    "|up phase|drive up|pressing phase|go up|going up|the pull",
    "pause": "pause|paused|at the bottom on average|hold at the bottom|stay at the bottom|time at the bottom|long was i at the bottom"
    "|stop at the bottom|wait at the bottom|pause at the bottom|time in the hole",
    "heldfor": "how long was the video|how long is this video|how long was the clip|how long is the video|how long is the clip|length of the video|hold it|held it|hold the plank|held the plank|hold for|held for|hold|held|length of the clip|clip length|how long is the clip|how long is the video",
    "speed": "how fast was i walking|how fast did i walk|how fast am i walking|how fast did i run|how fast was i running|how fast do i walk|how fast do i run|speed|velocity|velocities|m/s|metres per second|meters per second|walking speed|running speed|fast did i walk|fast was i walking"
    "|fast did i run|fast am i running|how fast did i go|km/h",
    "stance": "stance|stance width|stance wide|feet apart|far apart are my feet|apart|foot width|feet width|feet distance|between my feet|wide are my feet"
    "|wide was my stance|wide is my stance",
    "split": "do i step|far do i step|step out|far did i step|step length|stride|stride length|long is my step|long was my step|step size|split|lunge length",
    "shift": "shifted|side shift|shift to one side|shift|sway|swayed|drift sideways",
    "jumpheight": "high did i jump|how high did i jump|jump height|jumped|rise of the body|vertical jump|how high was the jump|how high was my jump|high was my jump|height of the jump",
    "armraise": "how high do my arms go|how high did my arms go|how high are my arms|how high were my arms|how high do my hands go|arm raise|arms raise|raise my arms|overhead|arms up|high did my arms|high were my arms|arm height",
    "count": "how many reps|how many repetitions|how many|howmany|count|counted|number of reps|number of repetitions|total reps|reps did i",
    "partial": "partial|partials|half rep|half reps|incomplete|not counted|did not count|didn't count|missed rep|too small",
    "steps": "step|steps|strides", "cadence": "cadence|steps per minute|steps a minute|spm|step rate|step frequency",
    "exercise": "what exercise|which exercise|what movement|which movement|what is this exercise|what did i do|what am i doing|name of the exercise|exercise is",
    "weight": "what did i lift|what am i lifting|what was i lifting|how heavy was it|weight|load|bar|barbell|dumbbell|dumbbells|plates|kettlebell", "mass": "body mass|my mass|what do i weigh|how much do i weigh|do i weigh",
    "stature": "my height|how tall|body height",
    # aspects and subjects
    "trend": "get faster|got faster|faster or slower|slower or faster|speed up|sped up|over the set|trend|tired|fatigue|fatigued|tiring|slow down|slowed down|slower towards|change over|changed over|consistent|consistency"
    "|get worse|got worse|fade|faded|steady|drop off|throughout the set|as the set went on|slower over|get slower|got slower|get deeper"
    "|towards the end|get tired|got tired|velocity loss|speed loss|break down|broke down|keep it up|stay the same|same depth|fall apart",
    "sure": "how sure|sure|accurate|accuracy|trust|certain|certainty|reliable|reliability|confidence|confident|error|margin|margin of error|uncertainty"
    "|quality|precise|precision|believe|right or wrong|wrong about",
    "assume": "assume|assumed|assumption|assumptions|guess|guessed|made up|taken for granted",
    "formula": "formula|how did you compute|how do you compute|how was that computed|how is that computed|computed|calculated|calculate|compute"
    "|how do you know|where does that come from|how did you get|derived",
    "define": "mean|means|meaning|explain|explanation|definition|define|what's a|what is a|stand for|stands for|what are|tell me about"
    "|in plain words|in simple words|understand",
    "film": "film|filming|filmed|camera|record|recording|video angle|shoot|place the phone|put the phone|phone position|tripod|from which side should"
    "|where should i stand|angle should i",
    "howto": "how should|how do|how can|how to|where should|where do|what is the best way|from where|better|how could|next time",
    "addweight": "add weight|add more weight|more weight|go heavier|heavier|increase the weight|increase the load|add load|add kilos|add plates|up the weight"
    "|put more on|ready for more|go up in weight|lift more|add 5|progress|progression|next level|make it harder|too light|too heavy",
    "improve": "fix first|what next|whats next|what now|what should i do next|improve|improvement|fix|correct|change first|work on|get better|do better|better next|cue|cues|drill|drills|advice|tip|tips|practise"
    "|practice|train next|should i change|what to change|do next|focus on|priority|next step|coach me|help me|recommend|suggest",
    "fault": "fault|faults|wrong|mistake|mistakes|error in|problem|problems|bad|form|technique|good|ok|okay|correctly|clean|how did i do|how was it"
    "|how was my|matters|rate my|score|what do you think|any issues|issue|issues",
    "why": "why|reason|what for", "pain": "pain|hurts|hurt|ache|aches|aching|sore|injury|injured|sting|stinging|twinge|pinching|clicks|clicking|swollen|numb",
    "harder": "harder|hardest|stronger|weaker|more load|more weight|pushes more|more force|works more|carries more|takes more|carry more|dominant|favour",
    "danger": "dangerous|danger|safe|unsafe|risk|risky|harmful",
    # what no camera of ours sees
    "roundback": "rounded back|round back|rounding|round|rounded|rounds|back rounded|my back rounded|butt wink|buttwink|flat back|back flat|back straight|neutral spine|spine neutral",
    "heel": "heel|heels|heels lift|heels up|heels came up|on my toes|heels off", "barpath": "bar path|barpath|path of the bar|bar speed|barbell speed|bar velocity|bar move|bar drift",
    "calories": "calorie|calories|kcal|energy|burn|burned|burnt", "muscle": "muscle|muscles|quads|quad|glutes|glute|hamstrings|hamstring|biceps|triceps|lats|abs|core|calves|pecs",
    "breath": "breath|breathe|breathing|brace|bracing", "grip": "grip|hook grip|hand position|fingers", "pressure": "foot pressure|weight on my heels|weight on my toes|midfoot|pressure under|centre of pressure|arches|arch of my foot",
    "heart": "heart rate|heartrate|pulse|rpe|reps in reserve|rir|how many more", "onerm": "1rm|one rep max|max weight|one-rep max|my max", "eyes": "eyes|look at|gaze|looking", "fat": "body fat|bmi|fat|lose weight",
    "landing": "landing|landings|land|landed|soft landing", "lockout": "lock out|lockout|locked out|locking out|all the way up|press all the way|finish the rep|fully extend|straighten fully|stand up fully",
    "swing": "swing|swinging|swung|momentum|cheat|cheating|rocking", "sag": "hips too low|hips are too low|hips low|sag|sagging|sagged|hips drop|hips dropping|hip drop|hips low", "pike": "butt too high|butt high|bum too high|bottom too high|pike|piking|piked|hips high|hips too high|butt up|butt in the air",
    "stepjoint": "countermovement|dip", "control": "drop too fast|dive|divebomb|dive bomb|controlled|lower too fast|lowering speed|drop down",
    "elbowdrift": "elbow drift|elbows drift|elbows move|elbows flare|flare|flaring", "leanback": "lean back|leaning back|leaned back|arch|arching|arched",
    "hardest": "hardest|works the most|work most|worked the most|most loaded|takes the most", "view": "seen|see|visible|could not see|couldn't you see|not shown|missing",
    "who": "who are you|are you human|are you a robot|are you an ai|what can you do|what can i ask|help", "thanks": "thanks|thank you|thx|cheers|hello|hi|hey",
}  # fmt: skip

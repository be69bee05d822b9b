"""Words explained in one sentence each, and what no keypoint shows. They say nothing about a clip."""

from __future__ import annotations

GLOSSARY: dict[str, str] = {
    "perkg": "N m/kg is a torque divided by body mass, so that a light and a heavy person can be compared.",
    "torque": "A torque is the turning force at a joint, in newton metres (N m): force times its lever arm.",
    "effort": (
        "Effort is the share of a joint's estimated strength that is used at that moment, in percent; "
        "the colour shows it."
    ),
    "force": (
        "Ground reaction is the force with which the floor pushes back on your feet; standing still it "
        "equals your weight."
    ),
    "bodyweight": "BW means body weights: a ground force of two BW is twice your own weight.",
    "inward": (
        "Valgus, or inward movement of the knee, means that the knee moves towards the midline of the "
        "body as it bends."
    ),
    "lower": "Eccentric is the lowering phase: the muscles lengthen while they brake the weight.",
    "lift": "Concentric is the lifting phase: the muscles shorten while they move the weight.",
    "tempo": "Tempo is how long you take to lower, to hold and to lift.",
    "cadence": "Cadence is the number of steps per minute.",
    "range": "Range of motion is the angle through which a joint moves, from its smallest to its largest bend.",
    "level": "Parallel, or level, means that the thigh lies horizontal: hip joint and knee joint at the same height.",
    "sure": "The quality says how well the fitted body lies on the picture and how much force stays unexplained.",
    "lockout": "Lockout is the end of the lift with the joints straight.",
    "bend": "The bend of a joint is its flexion angle: none when the limb is straight, more as it folds.",
    "lean": "Trunk lean is the angle between the line from hips to shoulders and the vertical.",
    "newton": "A newton (N) is a unit of force: one kilogram weighs about ten of them.",
    "rep": "A repetition is one full movement out and back again; smaller ones are told as partial.",
    "uneven": "Asymmetry is the difference between left and right as a share of the larger one.",
}
NOT_SEEN: dict[str, str] = {
    "roundback": "Whether the back is round or flat cannot be seen: no point between hips and shoulders is followed.",
    "heel": "Whether the heels lift cannot be seen well enough to say.",
    "barpath": "The bar itself is not followed, so its path and its speed cannot be seen.",
    "calories": "Calories cannot be seen in a film: that needs oxygen uptake or heart rate.",
    "muscle": (
        "Single muscles cannot be seen; the figures are of joints, and the effort of a joint is that of "
        "all its muscles together."
    ),
    "breath": "Breathing and bracing cannot be seen in the points that are followed.",
    "grip": "Hands and grip cannot be seen: the last point of the arm is the wrist.",
    "pressure": "Where under the foot the pressure lies cannot be seen by one camera.",
    "heart": "Heart rate, and how many repetitions are left in you, cannot be seen in a film.",
    "onerm": "Your one-repetition maximum cannot be seen: the weight was not tested to the limit in this clip.",
    "eyes": "Where you look cannot be seen in the points that are followed.",
    "fat": "Body fat cannot be seen: only joints are followed.",
}
FILM = (
    "Put the phone on something about hip height, from the side or half from the front, with the "
    "whole body and the feet in view, "
    "on a level floor.",
    "Keep the camera still and film in good light, with nobody else in the picture.",
)
HELLO = "You are welcome. Ask me about any repetition, joint, time or force of this clip."

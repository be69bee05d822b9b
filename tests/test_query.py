"""Questions to queries in seven languages, and queries to figures that the arrays give again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from summary_fixtures import clip

from musclepose.movement.columns import columns_of, values_of
from musclepose.movement.figures import Figure
from musclepose.movement.formulas import FormulaEvaluator
from musclepose.movement.query.figure_source import FigureSource
from musclepose.movement.query.grammar import parse
from musclepose.movement.query.lexicon import LANGUAGES, lexicon_of
from musclepose.movement.query.look_up import Line, LookUp
from musclepose.movement.query.words import slips, words_of
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.physics.skeleton47 import COCO17
from musclepose.records import Analysis, ExternalLoad
from musclepose.wave_llm.answer_figures import sentences
from musclepose.wave_llm.answers import answered
from musclepose.wave_llm.bridge import summarise
from musclepose.wave_llm.checker import check
from musclepose.wave_llm.writing import sentences_of


@pytest.fixture(scope="module")
def squat() -> Analysis:
    """Five squats at 45 degrees to the camera."""
    return clip("squat")


@pytest.fixture(scope="module")
def summary(squat: Analysis) -> PhysicsSummary:
    return summarise(squat)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Was rep 3 deeper than rep 1?", {"quantity": "angle", "repetitions": (3, 1)}),
        ("compare the first and the last rep", {"quantity": "main", "repetitions": (1, -1)}),
        ("Peak ground force in N, and when?", {"quantity": "ground", "unit": "N", "with_moment": True}),
        ("How much did my ankle bend?", {"quantity": "angle", "joint": "ankle"}),
        ("how much did my anke bend", {"quantity": "angle", "joint": "ankle"}),
        ("Am I below paralel?", {"topic": "depth"}),
        ("Did my knees cave in?", {"topic": "fault", "term": "knee_valgus"}),
        ("Should I add weight?", {"topic": "addweight"}),
        ("What does N m/kg mean?", {"topic": "define", "term": "perkg"}),
        ("mean knee angle", {"topic": "figure", "statistic": "mean", "joint": "knee"}),
        ("Which leg carries more load?", {"topic": "sides", "quantity": "torque"}),
        ("hip torque per kg", {"quantity": "torque", "joint": "hip", "unit": "N m/kg"}),
        ("At 2.5 seconds, how bent was my right knee?", {"time_s": 2.5, "side": "right", "joint": "knee"}),
        ("which rep was slowest", {"quantity": "tempo.whole", "pick": "most"}),
        ("fastest rep?", {"quantity": "tempo.whole", "pick": "least"}),
        ("my knee hurts", {"topic": "pain"}),
        ("is my back rounded", {"topic": "unseen", "term": "roundback"}),
        ("Wie tief war die dritte Wiederholung?", {"quantity": "angle", "repetitions": (3,)}),
        ("Wann war die Bodenkraft am größten?", {"quantity": "ground", "with_moment": True}),
        ("Quel est l'angle maximal du genou gauche ?", {"joint": "knee", "side": "left"}),
        ("¿Cuántas repeticiones hice?", {"topic": "count"}),
        ("Quanto si è piegato il ginocchio destro?", {"joint": "knee", "side": "right"}),
        ("Qual foi o torque máximo do quadril?", {"quantity": "torque", "joint": "hip"}),
        ("Welk been draagt meer gewicht?", {"topic": "sides"}),
        ("write me a poem", {"topic": "help"}),
    ],
)  # fmt: skip
def test_a_question_becomes_a_query(
    question: str, wanted: dict[str, object]
) -> None:
    query = parse(question)
    assert {name: getattr(query, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How deep did I go?", "English"),
        ("Wie tief bin ich gekommen?", "German"),
        ("Combien de répétitions j'ai fait ?", "French"),
        ("¿Cuánto se dobló mi rodilla?", "Spanish"),
        ("Quanto ho piegato il ginocchio?", "Italian"),
        ("Qual foi a minha repetição mais lenta?", "Portuguese"),
        ("Hoe diep ging ik bij de derde herhaling?", "Dutch"),
    ],
)
def test_the_language_of_a_question_is_seen(
    question: str, language: str
) -> None:
    assert words_of(question).language == language


def test_slips_counts_edits() -> None:
    assert [
        slips("ankle", other, 2)
        for other in ("ankle", "anke", "nakle", "uncle", "elbow")
    ] == [
        0,
        1,
        1,
        2,
        3,
    ]


def test_every_language_has_the_joints_and_sides() -> None:
    for language in LANGUAGES:
        words = lexicon_of(language).words
        assert {
            "knee",
            "hip",
            "ankle",
            "elbow",
            "left",
            "right",
            "rep",
            "pain",
            "torque",
        } <= set(words), language


def test_figures_made_for_an_answer_follow_from_the_arrays(
    squat: Analysis, summary: PhysicsSummary
) -> None:
    """Every formula that was made for an answer, evaluated over fresh columns, gives the value that was told."""
    values = {
        **values_of(columns_of(squat)),
        **counting_columns(summary, squat.time_s),
    }
    evaluate = FormulaEvaluator(
        {**values, "time_s": squat.time_s}, squat.quality
    )
    source = FigureSource(summary, squat)
    for question in (
        "peak ground force in N and when", "ground force in kg", "knee torque per kg", "was rep 3 deeper than rep 1",
        "ankle bend in rep 2", "right knee at 2.5 seconds", "elbow bend each rep", "effort of the left hip",
        "how wide is my stance",
    ):  # fmt: skip
        assert LookUp(source).lines(parse(question))
    assert len(source.made) > 12
    for figure in source.made.values():
        assert evaluate(figure.source) == pytest.approx(
            figure.value, rel=1e-5, abs=1e-6
        ), figure.source


def test_newtons_are_body_weights_times_weight(
    squat: Analysis, summary: PhysicsSummary
) -> None:
    (line,) = LookUp(FigureSource(summary, squat)).lines(
        parse("peak ground force in N and when?")
    )
    force = squat.grf_world_n[:, :, 1].sum(axis=1)
    assert line.figures[0].value == pytest.approx(force.max(), rel=1e-3)
    assert line.moment is not None
    assert line.moment.value == pytest.approx(squat.time_s[int(force.argmax())])


def text_of(squat: Analysis, summary: PhysicsSummary, question: str) -> str:
    """The first wordings; every one must pass the checker with the figures of the answer."""
    reply = answered(summary, question, squat)
    for slot in reply.slots:
        for option in slot.options:
            for sentence in sentences_of(option):
                assert check(sentence, reply.summary).ok, (
                    sentence,
                    check(sentence, reply.summary),
                )
    return " ".join(slot.options[0] for slot in reply.slots)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Was rep 3 deeper than rep 1?", "in repetition 3, against"),
        ("knee bend each rep", "in repetitions 1, 2, 3, 4 and 5:"),
        ("which rep was deepest?", "largest in repetition"),
        ("compare rep 1 and 50", "This clip has 5 repetitions"),
        ("left knee at 99 seconds", "the clip ends at"),
        ("How did you compute the knee angle?", "`max(knee_flexion_l_deg"),
        ("is my neck bent?", "no point of the neck is followed"),
        ("what does effort mean", "share of a joint's estimated strength"),
        ("how should i film", "hip height"),
        ("did i do any partial reps", "No movement was left out"),
    ],
)
def test_what_is_told(
    squat: Analysis, summary: PhysicsSummary, question: str, told: str
) -> None:
    assert told in text_of(squat, summary, question)


@pytest.mark.parametrize(
    "question",
    [
        "which leg works harder",
        "left vs right torque",
        "welches Bein ist stärker?",
    ],
)
def test_loads_of_the_sides_are_not_compared(
    squat: Analysis, summary: PhysicsSummary, question: str
) -> None:
    text = text_of(squat, summary, question)
    assert (
        "cannot be seen by one camera" in text
        and "N m" not in text
        and "BW" not in text
    )


def test_what_is_not_seen_is_said(squat: Analysis) -> None:
    """Both ankles hidden: the ankle has no figure, the hip has."""
    points, confidence = (
        squat.track.keypoints_px.copy(),
        squat.track.confidence.copy(),
    )
    points[:, 15:17], confidence[:, 15:17] = np.nan, 0.0
    hidden = replace(
        squat,
        track=replace(squat.track, keypoints_px=points, confidence=confidence),
    )
    seen = summarise(hidden, "squat")
    assert "was not seen well enough" in text_of(
        hidden, seen, "How much did my ankle bend?"
    )
    assert "°" in text_of(hidden, seen, "How much did my hip bend?")


def test_an_untold_weight_keeps_torques_back() -> None:
    curl = clip("curl")
    told = replace(curl, load=ExternalLoad(20.0, "hands"))
    question = "elbow torque?"
    assert "weight was not told" in text_of(
        curl, summarise(curl, "curl"), question
    )
    assert "N m" in text_of(told, summarise(told, "curl"), question)


def test_weight_is_added_only_within_the_rule(
    squat: Analysis, summary: PhysicsSummary
) -> None:
    """This squat stops above level, a fault: the movement comes first."""
    assert summary.faults
    assert "the movement comes first" in text_of(
        squat, summary, "should I go heavier?"
    )


def test_a_repetition_without_times_moves_no_time_to_another(
    squat: Analysis, summary: PhysicsSummary
) -> None:
    """The clip starts on the way of the first: the second keeps its own time, and the first has none."""
    figures = tuple(
        f
        for f in summary.figures
        if not (f.key.startswith("tempo.") and f.repetition == 1)
    )
    begun = replace(summary, figures=figures)
    second = "how long did rep 2 take?"
    assert text_of(squat, begun, second) == text_of(squat, summary, second)
    assert "not seen as a whole" in text_of(
        squat, begun, "how long did rep 1 take?"
    )


def test_a_difference_is_the_first_less_the_second(
    squat: Analysis, summary: PhysicsSummary
) -> None:
    source = FigureSource(summary, squat)
    knee = source.statistic("max", "knee_flexion_l_deg")
    lean = source.statistic("max", "trunk_lean_deg")
    assert isinstance(knee, Figure) and isinstance(lean, Figure)
    assert knee.value > lean.value + 10.0
    apart = source.difference(knee, lean)
    assert apart.value == pytest.approx(knee.value - lean.value)
    evaluate = FormulaEvaluator(values_of(columns_of(squat)), squat.quality)
    assert evaluate(apart.source) == pytest.approx(apart.value, abs=1e-6)


def test_a_joint_that_is_hidden_at_a_moment_has_no_value_then(
    squat: Analysis, summary: PhysicsSummary
) -> None:
    confidence = np.ones_like(squat.track.confidence)
    hidden = (squat.time_s > 2.0) & (squat.time_s < 3.0)
    confidence[hidden, COCO17.index("left_knee")] = 0.0
    blind = replace(squat, track=replace(squat.track, confidence=confidence))
    source = FigureSource(summary, blind)
    assert (
        source.at("knee_flexion_l_deg", 2.5)
        == "the left knee was not seen at that moment"
    )
    for column, time_s in (
        ("knee_flexion_r_deg", 2.5),
        ("knee_flexion_l_deg", 3.5),
    ):
        assert isinstance(source.at(column, time_s), Figure)


def test_a_figure_in_another_unit_takes_its_band_along(
    squat: Analysis, summary: PhysicsSummary
) -> None:
    source = FigureSource(summary, squat)
    force = source.statistic("max", "grf_total_bw")
    assert isinstance(force, Figure)
    force = replace(force, band=0.2)
    newton = source.in_unit(force, "N")
    weight_n = summary.mass_kg * 9.80665
    assert newton.value == pytest.approx(force.value * weight_n, rel=1e-3)
    assert newton.band == pytest.approx(0.2 * weight_n, rel=1e-3)


def _knee(repetition: int, degrees: float) -> Figure:
    return Figure(
        f"knee.max.r{repetition}",
        degrees,
        "deg",
        f"max(knee, {repetition})",
        0,
        "left knee bend, largest",
        repetition=repetition,
    )


@pytest.mark.parametrize(
    ("first", "third", "more"), [(80.0, 95.0, 3), (95.0, 80.0, 1)]
)
def test_the_repetition_with_the_larger_value_is_more(
    first: float, third: float, more: int
) -> None:
    a, b = _knee(1, first), _knee(3, third)
    apart = replace(a, value=first - third)
    line = Line("compare", (a, b, apart), "left knee bend, largest")
    told = sentences(line)
    assert "in repetition 1, against" in told
    assert told.endswith(f"Repetition {more} is 15° more.")


@pytest.mark.parametrize(
    ("least", "word"), [(False, "largest"), (True, "smallest")]
)
def test_the_picked_repetition_is_called_what_it_is(
    least: bool, word: str
) -> None:
    line = Line(
        "most", (_knee(2, 90.0),), "left knee bend, largest", least=least
    )
    assert f": {word} in repetition 2: 90°" in sentences(line)

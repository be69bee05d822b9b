"""Text that a language model writes freely, sentence by sentence through the checker.

A sentence is shown only where the checker passes it and all its content words stand in what may be said of the clip:
the checker knows numbers and claims, not every claim that a model can invent. One that fails is replaced by the
script's next sentence that was not said yet; what the model leaves out of how sure the figures are is said at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from musclepose.wave_llm.checker import bare, split_sentences
from musclepose.wave_llm.knowledge.advice import advice_for
from musclepose.wave_llm.script import Slot

ALWAYS_SAID = (
    "quality",
    "residual",
    "not judged",
    "support",
    "load",
    "assumed",
    "sources",
)
_WORD = re.compile(r"[a-z]+")
_ENDINGS = ("ings", "ing", "ed", "es", "ly", "s")
# Words that join and grade what is said, and say nothing of a clip by themselves.
_JOINING_WORDS = """
about above after again all also and any are around because been before below
both but can could does each end even every first for from good had has have here
how into its just keep last less let like little look made make more most much
next not now off one only our out over own part per same see seen set should show
some start still take than that the their them then there these they this through
time too try two under until use used very was well were what when where which
while will with within would you your yours
"""
_JOINING = frozenset(_JOINING_WORDS.split())


def stem(word: str) -> str:
    """A word without its ending; at least three letters stay."""
    return next(
        (
            word[: -len(e)]
            for e in _ENDINGS
            if word.endswith(e) and len(word) - len(e) >= 3
        ),
        word,
    )


def stems(text: str) -> set[str]:
    """Stems of the content words of a text: of three letters and more."""
    words = (w for w in _WORD.findall(text.lower()) if len(w) > 2)
    return {stem(w) for w in words if w not in _JOINING}


def vocabulary(slots: Sequence[Slot], exercise: str) -> frozenset[str]:
    """Stems of everything that the script may say of a clip, and of the exercise's usual advice."""
    usual = advice_for(exercise, "default")
    texts = [option for slot in slots for option in slot.options]
    texts += [usual.cue, usual.drill, usual.reason] if usual else []
    return frozenset(s for text in texts for s in stems(text))


def is_grounded(sentence: str, known: frozenset[str]) -> bool:
    """Whether every content word of a sentence stands in what may be said."""
    return stems(bare(sentence)) <= known


def _plain(text: str) -> str:
    return " ".join(bare(text).split()).lower()


def checked_or_scripted(
    pieces: Iterator[str],
    slots: Sequence[Slot],
    exercise: str,
    passes: Callable[[str], bool],
) -> Iterator[str]:
    """The model's sentences that hold, the script's in place of those that do not, and what must always be said.

    1. A sentence is shown where it passes the checker and is grounded, once.
    2. Else the next slot that was not said yet speaks; where none is left, nothing does.
    3. At the end the slots of ALWAYS_SAID follow, and the whole script where no sentence of the model held.
    """
    known = vocabulary(slots, exercise)
    waiting = [s for s in slots if s.name not in ALWAYS_SAID]
    said: set[str] = set()
    held, rest = 0, ""

    def shown(sentence: str) -> str:
        nonlocal held
        if _plain(sentence) in said:
            return ""
        if passes(sentence) and is_grounded(sentence, known):
            held += 1
            said.add(_plain(sentence))
            return sentence
        while waiting:
            slot = waiting.pop(0)
            if _plain(slot.options[0]) not in said:
                said.add(_plain(slot.options[0]))
                return slot.lead + slot.options[0]
        return ""

    for piece in pieces:
        sentences, rest = split_sentences(rest + piece)
        yield from (text for s in sentences if s.strip() and (text := shown(s)))
    if rest.strip().endswith((".", "!", "?")) and (text := shown(rest)):
        yield text
    if not held:
        yield from (
            s.lead + s.options[0]
            for s in waiting
            if _plain(s.options[0]) not in said
        )
    yield from (s.lead + s.options[0] for s in slots if s.name in ALWAYS_SAID)

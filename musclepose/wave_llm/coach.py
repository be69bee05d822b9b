"""The coach: streams coaching text, by a language model that loads in the background (`language_model`).

An embedded model writes inside the script (`grammar`): it chooses among true wordings. Phi on a GPU, and a model with a
trained adapter, write freely (`free_writing`): each sentence is checked before it is shown, and the script speaks
in its place where it fails. Without a model rules write the report.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module

from torch import Tensor

from musclepose.errors import MusclePoseError
from musclepose.movement.query.way_up import with_way_up
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.wave_llm.answers import FIXED, answered, is_medical
from musclepose.wave_llm.checker import check
from musclepose.wave_llm.free_writing import checked_or_scripted
from musclepose.wave_llm.grammar import Grammar
from musclepose.wave_llm.models import PHI, LanguageModel, default_model
from musclepose.wave_llm.prompt import (
    Level,
    Message,
    Turn,
    build_messages,
    render,
)
from musclepose.wave_llm.report import RULE_WRITTEN
from musclepose.wave_llm.script import Slot, script
from musclepose.wave_llm.translation import (
    ENGLISH,
    MAX_TOKENS,
    speaks,
    translated,
)
from musclepose.wave_llm.writing import (
    Speed,
    by_rules,
    end_token,
    script_stream,
    sentences_of,
    timed,
)

SCRIPT_FACTS = 6  # lines of facts in the prompt where the model only chooses between true wordings
SOFT_OFF = "Soft tokens are off: no trained bridge and adapter exist for this language model."
_RULES = "figures and advice come from rules."
_LOAD_ERRORS = (
    MusclePoseError,
    OSError,
    RuntimeError,
    ValueError,
    MemoryError,
    ImportError,
)


def writes_freely(model: LanguageModel) -> bool:
    """A model with a trained adapter, and Phi on a GPU; an embedded model chooses among true wordings."""
    return bool(model.adapter) or (model.name == PHI and model.device == "cuda")


class Coach:
    """Streams coaching text for a summary. One instance serves all sessions; texts are written one at a time.

    patience_s: how long `stream` waits for a model that is still loading before rules write (None: until ready).
    """

    def __init__(
        self,
        name: str | None = None,
        adapter_path: str | None = None,
        patience_s: float | None = None,
        language_model: LanguageModel | None = None,
    ) -> None:
        self.name, self.adapter_path, self.patience_s = (
            name,
            adapter_path,
            patience_s,
        )
        self.dropped = 0  # sentences that the checker kept back, over the life of the coach
        self.drop_reasons: list[str] = []  # the last of them
        self.speed = Speed()
        self.error = ""
        self._model = language_model
        self._ready = threading.Event()
        self._loading: threading.Thread | None = None
        self._start, self._writing = threading.Lock(), threading.Lock()
        if language_model is not None:
            self._ready.set()

    @classmethod
    def of_rules(cls) -> Coach:
        """A coach without a language model: rules write, and no weights are loaded."""
        made = cls()
        made._ready.set()
        return made

    def preload(self) -> None:
        """Starts loading and warming the model in the background; returns at once."""
        with self._start:
            if self._loading is None and not self._ready.is_set():
                # Here and not in the thread: two threads must not import at once, and what is missing is told.
                import_module("musclepose.wave_llm.language_model")
                self._loading = threading.Thread(
                    target=self._load, name="coach-load", daemon=True
                )
                self._loading.start()

    def _load(self) -> None:
        try:
            from musclepose.wave_llm.language_model import (
                generate_stream,
                load_language_model,
            )

            model = load_language_model(self.name, self.adapter_path)
            warm = render(
                [{"role": "user", "content": "Hello."}], model.tokenizer
            )
            for _ in generate_stream(model, warm, max_new_tokens=2):
                pass
            self._model = model
        except _LOAD_ERRORS as error:
            self.error = (
                str(error).splitlines()[0]
                if str(error)
                else type(error).__name__
            )
        finally:
            self._ready.set()

    def language_model(self) -> LanguageModel | None:
        """The model, waiting `patience_s` for it; None where rules must write."""
        self.preload()
        self._ready.wait(self.patience_s)
        return self._model

    @property
    def ready(self) -> bool:
        """Whether loading has ended, with a model or without."""
        return self._ready.is_set()

    @property
    def soft_tokens_note(self) -> str:
        """Whether the model reads soft tokens; empty where it does."""
        return (
            ""
            if self._model is not None and self._model.bridge is not None
            else SOFT_OFF
        )

    @property
    def note(self) -> str:
        """Who writes the text, in one sentence."""
        if self._model is None:
            return (
                RULE_WRITTEN
                if self.ready
                else "The language model is still loading."
            )
        if writes_freely(self._model):
            adapter = self._model.adapter
            who = (
                f"{self._model.name} with the adapter {adapter}"
                if adapter
                else self._model.name
            )
            return f"Written by {who}; every sentence is checked, and one that fails is the script's."
        if self._model.bridge is not None:
            return f"{self._model.name} reads the clip in soft tokens and chooses the wording; {_RULES}"
        return f"{self._model.name}, not trained for coaching, chooses the wording; {_RULES}"

    def soft_tokens_of(self, analysis: Analysis) -> Tensor | None:
        """Soft tokens (8, width) of an analysis for `stream`; None where no model with a trained bridge can be had."""
        model = self.language_model()
        if model is None or model.bridge is None:
            return None
        tokens: Tensor = model.bridge.of_analysis(analysis)
        return tokens

    def told(
        self,
        analysis: Analysis,
        summary: PhysicsSummary,
        notes: str = "",
        level: Level = "athlete",
        language: str = ENGLISH,
        question: str | None = None,
        history: Sequence[Turn] = (),
        earlier: PhysicsSummary | None = None,
    ) -> Iterator[str]:
        """`stream` with all that an analysis gives: soft tokens, and columns for questions."""
        yield from self.stream(
            summary,
            notes,
            level,
            question,
            history,
            self.soft_tokens_of(analysis),
            language=language,
            analysis=analysis,
            earlier=earlier,
        )

    def stream(
        self,
        summary: PhysicsSummary,
        notes: str = "",
        level: Level = "athlete",
        question: str | None = None,
        history: Sequence[Turn] = (),
        soft_tokens: Tensor | None = None,
        cancel: threading.Event | None = None,
        language: str = ENGLISH,
        analysis: Analysis | None = None,
        earlier: PhysicsSummary | None = None,
    ) -> Iterator[str]:
        """Text pieces (Markdown) of the report, or of the answer to a question. Everything in them was checked.

        analysis: with it a question may ask for any column, without it for what the summary holds.
        earlier: the set before this one in the same visit; what was better than in it is told.

        In another language than English, that of the page or else of the question, the checked sentences are said by
        templates, and by the model where it speaks the language and there is no template.
        """
        if question:
            reply = answered(summary, question, analysis)
            summary, slots = reply.summary, reply.slots
            language = reply.query.language if language == ENGLISH else language
        else:
            summary = with_way_up(summary, analysis)
            slots = script(summary, level, earlier)
        if language == ENGLISH:
            known = (notes, level, question, history, soft_tokens, cancel)
            yield from self._english(summary, slots, *known)
            return
        plain = by_rules(
            self._checked(slots, summary), cancel, mark=not question
        )
        yield from translated(
            plain, language, self._translator(language, cancel), cancel
        )

    def _translator(
        self, language: str, cancel: threading.Event | None
    ) -> Callable[[list[Message]], str] | None:
        """The language model for sentences without a template, where it speaks the language."""
        name = (
            self._model.name
            if self._model is not None
            else self.name or default_model()
        )
        if not speaks(name, language):
            return None
        model = self.language_model()
        if model is None or not speaks(model.name, language):
            return None
        return lambda messages: self._reply(model, messages, cancel)

    def _reply(
        self,
        model: LanguageModel,
        messages: list[Message],
        cancel: threading.Event | None,
    ) -> str:
        """A short answer, or nothing where the model fails."""
        from musclepose.wave_llm.language_model import generate_stream

        try:
            with self._writing:
                rendered = render(messages, model.tokenizer)
                return "".join(
                    generate_stream(model, rendered, None, cancel, MAX_TOKENS)
                )
        except (RuntimeError, MemoryError, ValueError) as error:
            self.error = (
                str(error).splitlines()[0]
                if str(error)
                else type(error).__name__
            )
            return ""

    def _english(
        self,
        summary: PhysicsSummary,
        slots: Sequence[Slot],
        notes: str,
        level: Level,
        question: str | None,
        history: Sequence[Turn],
        soft_tokens: Tensor | None,
        cancel: threading.Event | None,
    ) -> Iterator[str]:
        slots = self._checked(slots, summary)
        model = (
            None if question and is_medical(question) else self.language_model()
        )
        if model is None:
            yield from by_rules(slots, cancel, mark=not question)
            return
        soft = soft_tokens if model.bridge is not None else None
        free = writes_freely(model) and not question
        messages = build_messages(
            summary,
            notes,
            level,
            question,
            history,
            *(() if free else (SCRIPT_FACTS,)),
        )
        yield from self._write(
            model, messages, slots, summary, soft, free, cancel
        )

    def _checked(
        self, slots: Sequence[Slot], summary: PhysicsSummary
    ) -> list[Slot]:
        """Slots whose wordings all pass the checker; what fails is dropped and counted."""
        kept = []
        for slot in slots:
            if slot.name in FIXED:
                kept.append(slot)
                continue
            good = tuple(
                o
                for o in slot.options
                if all(self._passes(s, summary) for s in sentences_of(o))
            )
            if good:
                kept.append(replace(slot, options=good))
        return kept

    def _passes(self, sentence: str, summary: PhysicsSummary) -> bool:
        verdict = check(sentence, summary)
        if not verdict.ok:
            self.dropped += 1
            self.drop_reasons = [
                *self.drop_reasons[-19:],
                f"{verdict.reason}: {sentence.strip()}",
            ]
        return verdict.ok

    def _write(
        self,
        model: LanguageModel,
        messages: list[Message],
        slots: list[Slot],
        summary: PhysicsSummary,
        soft: Tensor | None,
        free: bool,
        cancel: threading.Event | None,
    ) -> Iterator[str]:
        from musclepose.wave_llm.language_model import generate_stream

        rendered = render(
            messages, model.tokenizer, 0 if soft is None else soft.shape[-2]
        )

        def encode(text: str) -> list[int]:
            return list(
                model.tokenizer(text, add_special_tokens=False)["input_ids"]
            )

        shown = 0
        with self._writing:
            if free:
                written = generate_stream(model, rendered, soft, cancel)
            else:
                grammar = Grammar(slots, encode, end_token(model.tokenizer))
                written = script_stream(model, rendered, grammar, soft, cancel)
            self.speed = Speed()
            pieces = timed(written, self.speed)
            try:
                if free:
                    name = summary.exercise.name
                    pieces = checked_or_scripted(
                        pieces, slots, name, lambda s: self._passes(s, summary)
                    )
                for text in pieces:
                    shown += len(text)
                    yield text
            except (RuntimeError, MemoryError, ValueError) as error:
                self.error = (
                    str(error).splitlines()[0]
                    if str(error)
                    else type(error).__name__
                )
        if shown == 0 and not (cancel and cancel.is_set()):
            yield from by_rules(slots, cancel, mark=True)

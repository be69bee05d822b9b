"""METEOR and ROUGE-L of a text against one reference, as computed here (no external data).

METEOR: Banerjee and Lavie 2005 with exact and stem matches only (no synonyms): alpha = 0.9, beta = 3, gamma = 0.5.
ROUGE-L: F1 of the longest common subsequence of words.
"""

from __future__ import annotations

import re

_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ed", "ly", "s")


def words(text: str) -> list[str]:
    """Lower-case words and numbers."""
    return re.findall(r"[a-z]+|\d+(?:\.\d+)?", text.lower())


def stem(word: str) -> str:
    """A word without its ending; at least three letters stay."""
    return next((word[: -len(e)] for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 3), word)


def _matches(said: list[str], wanted: list[str]) -> list[tuple[int, int]]:
    """Aligned positions: exact ones first, then stems; each word once, the nearest free one taken."""
    pairs: list[tuple[int, int]] = []
    used: set[int] = set()
    for form in (str, stem):
        done = {i for i, _ in pairs}
        for i, word in enumerate(said):
            if i in done:
                continue
            free = [j for j, w in enumerate(wanted) if j not in used and form(w) == form(word)]
            if free:
                last = next((j for k, j in pairs if k == i - 1), i)
                j = min(free, key=lambda j, last=last: abs(j - last - 1))  # type: ignore[misc]
                pairs.append((i, j))
                used.add(j)
    return sorted(pairs)


def meteor(text: str, reference: str) -> float:
    """METEOR score in [0, 1]."""
    said, wanted = words(text), words(reference)
    pairs = _matches(said, wanted)
    if not pairs:
        return 0.0
    precision, recall = len(pairs) / len(said), len(pairs) / len(wanted)
    mean = precision * recall / (0.9 * precision + 0.1 * recall)
    chunks = 1 + sum(b != (a[0] + 1, a[1] + 1) for a, b in zip(pairs[:-1], pairs[1:], strict=True))
    return mean * (1.0 - 0.5 * (chunks / len(pairs)) ** 3)


def rouge_l(text: str, reference: str) -> float:
    """ROUGE-L F1 in [0, 1]."""
    said, wanted = words(text), words(reference)
    row = [0] * (len(wanted) + 1)
    for a in said:
        before = row[:]
        for j, b in enumerate(wanted, 1):
            row[j] = before[j - 1] + 1 if a == b else max(before[j], row[j - 1])
    common = row[-1]
    return 2.0 * common / (len(said) + len(wanted)) if common else 0.0

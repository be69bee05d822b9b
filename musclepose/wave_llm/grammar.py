"""Decoding inside a script: at every token only those are allowed that continue one of the true wordings.

Each slot's alternatives are tokenised apart and stored as a tree of token ids. Where the tree has one branch the token
is forced; where wordings part, the language model's own probabilities decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from musclepose.wave_llm.script import Slot


@dataclass
class Node:
    """One position in the tree of a slot; `ends` where a wording is complete."""

    children: dict[int, Node] = field(default_factory=dict)
    ends: bool = False


def tree_of(sequences: Sequence[Sequence[int]]) -> Node:
    """Tree of token id sequences."""
    root = Node()
    for sequence in sequences:
        node = root
        for token in sequence:
            node = node.children.setdefault(token, Node())
        node.ends = True
    return root


class Grammar:
    """Walks the slots token by token. `advance` takes the token that was generated, `allowed` says what may follow."""

    def __init__(
        self,
        slots: Sequence[Slot],
        encode: Callable[[str], list[int]],
        end_token: int,
    ) -> None:
        texts = [(i, s) for i, s in enumerate(slots)]
        self.trees = [
            tree_of(
                [
                    encode((s.lead if i else s.lead.lstrip()) + o)
                    for o in s.options
                ]
            )
            for i, s in texts
        ]
        self.end_token = end_token
        self.slot, self.node = (
            0,
            self.trees[0] if self.trees else Node(ends=True),
        )
        self.finished = not self.trees

    def allowed(self) -> list[int]:
        """Tokens that may come next; the end token after the last slot."""
        if self.finished:
            return [self.end_token]
        here = list(self.node.children)
        if not self.node.ends:
            return here
        if self.slot + 1 < len(self.trees):
            return here + [
                t for t in self.trees[self.slot + 1].children if t not in here
            ]
        return [*here, self.end_token]

    def advance(self, token: int) -> None:
        """Follows a generated token; a token that continues the wording wins over one that starts the next slot."""
        if self.finished:
            return
        if token in self.node.children:
            self.node = self.node.children[token]
        elif (
            self.node.ends
            and self.slot + 1 < len(self.trees)
            and token in self.trees[self.slot + 1].children
        ):
            self.slot += 1
            self.node = self.trees[self.slot].children[token]
        elif self.node.ends and token == self.end_token:
            self.finished = True
        else:
            raise ValueError(f"token {token} leaves the script")

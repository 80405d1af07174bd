"""The sentences the bot says, read from ``data/responses/``; no sentence lives in code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.yaml_lines import DataError, Problem, did_you_mean, read_yaml

FOLDER = Path(__file__).resolve().parent.parent / "data" / "responses"
PREFIX = "utter_"
_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Words:
    """Every sentence by name; blanks in {braces} are filled by keyword."""

    texts: Mapping[str, str]
    always: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, name: str, /, **blanks: str) -> str:
        """Return the named sentence with its blanks filled; a wrong name or blank is an error.

        Names stand without Rasa's ``utter_``. ``always`` holds what a setting says (how long
        messages are kept) and fills its blanks everywhere.
        """
        blanks = {**self.always, **blanks}
        text = self.texts.get(name)
        if text is None:
            raise KeyError(f"data/responses: no '{name}': {did_you_mean(name, self.texts)}")
        missing = set(_BLANK.findall(text)) - set(blanks)
        if missing:
            raise KeyError(f"data/responses: '{name}' needs {', '.join(sorted(missing))}")
        return _BLANK.sub(lambda match: blanks[match.group(1)], text)

    def has(self, name: str) -> bool:
        """Say whether there is a sentence of that name."""
        return name in self.texts


def load_words(
    folder: Path = FOLDER,
    *,
    always: Mapping[str, str] | None = None,
    replaced: Mapping[str, str] | None = None,
) -> Words:
    """Return all sentences, or raise ``DataError`` with every problem in the files.

    Args:
        folder: where they stand.
        always: what settings say, by the blank that it fills.
        replaced: sentences that are said in another way, by name.
    """
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    root = folder.parent.parent
    for path in sorted(folder.glob("*.yml")):
        node = read_yaml(path, root=root, problems=problems)
        for name, item in node.items().get("responses", node).items().items() if node else ():
            variants = item.entries()
            text = variants[0].items().get("text") if len(variants) == 1 else None
            if not name.startswith(PREFIX) or text is None or not str(text.value).strip():
                problems.append(
                    Problem(
                        item.where, f"'{name}' is no sentence", f"write '{PREFIX}name: - text: ...'"
                    )
                )
                continue
            short = name.removeprefix(PREFIX)
            if short in texts:
                problems.append(Problem(item.where, f"'{name}' stands twice", "keep one"))
            texts[short] = str(text.value).strip("\n")
    if not texts and not problems:
        problems.append(Problem(f"{folder.name}:1", "no sentences found", "restore data/responses"))
    if problems:
        raise DataError(problems)
    return Words({**texts, **(replaced or {})}, dict(always or {}))

"""What a proxy shows when no process is left behind it: the numbers, as two files."""

from __future__ import annotations

import json

from bot.channels.numbers import numbers_in
from knowledge.base import Knowledge
from knowledge.emergency import fixed_numbers
from knowledge.words import Words


def numbers_files(knowledge: Knowledge, words: Words) -> dict[str, str]:
    """Return the files of deploy/nginx by name: for a person, and as the protocol's error."""
    message = f"{words('cannot_answer')} {fixed_numbers(knowledge, words, home=None)}"
    facts = [fact for place in knowledge.homes() for fact in knowledge.emergency(place.id)]
    body = {
        "error": {"code": "unavailable", "message": message},
        "numbers": numbers_in(message, facts),
    }
    return {
        "numbers.txt": f"{message}\n",
        "numbers.json": json.dumps(body, ensure_ascii=False, indent=1) + "\n",
    }

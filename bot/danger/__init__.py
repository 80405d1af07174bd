"""The danger screen: what a person in danger writes, found before anything that can fail.

`find_danger` is a pure function of the text, the texts before it and the patterns. The patterns
are data (knowledge/danger/*.yml); the widget runs the same ones through widget/danger.js.
"""

from bot.danger.match import find_danger
from bot.danger.model import (
    CATEGORIES,
    DangerMatch,
    DangerPatterns,
    Example,
    PatternErrors,
)
from bot.danger.patterns import load_patterns

__all__ = [
    "CATEGORIES",
    "DangerMatch",
    "DangerPatterns",
    "Example",
    "PatternErrors",
    "find_danger",
    "load_patterns",
]

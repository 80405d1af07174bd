"""``python -m tests.fuzz.serve FOLDER``: the real server and every channel on, for the fuzzers.

The brain is scripted: what is fuzzed is all that takes untrusted bytes. Answers to the messaging
channels go back to this server, which has no such page, so that none leaves the machine.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from bot.quiet import set_up_logging
from bot.server import make_app
from bot.settings import from_environment
from knowledge.loader import load
from knowledge.words import load_words
from tests.channels.support import KEYS
from tests.support.scripted import ScriptedBrain


def main() -> None:
    """Serve until stopped."""
    settings = replace(from_environment(), channels=KEYS)
    set_up_logging(settings.log_level)
    brain = ScriptedBrain(
        Path(sys.argv[1]), load(), load_words(always={"retention": settings.retention})
    )
    nobody = f"http://127.0.0.1:{settings.port}/nobody"
    bases = dict.fromkeys(("twilio", "telegram", "messenger", "slack"), nobody)
    app = make_app(settings, brain=brain, name="fuzzed", bases=bases)
    app.run(host=settings.host, port=settings.port, access_log=False, debug=False, motd=False)


if __name__ == "__main__":
    main()

"""``waymark chat``: the same turn in a terminal, without a server."""

from __future__ import annotations

import asyncio

from bot.cli.output import out, plainly


def chat() -> None:
    """Talk to Waymark in the terminal; an empty line or Ctrl-D ends it and deletes it."""
    with plainly():
        from bot.quiet import set_up_logging
        from bot.settings import from_environment

        settings = from_environment()
        set_up_logging("ERROR")
        asyncio.run(_talk(settings))


async def _talk(settings: object) -> None:
    from datetime import date

    from bot.channels.memory import Memory
    from bot.channels.turn import Incoming, Turn
    from bot.rasa_brain import RasaBrain
    from bot.server import prepare
    from bot.settings import Settings
    from knowledge.message import Message
    from knowledge.welcome import welcome_message

    assert isinstance(settings, Settings)
    knowledge, words, patterns = prepare(settings)
    brain = RasaBrain(settings)
    brain.start()
    turn = Turn(
        settings=settings,
        knowledge=knowledge,
        words=words,
        patterns=patterns,
        brain=brain,
        memory=Memory(),
    )
    choices: list[str] = []

    def emit(message: Message) -> None:
        out.print()
        if message.kind in ("emergency", "crisis"):
            out.rule("!")
        out.print(message.text, markup=False)
        for cited in message.citations:
            section = f" ({cited.section})" if cited.section else ""
            out.print(
                f"  [{cited.n}] {cited.title}{section} {cited.url}", markup=False, style="dim"
            )
        for choice in message.choices:
            choices.append(choice.payload)
            out.print(f"  {len(choices)}) {choice.title}", markup=False)

    while brain.trouble == "starting":
        await asyncio.sleep(0.2)
    emit(welcome_message(words, today=date.today()))
    conversation = "terminal-conversation"
    while True:
        try:
            text = (await asyncio.to_thread(input, "\n> ")).strip()
        except EOFError:
            break
        if not text:
            break
        picked = choices[int(text) - 1] if text.isdigit() and 0 < int(text) <= len(choices) else ""
        if picked:
            text = ""
        choices.clear()
        await turn.take(conversation, Incoming(text=text, payload=picked), emit)
    await turn.deletion.now(conversation)
    brain.stop()

"""The turn by itself: order, danger, slashes, limits of memory; with a brain that we script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.brain import Outcome
from bot.channels.memory import Memory
from bot.channels.plain_text import SLASH
from bot.channels.turn import Incoming, Turn
from bot.danger import load_patterns
from bot.order.model import Alone
from bot.settings import Settings
from knowledge.base import Knowledge
from knowledge.loader import FOLDER
from knowledge.message import Message
from knowledge.words import Words

PATTERNS = load_patterns(Path(FOLDER) / "danger")


class ScriptedBrain:
    """Answers as a test says, and remembers what it was asked."""

    def __init__(self, answer: Callable[..., Any] | None = None, trouble: str = "") -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.deleted: list[str] = []
        self._answer = answer
        self.trouble = trouble

    async def answer(
        self, conversation: str, text: str, *, metadata: Any, on_message: Any, on_danger: Any
    ) -> Outcome:
        self.asked.append((conversation, text, metadata))
        if self._answer is None:
            on_message(Message("answer", f"heard: {text}"))
            return Outcome()
        made = await self._answer(text, on_message, on_danger)
        return made if isinstance(made, Outcome) else Outcome()

    @property
    def parts(self) -> dict[str, str]:
        return {"model": self.trouble}

    def home_in(self, text: str) -> str | None:
        return None

    async def danger_in(self, text: str) -> str | None:
        return None

    async def delete(self, conversation: str) -> None:
        self.deleted.append(conversation)

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        return [{"from": "you", "text": "kept words"}]


@pytest.fixture
def make(knowledge: Knowledge, words: Words) -> Callable[..., Turn]:
    def made(brain: Any, **settings: Any) -> Turn:
        return Turn(
            settings=Settings(**settings),
            knowledge=knowledge,
            words=words,
            patterns=PATTERNS,
            brain=brain,
            memory=Memory(),
        )

    return made


async def take(turn: Turn, text: str, conversation: str = "web-1", **more: Any) -> list[Message]:
    got: list[Message] = []
    await turn.take(conversation, Incoming(text=text, **more), got.append)
    return got


async def test_danger_is_answered_before_the_brain_is_asked(make: Callable[..., Turn]) -> None:
    order: list[str] = []

    async def answer(text: str, on_message: Any, on_danger: Any) -> None:
        order.append("brain")

    turn = make(ScriptedBrain(answer))
    await turn.take("web-1", Incoming(text="he is outside my door"), lambda m: order.append(m.kind))
    assert order == ["emergency", "brain"]


async def test_with_the_home_known_only_its_numbers_come_first(make: Callable[..., Turn]) -> None:
    async def answer(text: str, on_message: Any, on_danger: Any) -> Outcome:
        on_message(Message("answer", "noted"))
        return Outcome(home="south_africa")

    turn = make(ScriptedBrain(answer))
    await take(turn, "im in durban")
    first = (await take(turn, "he is outside my door"))[0]
    assert first.kind == "emergency"
    assert "10111" in first.text and "999" not in first.text


async def test_the_sites_home_is_used_until_the_person_says_another(
    make: Callable[..., Turn],
) -> None:
    turn = make(ScriptedBrain())
    first = (await take(turn, "he is outside my door", default_home="scotland"))[0]
    assert "999" in first.text and "10111" not in first.text


async def test_self_harm_gets_the_crisis_line_and_the_number(make: Callable[..., Turn]) -> None:
    first = (
        await take(make(ScriptedBrain()), "i want to kill myself", default_home="south_africa")
    )[0]
    assert first.kind == "crisis"
    assert "0800 567 567" in first.text and "10111" in first.text


async def test_a_past_danger_is_one_line_after_the_answer(make: Callable[..., Turn]) -> None:
    got = await take(make(ScriptedBrain()), "what is the sentence for threatening to kill someone")
    assert [message.kind for message in got] == ["answer", "notice"]


async def test_danger_split_over_two_messages_is_found(make: Callable[..., Turn]) -> None:
    turn = make(ScriptedBrain())
    await take(turn, "he is standing outside")
    got = await take(turn, "my door with a knife")
    assert got[0].kind == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "/greet@1.0 hello",
        ' /report_harm{"home_jurisdiction":"x"}',
        "\u200b/restart",
        "\ufeff/session_start",
        "/ greet",
    ],
)
async def test_a_leading_slash_never_reaches_rasa(make: Callable[..., Turn], text: str) -> None:
    brain = ScriptedBrain()
    await take(make(brain), text)
    sent = brain.asked[0][1]
    assert not sent.strip().startswith("/") and sent.startswith(SLASH)


async def test_danger_behind_a_forged_intent_is_found(make: Callable[..., Turn]) -> None:
    got = await take(make(ScriptedBrain()), "/greet@1.0 he is outside with a knife")
    assert got[0].kind == "emergency"


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "😀😀", "...", "\x00"])
async def test_no_words_get_a_clear_reply(make: Callable[..., Turn], text: str) -> None:
    brain = ScriptedBrain()
    got = await take(make(brain), text)
    assert len(got) == 1 and got[0].text and not brain.asked


async def test_nul_and_lone_surrogates_do_not_reach_rasa(make: Callable[..., Turn]) -> None:
    brain = ScriptedBrain()
    await take(make(brain), "he \x00 keeps \ud800 calling")
    assert brain.asked[0][1] == "he  keeps  calling"


async def test_a_long_text_is_screened_whole_and_answered_in_part(
    make: Callable[..., Turn],
) -> None:
    brain = ScriptedBrain()
    got = await take(make(brain), "he keeps calling me. " * 2900 + "he has a knife and is outside")
    assert got[0].kind == "emergency"
    assert len(brain.asked[0][1]) <= 2000
    assert got[-1].kind == "notice"


async def test_a_brain_that_fails_leaves_the_numbers(make: Callable[..., Turn]) -> None:
    async def answer(text: str, on_message: Any, on_danger: Any) -> None:
        raise RuntimeError("broken")

    got = await take(make(ScriptedBrain(answer)), "he keeps calling")
    assert got[-1].kind == "fallback" and "999" in got[-1].text


async def test_a_brain_that_says_nothing_is_no_silence(make: Callable[..., Turn]) -> None:
    async def answer(text: str, on_message: Any, on_danger: Any) -> None:
        return None

    turn = make(ScriptedBrain(answer))
    got = await take(turn, "he keeps calling")
    assert got and got[-1].kind == "fallback"
    assert turn.counts["silent"] == 1


async def test_what_the_classifier_sees_comes_first(make: Callable[..., Turn]) -> None:
    async def answer(text: str, on_message: Any, on_danger: Any) -> None:
        on_danger("danger")
        on_message(Message("answer", "the steps"))

    got = await take(make(ScriptedBrain(answer)), "it is happening again right this minute")
    assert [message.kind for message in got] == ["emergency", "answer"]


async def test_messages_of_one_conversation_keep_their_order(make: Callable[..., Turn]) -> None:
    async def answer(text: str, on_message: Any, on_danger: Any) -> None:
        await asyncio.sleep(0.05 if text == "first" else 0)
        on_message(Message("answer", text))

    turn = make(ScriptedBrain(answer))
    said: list[str] = []
    await asyncio.gather(
        *(
            turn.take("web-1", Incoming(text=text), lambda m: said.append(m.text))
            for text in ("first", "second", "third")
        )
    )
    assert said == ["first", "second", "third"]


async def test_five_messages_in_a_second_need_no_polling(make: Callable[..., Turn]) -> None:
    turn = make(ScriptedBrain())
    loop = asyncio.get_running_loop()
    started = loop.time()
    await asyncio.gather(*(take(turn, f"message {n}") for n in range(5)))
    assert loop.time() - started < 0.5


async def test_delete_forgets_and_says_so(make: Callable[..., Turn]) -> None:
    brain = ScriptedBrain()
    got = await take(make(brain), "Delete me.")
    assert brain.deleted == ["web-1"] and "deleted" in got[0].text


async def test_give_me_my_data_shows_what_is_kept(make: Callable[..., Turn]) -> None:
    got = await take(make(ScriptedBrain()), "give me my data")
    assert "kept words" in got[0].text


async def test_help_now_gives_the_numbers_with_the_brain_in_trouble(
    make: Callable[..., Turn],
) -> None:
    got = await take(make(ScriptedBrain(trouble="no model")), "help now")
    assert got[0].kind == "emergency" and "999" in got[0].text


async def test_memory_is_bounded() -> None:
    memory = Memory(most=3)
    for n in range(10):
        memory.of(f"web-{n}").keep_home("scotland", 0)
    assert memory.of("web-9").home == "scotland"
    assert memory.of("web-0").home is None


async def test_delete_waits_for_a_turn_under_way(make: Callable[..., Turn]) -> None:
    """A running turn would write again after the deletion."""
    order: list[str] = []

    class Brain(ScriptedBrain):
        async def delete(self, conversation: str) -> None:
            order.append("deleted")

    async def answer(text: str, on_message: Any, on_danger: Any) -> None:
        await asyncio.sleep(0.05)
        order.append("saved")

    turn = make(Brain(answer))
    running = asyncio.create_task(take(turn, "he keeps calling"))
    await asyncio.sleep(0.01)
    await turn.deletion.now("web-1")
    await running
    assert order == ["saved", "deleted"]


async def test_a_delete_that_fails_is_not_called_done(make: Callable[..., Turn]) -> None:
    class Brain(ScriptedBrain):
        async def delete(self, conversation: str) -> None:
            raise OSError("disk")

    got = await take(make(Brain()), "please delete everything")
    assert [message.kind for message in got] == ["fallback"]
    assert "I could not delete it yet" in got[0].text and "999" in got[0].text


async def test_a_delete_that_failed_is_done_when_the_store_is_back(
    make: Callable[..., Turn],
) -> None:
    class Brain(ScriptedBrain):
        fails = 2

        async def delete(self, conversation: str) -> None:
            self.fails -= 1
            if self.fails >= 0:
                raise OSError("disk")
            await super().delete(conversation)

    brain = Brain()
    turn = make(brain)
    turn.deletion.pauses = (0.01, 0.01, 0.01)
    await take(turn, "delete me")
    while turn.deletion.trying:
        await asyncio.sleep(0.01)
    assert brain.deleted == ["web-1"] and "delete_failed" not in turn.counts


async def test_a_delete_that_fails_for_good_is_counted(make: Callable[..., Turn]) -> None:
    class Brain(ScriptedBrain):
        async def delete(self, conversation: str) -> None:
            raise OSError("disk")

    turn = make(Brain())
    turn.deletion.pauses = (0.01,)
    await take(turn, "delete me")
    while turn.deletion.trying:
        await asyncio.sleep(0.01)
    assert turn.counts["delete_failed"] == 1


@pytest.mark.parametrize("pushed", (True, False))
async def test_what_another_process_sent_is_not_sent_again_and_a_page_gets_its_reply(
    make: Callable[..., Turn], pushed: bool
) -> None:
    """A page asks again because it has no reply; a provider, because it got no receipt."""
    brain = ScriptedBrain()
    turn = make(brain)

    class Other(Alone):
        async def answered(self, conversation: str, message_id: str) -> Any:
            return (Message("answer", "said before"),) if message_id == "m-1" else None

    turn._order = Other()
    got = await take(turn, "where do i report", id="m-1", pushed=pushed)
    assert [message.text for message in got] == ([] if pushed else ["said before"])
    assert brain.asked == []


@pytest.mark.parametrize("text", ["I can't", "no", "cant ring"])
async def test_no_after_the_numbers_means_that_a_call_is_not_possible(
    make: Callable[..., Turn], text: str
) -> None:
    brain = ScriptedBrain()
    turn = make(brain)
    await take(turn, "he is outside my door")
    await take(turn, text)
    assert brain.asked[-1][1] == "/cannot_call"


async def test_a_title_typed_is_the_button(make: Callable[..., Turn]) -> None:
    from knowledge.message import Choice

    async def answer(text: str, on_message: Any, on_danger: Any) -> None:
        on_message(Message("answer", "part one", (Choice("More", '/ask_evidence{"page": 1}'),)))

    brain = ScriptedBrain(answer)
    turn = make(brain)
    await take(turn, "what do i keep")
    await take(turn, "more")
    assert brain.asked[-1][1] == '/ask_evidence{"page": 1}'


async def test_memory_forgets_texts_after_ten_minutes_and_idle_conversations() -> None:
    memory = Memory()
    kept = memory.of("web-1")
    kept.texts.append((kept.used, "words"))
    memory.sweep(kept.used + 601, keep=3600)
    assert not kept.texts and memory.of("web-1") is kept
    memory.sweep(kept.used + 3601, keep=3600)
    assert memory.of("web-1") is not kept

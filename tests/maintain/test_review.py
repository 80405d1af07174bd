"""The review queue: nothing without a yes, scrubbed, apart, for a while; and what is taught from it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.brain import Outcome
from bot.channels.memory import Memory
from bot.channels.turn import Incoming, Turn
from bot.checks import Example, check_training_data
from bot.review.desk import NO, YES, ReviewDesk
from bot.review.propose import Proposal, Proposer, Reading, groups
from bot.review.queue import Queue, Waiting
from bot.review.sitting import Ending, Sitting, first_lesson
from bot.review.teach import Lesson, file_for, line_for, refusal, teach, without_marks
from bot.settings import ROOT, Settings
from knowledge.base import Knowledge
from knowledge.message import Message
from knowledge.words import Words
from tests.bot.test_cli import waymark
from tests.bot.test_turn import PATTERNS, ScriptedBrain
from tests.conftest import TODAY
from tests.maintain.project import copy_of_project, waymark_in, with_model

ODD = "the thing with the thing keeps doing it to me, my ex Darren Whitcombe in Leeds"
SECRET = b"s" * 32


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    """Return a queue in a folder of the test."""
    return Queue(tmp_path / "q" / "review.db", days=30, secret=SECRET)


def texts(queue: Queue, today: date | None = None) -> list[str]:
    """Return what waits."""
    return [item.text for item in queue.waiting(today=today or date.today())]


@pytest.fixture
def make(knowledge: Knowledge, words: Words, queue: Queue) -> Callable[..., tuple[Turn, Any]]:
    """Return a turn with a brain that understands little, and its review desk."""

    def made(outcome: Outcome | None = None) -> tuple[Turn, ReviewDesk]:
        async def answer(text: str, on_message: Any, on_danger: Any) -> Outcome:
            on_message(Message("answer", "heard"))
            if outcome is not None and outcome.danger:
                on_danger("danger")
            return outcome or Outcome(intent="nlu_fallback", confidence=0.2)

        desk = ReviewDesk(queue, words=words, days=30)
        turn = Turn(
            settings=Settings(), knowledge=knowledge, words=words, patterns=PATTERNS,
            brain=ScriptedBrain(answer), memory=Memory(), review=desk,
        )  # fmt: skip
        return turn, desk

    return made


async def say(turn: Turn, text: str = "", payload: str = "") -> list[Message]:
    """Take one message of the same conversation."""
    got: list[Message] = []
    await turn.take("web-1", Incoming(text=text, payload=payload), got.append)
    return got


async def settled(desk: ReviewDesk) -> None:
    """Wait until what is being kept has been kept."""
    while desk._working:
        await asyncio.sleep(0.01)


async def test_nothing_is_kept_without_a_yes_and_it_is_asked_once(make: Any, queue: Queue) -> None:
    turn, desk = make()
    first = await say(turn, ODD)
    assert [choice.payload for choice in first[-1].choices] == [YES, NO]
    assert "30 days" in first[-1].text and "deleted" in first[-1].text
    again = await say(turn, ODD + " again")
    assert not any(message.choices for message in again)
    await settled(desk)
    assert not texts(queue)


async def test_after_a_yes_the_message_is_kept_scrubbed_and_later_ones_too(
    make: Any, queue: Queue
) -> None:
    turn, desk = make()
    await say(turn, ODD)
    assert (await say(turn, payload=YES))[0].kind == "answer"
    await say(turn, "and the other thing is doing the thing in Cardiff too")
    await settled(desk)
    kept = texts(queue)
    assert len(kept) == 2 and "Leeds" in kept[0] and "Cardiff" in kept[1]
    assert "darren" not in kept[0].lower() and "whitcombe" not in kept[0].lower()


async def test_after_a_danger_nothing_is_asked_or_kept(make: Any, queue: Queue) -> None:
    turn, desk = make()
    await say(turn, "he is outside my door with a knife")
    got = await say(turn, ODD)
    assert YES not in {choice.payload for message in got for choice in message.choices}
    await settled(desk)
    assert not texts(queue)


async def test_a_queue_that_cannot_forget_is_not_called_deleted(
    make: Any, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, _ = make()

    def locked(conversation: str) -> None:
        raise OSError("locked")

    monkeypatch.setattr(queue, "forget", locked)
    turn.deletion.pauses = (0.05,)
    said = await say(turn, "delete me")
    assert "I could not delete it yet" in said[0].text
    monkeypatch.undo()
    while turn.deletion.trying:
        await asyncio.sleep(0.01)
    assert "delete_failed" not in turn.counts


async def test_what_is_kept_has_nothing_that_would_steer_a_terminal(
    make: Any, queue: Queue
) -> None:
    turn, desk = make()
    await say(turn, ODD)
    await say(turn, payload=YES)
    await say(turn, "the thing\x1b[2J\x1b[31m is doing\x92 it\u202e to me in\xa0Cardiff again")
    await settled(desk)
    kept = texts(queue)[1]
    assert kept.isprintable() and "doing it" in kept and "in Cardiff" in kept


async def test_a_long_message_is_cut_after_it_was_scrubbed(make: Any, queue: Queue) -> None:
    turn, desk = make()
    await say(turn, ODD)
    await say(turn, payload=YES)
    await say(turn, "it is the same thing again " * 18 + "and again: 07700900171 rings me")
    await settled(desk)
    kept = texts(queue)[1]
    assert 480 < len(kept) <= 500
    assert "077" not in kept and "[" not in kept, "half a number or half a mark is left"


async def test_after_a_no_nothing_is_kept_and_nothing_is_asked(make: Any, queue: Queue) -> None:
    turn, desk = make()
    await say(turn, ODD)
    await say(turn, payload=NO)
    assert not any(message.choices for message in await say(turn, ODD))
    await settled(desk)
    assert not texts(queue)


async def test_a_yes_can_be_typed(make: Any, queue: Queue, words: Words) -> None:
    turn, desk = make()
    await say(turn, ODD)
    await say(turn, words("choice_review_yes").lower())
    await settled(desk)
    assert len(texts(queue)) == 1


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(intent="greet", confidence=0.9),
        Outcome(),
        Outcome(intent="nlu_fallback", confidence=0.2, danger=True),
    ],
    ids=["understood", "a choice", "a danger"],
)
async def test_what_is_understood_or_dangerous_is_never_asked_about(
    make: Any, outcome: Outcome
) -> None:
    turn, _ = make(outcome)
    assert not any(m.choices and m.choices[0].payload == YES for m in await say(turn, ODD))


async def test_somebody_in_danger_is_not_asked_anything_else(make: Any) -> None:
    turn, _ = make()
    got = await say(turn, "he is outside my door with a knife")
    assert got[0].kind == "emergency"
    assert not any(c.payload == YES for message in got for c in message.choices)


async def test_deleting_the_conversation_deletes_from_the_queue(make: Any, queue: Queue) -> None:
    turn, desk = make()
    await say(turn, ODD)
    await say(turn, payload=YES)
    queue.add("web-2", "somebody else said this", intent="x", confidence=0.1, today=date.today())
    await say(turn, "delete")
    await settled(desk)
    assert texts(queue) == ["somebody else said this"]


async def test_a_queue_that_cannot_be_written_costs_no_answer(
    knowledge: Knowledge, words: Words, tmp_path: Path, make: Any, queue: Queue
) -> None:
    turn, desk = make()
    await say(turn, ODD)
    (tmp_path / "q").write_text("a file where the folder should be")
    assert (await say(turn, payload=YES))[0].text == words("review_yes")
    await settled(desk)
    assert (await say(turn, ODD))[0].text == "heard"


def test_without_the_setting_there_is_no_desk(words: Words) -> None:
    from bot.review.desk import desk_for
    from bot.settings import from_environment

    keys = {"WAYMARK_SECRET": "s" * 32, "WAYMARK_MODEL_KEY": "k" * 32}
    assert desk_for(from_environment(keys), words) is None
    assert desk_for(from_environment({**keys, "WAYMARK_REVIEW": "x.db"}), words) is not None


def test_the_file_is_for_its_owner_and_holds_no_conversation(queue: Queue, tmp_path: Path) -> None:
    queue.add("web-secret-id", "some words here", intent="x", confidence=0.1, today=TODAY)
    file = tmp_path / "q" / "review.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"web-secret-id" not in file.read_bytes()


def test_a_message_expires_and_is_overwritten(queue: Queue, tmp_path: Path) -> None:
    queue.add("web-1", "words that have to go", intent="x", confidence=0.1, today=TODAY)
    assert texts(queue, TODAY + timedelta(days=30))
    assert not texts(queue, TODAY + timedelta(days=31))
    assert b"have to go" not in (tmp_path / "q" / "review.db").read_bytes()


def test_after_the_conversation_is_gone_nothing_ties_a_text_to_it(
    queue: Queue, tmp_path: Path
) -> None:
    queue.add("web-1", "words that stay a while", intent="x", confidence=0.1, today=TODAY)
    queue.waiting(today=TODAY + timedelta(days=3))
    with sqlite3.connect(tmp_path / "q" / "review.db") as database:
        assert database.execute("SELECT link FROM waiting").fetchall() == [("",)]


def test_a_file_that_is_no_queue_is_named_without_a_traceback(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are the notes of somebody, and no database at all" * 20)
    done = waymark("review", WAYMARK_REVIEW=str(file))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"{file}: cannot be used as the review queue" in done.stderr
    assert "WAYMARK_REVIEW" in done.stderr and "somebody" not in done.stderr


def test_an_empty_queue_says_where_it_looked_and_whether_anybody_is_asked(
    project: Path, tmp_path: Path
) -> None:
    file = str(tmp_path / "review.db")
    said = waymark_in(project, "review", WAYMARK_REVIEW=file).stdout
    assert said == f"Nothing waits for review in {file}.\n"
    said = waymark_in(project, "review", WAYMARK_REVIEW="").stdout
    assert "review.db. Nobody is asked: see WAYMARK_REVIEW" in said


# --- teaching


def test_marks_become_words_of_nobody() -> None:
    said = "[name] posted [address] and [number], [word] again"
    assert without_marks(said) == "Alex posted my address and 1234, again"


@pytest.mark.parametrize(
    ("lesson", "file", "line"),
    [
        (
            Lesson('he wrote "die"', "report_harm", ("threats", "harassment")),
            "data/nlu/report_harm_threats.yml",
            '  - {text: "he wrote \\"die\\"", metadata: {harm_types: [threats, harassment]}}',
        ),
        (Lesson("cheers pal", "thanks"), "data/nlu/thanks.yml", '  - {text: "cheers pal"}'),
        (
            Lesson("hes in", "danger_now"),
            "data/nlu/danger_now.yml",
            '  - {text: "hes in", metadata: {danger: true}}',
        ),
        (Lesson("no harm named", "report_harm"), "data/nlu/report_harm_hard.yml", None),
    ],
)
def test_a_lesson_goes_where_its_like_stand(lesson: Lesson, file: str, line: str | None) -> None:
    assert file_for(lesson) == file and (ROOT / file).is_file()
    assert line is None or line_for(lesson) == line
    assert yaml.safe_load(line_for(lesson))[0]["text"] == lesson.text


def test_a_lesson_has_nothing_that_yaml_refuses_or_a_terminal_obeys() -> None:
    lesson = Lesson("cheers\x1b[31m \x92\x7f pal\ud800,\n ta\x85ever so", "thanks")
    assert lesson.text == "cheers[31m pal, ta ever so"
    assert yaml.safe_load(line_for(lesson))[0]["text"] == lesson.text


def test_what_was_taught_holds_for_the_check(tmp_path: Path) -> None:
    project = tmp_path
    shutil.copytree(ROOT / "data", project / "data")
    lesson = Lesson("this fella off the allotment keeps posting my plot online", "report_harm",
                    ("doxxing",))  # fmt: skip
    where = teach(lesson, root=project)
    assert where.startswith("data/nlu/report_harm_doxxing.yml:")
    content = yaml.safe_load((project / "data/nlu/report_harm_doxxing.yml").read_text())
    assert content["nlu"][-1]["examples"][-1]["metadata"] == {"harm_types": ["doxxing"]}
    assert not check_training_data(project / "data" / "nlu")


def test_near_copies_and_messages_of_two_intents_are_refused() -> None:
    known = [Example("how do i get email headers", "ask_evidence", (), "data/nlu/e.yml:5")]
    same = refusal(Lesson("How do I get email headers?", "ask_offence"), known)
    assert same is not None and "ask_evidence already: data/nlu/e.yml:5" in same
    near = refusal(Lesson("how do i get the email headers", "ask_evidence"), known)
    assert near is not None and "near copy" in near
    other = refusal(Lesson("how do i get the email headers", "ask_offence"), known)
    assert other is not None and "near copy of data/nlu/e.yml:5 (ask_evidence)" in other
    assert refusal(Lesson("what do i do with the envelopes", "ask_evidence"), known) is None
    assert refusal(Lesson("?!", "ask_evidence"), known) is not None


# --- one sitting, whatever the screen


def alone(waiting: Sequence[Waiting]) -> list[Proposal]:
    """Stand for the model: every message is a group, but those that begin alike are one."""
    by_start: dict[str, list[Waiting]] = {}
    for item in waiting:
        by_start.setdefault(item.text.split()[0], []).append(item)
    return [
        Proposal(tuple(members), lambda: Reading("thanks", 0.3)) for members in by_start.values()
    ]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder with training messages of its own."""
    folder = tmp_path / "project"
    (folder / "data" / "nlu").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "nlu" / "thanks.yml", folder / "data" / "nlu")
    return folder


def fill(queue: Queue, *said: str) -> None:
    """Put messages into the queue, each of a conversation of its own."""
    for n, text in enumerate(said):
        queue.add(f"web-{n}", text, intent="nlu_fallback", confidence=0.2, today=date.today())


def lines_of(root: Path) -> int:
    """Return how many lines the training file has."""
    return len((root / "data" / "nlu" / "thanks.yml").read_text().splitlines())


@pytest.mark.timeout(1200)
def test_two_windows_at_the_same_moment_write_a_group_once(queue: Queue, root: Path) -> None:
    fill(queue, "cheers for the sorting out of it", "cheers for sorting all of that mess")
    sittings = [Sitting(queue, alone, root=root) for _ in range(4)]
    keys = [sitting.left(today=date.today())[0].key for sitting in sittings]
    before = lines_of(root)
    ready = threading.Barrier(len(sittings))

    def accept(at: int) -> Ending:
        ready.wait()
        lesson = Lesson(f"{'much obliged ' * (at + 1)}for mess number {at}", "thanks")
        return sittings[at].accept(keys[at], lesson).ending

    with concurrent.futures.ThreadPoolExecutor(len(sittings)) as pool:
        endings = sorted(ending.value for ending in pool.map(accept, range(len(sittings))))
    assert endings == ["gone", "gone", "gone", "written"]
    assert lines_of(root) == before + 1 and not texts(queue)


def test_what_somebody_deleted_meanwhile_is_neither_shown_nor_taught(
    queue: Queue, root: Path
) -> None:
    fill(queue, "cheers for the sorting out of it", "cheers a bunch for that mess", "ta ever so")
    sitting = Sitting(queue, alone, root=root)
    first, second = sitting.left(today=date.today())
    before = lines_of(root)
    queue.forget("web-0")
    queue.forget("web-2")
    assert sitting.accept(first.key, first_lesson(first)).ending is Ending.GONE
    assert sitting.discard(second.key).ending is Ending.GONE
    assert lines_of(root) == before
    assert [group.text for group in sitting.left(today=date.today())] == [
        "cheers a bunch for that mess"
    ]


def test_what_is_new_comes_behind_the_groups_that_were_there(queue: Queue, root: Path) -> None:
    fill(queue, "cheers for the sorting out of it")
    sitting = Sitting(queue, alone, root=root)
    (known,) = sitting.left(today=date.today())
    fill(queue, "ta ever so much you lot")
    first, second = sitting.left(today=date.today())
    assert first.key == known.key and second.text == "ta ever so much you lot"


def test_a_message_that_is_given_the_number_of_a_deleted_one_is_another_message(
    queue: Queue, root: Path
) -> None:
    fill(queue, "cheers for the sorting out of it")
    sitting = Sitting(queue, alone, root=root)
    (gone,) = sitting.left(today=date.today())
    queue.forget("web-0")
    fill(queue, "ta ever so much you lot")
    assert queue.waiting(today=date.today())[0].id == gone.key
    assert sitting.accept(gone.key, first_lesson(gone)).ending is Ending.GONE
    assert [group.text for group in sitting.left(today=date.today())] == ["ta ever so much you lot"]


def test_a_lesson_that_cannot_be_written_leaves_the_message_waiting(
    queue: Queue, root: Path
) -> None:
    fill(queue, "cheers for the sorting out of it")
    sitting = Sitting(queue, alone, root=root)
    (group,) = sitting.left(today=date.today())
    (root / "data" / "nlu" / "thanks.half").mkdir()
    with pytest.raises(OSError):
        sitting.accept(group.key, first_lesson(group))
    assert texts(queue) == ["cheers for the sorting out of it"]


@pytest.mark.parametrize(
    ("lesson", "said"),
    [
        (Lesson("cheers for the sorting", "thank"), "did you mean 'thanks'"),
        (Lesson("cheers for the sorting", "report_harm", ("stalkin",)), "did you mean 'stalking'"),
    ],
)
def test_an_unknown_label_is_refused_with_the_nearest_one(lesson: Lesson, said: str) -> None:
    assert said in (refusal(lesson, []) or "")


def test_a_third_message_that_begins_alike_is_refused_as_the_check_would() -> None:
    known = [
        Example(f"what do i do {rest}", "ask_evidence", (), "data/nlu/e.yml:5")
        for rest in ("with the old letters", "about voicemail")
    ]
    assert "would open with 'what do i do'" in (
        refusal(Lesson("what do i do if they delete every post", "ask_evidence"), known) or ""
    )


# --- grouping


def test_groups_hold_what_is_alike_to_their_middle() -> None:
    import numpy as np

    vectors = np.array([[1, 0], [0, 1], [0.99, 0.14], [0.95, 0.31]], dtype=np.float32)
    assert sorted(map(sorted, groups(vectors, alike=0.9))) == [[0, 2, 3], [1]]


@pytest.mark.timeout(1200)
def test_a_thousand_messages_are_grouped_and_proposed() -> None:
    files = ("validation.yml", "danger_validation.yml")
    rows = [row for f in files for row in yaml.safe_load((ROOT / "tests" / f).read_text())][:1000]
    assert len(rows) == 1000
    waiting = [Waiting(n, row["text"], TODAY, "x", 0.1) for n, row in enumerate(rows)]
    proposer = Proposer(Settings().model)
    found = proposer.propose(waiting)
    assert sum(len(p.members) for p in found) == 1000
    right = [
        p.read().intent == rows[p.members[0].id]["intent"]
        for p in found
        if rows[p.members[0].id].get("intent")
    ]
    assert sum(right) / len(right) > 0.8
    nearest = [p.read().nearest for p in found]
    assert all(len(near) == 3 and near[0][0] >= near[2][0] for near in nearest)


@pytest.mark.timeout(1200)
def test_the_screen_takes_one_key_for_each_group(tmp_path: Path) -> None:
    """Accept one with another harm, discard one, on a copy of the project with a real model."""
    project = with_model(copy_of_project(tmp_path / "project"))
    file = tmp_path / "review.db"
    queue = Queue(file, days=30, secret=SECRET)
    today = date.today()
    for n, text in enumerate(
        (
            "the lad from the chippy keeps putting my gaff number on the group",
            "the lad from the chippy put my gaff number on the group again",
            "zzz qqq nonsense words here",
        )
    ):
        queue.add(f"web-{n}", text, intent="nlu_fallback", confidence=0.2, today=today)
    settings = {"WAYMARK_REVIEW": str(file), "WAYMARK_SECRET": SECRET.decode()}
    listed = waymark_in(project, "review", "--list", **settings)
    assert "3 messages in 2 groups" in listed.stdout, listed.stderr
    typed = "i\nreport_h\nh\ndox\na\nx\n"
    done = waymark_in(project, "review", typed=typed, **settings)
    assert done.returncode == 0 and "wrote data/nlu/report_harm_doxxing.yml:" in done.stdout
    assert not queue.waiting(today=today)
    last = (project / "data/nlu/report_harm_doxxing.yml").read_text().splitlines()[-1]
    assert "metadata: {harm_types: [doxxing]" in last and "gaff" in last
    assert "Nothing waits" in waymark_in(project, "review", **settings).stdout

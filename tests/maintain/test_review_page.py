"""The review queue as a page: a real browser, a real queue, the real model; and who is kept out."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from bot.review.queue import Queue
from tests.maintain.project import copy_of_project, with_model
from tests.support.browser import NOTHING, WATCH, launched, stored, violations

SECRET = b"s" * 32
CHIPPY = "the lad from the chippy keeps putting my gaff number on the group"
CHIPPY_AGAIN = "the lad from the chippy put my gaff number on the group again"
TAPE = "can i tape what he shouts at me down the landline"
pytestmark = pytest.mark.timeout(1200)
# How long something may be awaited, in ms: a busy machine is slow, not wrong.
PATIENCE = 120_000
# After so many seconds without an address the page hangs: it is ended, and says where it stood.
HANGS = 240


class Review:
    """``waymark review --web`` on a copy of the project, with a queue that tests fill."""

    def __init__(self, folder: Path) -> None:
        self.project = with_model(copy_of_project(folder / "project"))
        self.file = folder / "review.db"
        self.queue = Queue(self.file, days=30, secret=SECRET)
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from bot.cli import main; main()", "review", "--web"],
            cwd=self.project,
            env={
                **os.environ,
                "PYTHONPATH": str(self.project),
                "PYTHONFAULTHANDLER": "1",
                "PYTHONUNBUFFERED": "1",
                "WAYMARK_REVIEW": str(self.file),
                "WAYMARK_SECRET": SECRET.decode(),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        printed = iter(self.process.stdout)
        hangs = threading.Timer(HANGS, self.process.send_signal, (signal.SIGABRT,))
        hangs.start()
        self.address = next((line.strip() for line in printed if line.startswith("http")), "")
        hangs.cancel()
        assert self.address, "the page's address was never printed; where it stood is above"

    @property
    def origin(self) -> str:
        return self.address.partition("/#")[0]

    @property
    def key(self) -> str:
        return self.address.partition("#")[2]

    def fill(self, *said: str) -> None:
        """Let these messages wait, and no others."""
        with sqlite3.connect(self.file) as database:
            database.execute("DELETE FROM waiting")
        for n, text in enumerate(said):
            self.queue.add(f"w-{n}", text, intent="x", confidence=0.2, today=date.today())

    def waiting(self) -> list[str]:
        return [item.text for item in self.queue.waiting(today=date.today())]

    def last_line(self, name: str) -> str:
        return (self.project / "data" / "nlu" / name).read_text().splitlines()[-1]

    def ask(self, path: str, *, method: str = "GET", **headers: str) -> requests.Response:
        """Ask past the browser, with the right key unless another is given."""
        given = {"Authorization": f"Bearer {self.key}", **headers}
        body = '{"id": 1}' if method == "POST" else None
        return requests.request(method, self.origin + path, headers=given, data=body, timeout=120)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=120)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as running:
        expect.set_options(timeout=PATIENCE)
        yield running
        expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def review(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    """Return the page's server; it starts with one message, so that the model is read once."""
    folder = tmp_path_factory.mktemp("review")
    Queue(folder / "review.db", days=30, secret=SECRET).add(
        "w", TAPE, intent="x", confidence=0.1, today=date.today()
    )
    running = Review(folder)
    yield running
    if running.process.poll() is None:
        running.stop()


Opened = Callable[..., Page]


@pytest.fixture
def window(browser: Browser, review: Review) -> Iterator[Opened]:
    """Open the printed address in a profile of its own.

    When the test ends, each page has run without an error, broken no policy, asked nobody but its
    own server, and stored nothing.
    """
    problems: list[str] = []
    pages: list[Page] = []

    def opened(address: str = "", **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((review.origin, "data:"))
                else problems.append(request.url)
            ),
        )
        pages.append(page)
        page.goto(address or review.address)
        return page

    yield opened
    for page in pages:
        problems += page.evaluate("window.violations")
        problems += [] if (kept := stored(page)) == NOTHING else [f"stored {kept}"]
        page.context.close()
    assert not problems


def sees(page: Page, place: str) -> None:
    """Wait until the page shows a group and has said what it did."""
    expect(page.locator("#place")).to_have_text(place)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_group_is_shown_with_all_that_helps_to_judge_it(review: Review, window: Opened) -> None:
    review.fill(CHIPPY, CHIPPY_AGAIN, "he is in Perth and i am in Cardiff, can the cops act")
    page = window()
    sees(page, "Group 1 of 2")
    assert review.key not in page.url
    expect(page.locator("#messages")).to_contain_text(CHIPPY_AGAIN)
    group = page.locator("#group")
    expect(group.locator("dl")).to_contain_text("report_harm")
    expect(group.locator("dl")).to_contain_text("doxxing")
    expect(group.locator("#nearest li")).to_have_count(3)
    expect(group.locator("#nearest li").first).to_contain_text("data/nlu/report_harm_")
    expect(page.get_by_label("Message")).to_have_value(CHIPPY)
    expect(page.get_by_role("checkbox", name="doxxing")).to_be_checked()
    press(page, "s")
    sees(page, "Group 2 of 2")
    expect(group.locator("dl")).to_contain_text("england_wales")
    press(page, "b")
    sees(page, "Group 1 of 2")
    assert len(review.waiting()) == 3


def test_one_key_accepts_one_key_discards_and_the_keyboard_is_enough(
    review: Review, window: Opened
) -> None:
    review.fill(CHIPPY, CHIPPY_AGAIN, "mumbo jumbo of no use to anybody here")
    page = window()
    sees(page, "Group 1 of 2")
    press(page, "a")
    sees(page, "Group 1 of 1")
    expect(page.get_by_role("status")).to_contain_text("data/nlu/report_harm_doxxing.yml:")
    expect(page.locator("#place")).to_be_focused()
    assert CHIPPY in review.last_line("report_harm_doxxing.yml")
    press(page, "x")
    expect(page.get_by_role("heading", name="Nothing waits for review")).to_be_focused()
    assert not review.waiting()


def test_text_intent_harms_and_danger_can_be_changed_before_it_is_written(
    review: Review, window: Opened
) -> None:
    review.fill("thing doing the thing to me yet again, it never ends")
    page = window()
    sees(page, "Group 1 of 1")
    press(page, "t", "ControlOrMeta+a")
    page.keyboard.type("axes flew by my head and the sixth one is on its way")
    press(page, "Escape", "i")
    page.keyboard.type("report_h")
    press(page, "Escape", "h")
    for box in page.locator("#harms input").all():
        box.set_checked(box.input_value() == "threats")
    press(page, "d" if not page.locator("#danger").is_checked() else "Escape", "a")
    expect(page.get_by_role("heading", name="Nothing waits for review")).to_be_visible()
    assert review.last_line("report_harm_threats.yml") == (
        '  - {text: "axes flew by my head and the sixth one is on its way", '
        "metadata: {harm_types: [threats], danger: true}}"
    )


def test_a_near_copy_is_refused_in_words_and_still_waits(review: Review, window: Opened) -> None:
    review.fill("mumbo jumbo of no use to anybody here")
    page = window()
    sees(page, "Group 1 of 1")
    page.get_by_label("Intent").select_option("ask_evidence")
    page.get_by_label("Message").fill("how do i get email headers")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("alert")).to_contain_text("stands in ask_evidence already")
    expect(page.get_by_role("alert")).to_contain_text("data/nlu/")
    assert review.waiting()


def test_two_windows_on_one_queue_do_not_write_twice(review: Review, window: Opened) -> None:
    review.fill("my paper round boss flogs snaps of me off the beach to blokes")
    first, second = window(), window()
    for page in (first, second):
        sees(page, "Group 1 of 1")
        page.get_by_label("Intent").select_option("report_harm")
    before = nlu(review)
    press(first, "a")
    expect(first.get_by_role("status")).to_contain_text("Written to")
    press(second, "a")
    expect(second.get_by_role("status")).to_contain_text("waits no more")
    assert len(nlu(review)) == len(before) + 1


def nlu(review: Review) -> list[str]:
    """Return every line of the training messages."""
    files = sorted((review.project / "data" / "nlu").glob("*.yml"))
    return [line for file in files for line in file.read_text().splitlines()]


def test_what_the_person_deleted_meanwhile_is_not_taught(review: Review, window: Opened) -> None:
    review.fill(TAPE)
    page = window()
    sees(page, "Group 1 of 1")
    before = nlu(review)
    review.queue.forget("w-0")
    press(page, "a")
    expect(page.get_by_role("status")).to_contain_text("waits no more")
    assert nlu(review) == before


def test_a_message_is_never_more_than_text(review: Review, window: Opened) -> None:
    hostile = '<img src=x onerror="window.ran=1"><script>window.ran=1</script> he says hello'
    review.fill(hostile)
    page = window()
    expect(page.locator("#messages li")).to_have_text(hostile)
    assert page.evaluate("window.ran") is None


def test_single_keys_can_be_switched_off_and_never_act_while_somebody_types(
    review: Review, window: Opened
) -> None:
    review.fill(TAPE)
    page = window()
    sees(page, "Group 1 of 1")
    page.get_by_label("Message").press("x")
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Use single keys").uncheck()
    press(page, "x")
    page.get_by_label("Use single keys").check()
    expect(page.locator("#place")).to_have_text("Group 1 of 1")
    assert review.waiting() == [TAPE]


@pytest.mark.parametrize(
    "options",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        # 1280 by 1024 at 400 %
        {"viewport": {"width": 320, "height": 256}},
    ],
    ids=["light", "dark", "400 %"],
)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    options: dict[str, object], review: Review, window: Opened
) -> None:
    review.fill(CHIPPY, CHIPPY_AGAIN, "https-" + "x" * 200)
    page = window(**options)
    sees(page, "Group 1 of 2")
    page.get_by_text("Keys", exact=True).click()
    assert not violations(page)
    page.get_by_label("Message").fill("")
    press(page, "Escape", "a")
    expect(page.get_by_role("alert")).to_contain_text("no word")
    assert not violations(page)
    for _ in range(2):
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(wide)
        press(page, "s")
    review.fill()
    page.reload()
    expect(page.get_by_role("heading", name="opened without its key")).to_be_visible()
    assert not violations(page)


@pytest.mark.parametrize("path", ["/queue", "/accept", "/discard", "/nothing/here"])
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "Basic {key}", "Bearer {key}x"])
def test_without_the_key_nothing_is_read_or_settled(review: Review, path: str, given: str) -> None:
    review.fill(TAPE)
    for method in ("GET", "POST"):
        header = given.format(key=review.key)
        answer = review.ask(path, method=method, Authorization=header)
        assert answer.status_code == 401 and "tape" not in answer.text
    assert review.waiting() == [TAPE]


@pytest.mark.parametrize("path", ["/", "/review.js", "/queue"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "attacker.example"},
        {"Host": "attacker.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1.attacker.example:{port}"},
        {"Origin": "http://attacker.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:{port}"},
        {"Origin": "https://127.0.0.1:{port}"},
    ],
    ids=lambda headers: " ".join(*headers.items()).replace("/", ""),
)
def test_another_name_or_another_site_is_refused_even_with_the_key(
    review: Review, path: str, headers: dict[str, str]
) -> None:
    port = review.origin.rpartition(":")[2]
    forged = {name: value.format(port=port) for name, value in headers.items()}
    answer = review.ask(path, **forged)
    assert answer.status_code == 403 and len(answer.content) < 100


def test_every_answer_is_closed_to_other_sites_and_never_kept(review: Review) -> None:
    for path, status in (("/", 200), ("/queue", 200), ("/nothing", 404)):
        answer = review.ask(path)
        assert answer.status_code == status
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert review.key not in answer.text


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"id": "x"}', '{"id": 1, "text": 3}', "x" * 20_000]
)
def test_a_body_that_makes_no_sense_is_refused_without_a_traceback(
    review: Review, body: str
) -> None:
    answer = requests.post(
        f"{review.origin}/accept",
        data=body,
        headers={"Authorization": f"Bearer {review.key}"},
        timeout=120,
    )
    assert answer.status_code in (400, 413) and len(answer.content) < 100


def test_it_listens_on_this_machine_only(review: Review) -> None:
    port = int(review.origin.rpartition(":")[2])
    listening = [
        line.split()[1]
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].rpartition(":")[2], 16) == port
    ]
    assert [address.partition(":")[0] for address in listening] == ["0100007F"]


def test_a_page_without_its_key_or_without_its_command_says_what_to_do(
    review: Review, window: Opened
) -> None:
    """The last test of this server: it ends it."""
    review.fill(TAPE)
    locked = window(review.origin + "/")
    expect(locked.get_by_role("heading", name="opened without its key")).to_be_visible()
    page = window()
    sees(page, "Group 1 of 1")
    review.stop()
    press(page, "x")
    expect(page.get_by_role("heading", name="The review has ended")).to_be_visible()
    assert review.waiting() == [TAPE]

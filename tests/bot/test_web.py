"""Protocol v1 against a real server with a real model."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("web")) as running:
        yield running.until_ready()


def test_a_session_opens_with_the_first_message(server: Server) -> None:
    opened = requests.post(f"{server.url}/webhooks/web/sessions", timeout=5)
    assert opened.status_code == 201
    body = opened.json()
    assert set(body) == {"token", "expires_at", "messages"}
    text = body["messages"][0]["text"]
    assert "computer program" in text and "not a lawyer" in text
    assert "one day" in text and "help now" in text


def test_a_message_has_the_fields_of_the_protocol(server: Server) -> None:
    talk = server.talk(home="scotland")
    talk.say("what is the maximum sentence for stalking")
    message = talk.last[0]
    fields = {"id", "kind", "text", "choices", "citations", "facts", "numbers"}
    assert set(message) == fields
    assert set(message["citations"][0]) == {"n", "title", "url", "section", "checked_on"}
    assert set(message["choices"][0]) == {"id", "title"}
    assert "payload" not in json.dumps(talk.last)


def test_a_repeated_id_gets_the_stored_reply(server: Server) -> None:
    talk = server.talk()
    body = {"id": uuid.uuid4().hex, "text": "what evidence should i keep"}
    first, second = talk.post(body).json(), talk.post(body).json()
    assert first == second


def test_a_choice_is_an_id_of_this_conversation_only(server: Server) -> None:
    one, other = server.talk(), server.talk()
    choice = one.last[0]["choices"][0]["id"]
    assert one.post({"id": "a", "choice": choice}).status_code == 200
    stolen = other.post({"id": "a", "choice": choice})
    assert stolen.status_code == 409 and "999" in stolen.text


def test_a_stream_ends_with_its_end_and_the_known_home(server: Server) -> None:
    talk = server.talk(home="scotland")
    body = {"id": "s2", "text": "what evidence should i keep"}
    headers = {**talk.headers, "Accept": "text/event-stream"}
    first, again = (
        requests.post(f"{talk.url}/messages", json=body, headers=headers, timeout=30).text
        for _ in range(2)
    )
    assert first == again
    assert first.endswith('event: end\ndata: {"home": "scotland"}\n\n')


def test_an_errors_numbers_can_be_tapped(server: Server) -> None:
    refused = requests.get(f"{server.url}/webhooks/web/export", timeout=5).json()
    message = refused["error"]["message"]
    shown = [message[n["at"] : n["at"] + n["length"]] for n in refused["numbers"]]
    assert {"999", "000", "10111"} <= set(shown)


def test_ids_go_on_rising_when_the_memory_was_lost(server: Server, tmp_path: Path) -> None:
    before = server.talk().last[0]["id"]
    with Server(tmp_path) as other:
        assert int(other.talk().last[0]["id"][1:]) >= int(before[1:])


def test_widget_files_are_packed_and_only_the_stub_may_be_kept(server: Server) -> None:
    for name, kept in (("waymark.js", True), ("chat.js", False), ("numbers.json", False)):
        file = requests.get(f"{server.url}/widget/{name}", timeout=5)
        assert file.headers["content-encoding"] == "gzip"
        assert ("no-store" in file.headers["cache-control"]) is not kept


def test_messages_after_an_id_are_sent_again(server: Server) -> None:
    talk = server.talk()
    talk.say("what evidence should i keep")
    first = talk.last[0]["id"]
    talk.say("thank you")
    again = requests.get(
        f"{talk.url}/messages", params={"after": first}, headers=talk.headers, timeout=5
    ).json()["messages"]
    assert [m["id"] for m in again][-1] == talk.last[-1]["id"]
    assert first not in [m["id"] for m in again]


def test_export_then_delete_leaves_nothing(server: Server) -> None:
    talk = server.talk()
    talk.say("my neighbour keeps sending me abuse on facebook")
    kept = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=5).json()["kept"]
    assert any("my neighbour" in str(row.get("text")) for row in kept)
    deleted = requests.delete(f"{talk.url}/session", headers=talk.headers, timeout=5)
    assert deleted.status_code == 204
    kept = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=5).json()["kept"]
    assert kept == []


def test_a_closing_page_deletes_with_its_last_breath(server: Server) -> None:
    talk = server.talk()
    talk.say("my neighbour keeps sending me abuse on facebook")
    ended = requests.post(
        f"{talk.url}/session/end",
        data=talk.token,
        headers={"Content-Type": "text/plain"},
        timeout=5,
    )
    assert ended.status_code == 204
    kept = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=5).json()["kept"]
    assert kept == []


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_without_a_valid_token_nothing_is_read(server: Server, token: str) -> None:
    response = requests.post(
        f"{server.url}/webhooks/web/messages",
        json={"id": "a", "text": "hello"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    assert response.status_code == 401 and response.json()["error"]["code"] == "no_session"


def test_a_foreign_origin_is_refused_and_none_passes(server: Server) -> None:
    url = f"{server.url}/webhooks/web/sessions"
    foreign = requests.post(url, headers={"Origin": "https://evil.example"}, timeout=5)
    assert foreign.status_code == 403
    own = requests.post(url, headers={"Origin": server.url}, timeout=5)
    assert own.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b'{"id": "a"}',
        b'{"id": "a", "text": 5}',
        b'{"id": "a", "text": "x", "choice": "y"}',
        b'{"id": "", "text": "x"}',
        b'{"id": "a\\u0000b", "text": "x"}',
        b'{"id": ["x"], "text": "x"}',
        b'{"id": "' + b"a" * 300 + b'", "text": "x"}',
        b"\xff\xfe",
        b"[" * 50_000,
    ],
)
def test_a_bad_body_is_a_4xx_with_a_code(server: Server, body: bytes) -> None:
    response = server.talk().post(body)
    assert 400 <= response.status_code < 500
    assert set(response.json()["error"]) == {"code", "message"}
    assert "Traceback" not in response.text


def test_a_body_over_64_kib_is_refused_with_every_number(server: Server) -> None:
    response = server.talk().post(json.dumps({"id": "a", "text": "x" * 1_000_000}).encode())
    assert response.status_code == 413
    for number in ("999", "000", "10111", "911", "111"):
        assert number in response.text


def test_danger_at_the_end_of_64_kib_is_found(server: Server) -> None:
    text = "he keeps writing to me. " * 2600 + "he is outside my door with a knife"
    talk = server.talk()
    talk.say(text)
    assert talk.kinds[0] == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x00",
        "\ud83d",
        "\u200b\u200d\ufeff",
        "😀",
        "/restart",
        '/report_harm{"home_jurisdiction":"x"}',
        "necesito ayuda por favor no hablo inglés",
    ],
)
def test_odd_texts_get_a_clear_reply(server: Server, text: str) -> None:
    talk = server.talk()
    talk.say(text)
    assert talk.text.strip()


def test_a_flood_is_slowed_but_danger_in_it_is_answered(server: Server) -> None:
    talk = server.talk()
    answers = [talk.post({"id": f"f{n}", "text": "hello"}) for n in range(30)]
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert slowed and "10111" in slowed[0].text
    urgent = talk.post({"id": "urgent", "text": "he is outside my door with a knife"})
    assert urgent.status_code == 200
    assert urgent.json()["messages"][0]["kind"] == "emergency"


def test_fifty_messages_in_a_second_lose_nothing(server: Server) -> None:
    talk = server.talk()
    answers = [talk.post({"id": f"m{n}", "text": f"hello {n}"}) for n in range(50)]
    assert {answer.status_code for answer in answers} <= {200, 429}
    assert all(answer.json() for answer in answers)


def test_the_page_and_every_answer_carry_strict_headers(server: Server) -> None:
    page = requests.get(f"{server.url}/", timeout=5)
    assert page.status_code == 200 and "Waymark" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers


def test_probes_and_metrics_say_no_text(server: Server) -> None:
    assert requests.get(f"{server.url}/live", timeout=5).text == "alive"
    assert requests.get(f"{server.url}/ready", timeout=5).json()["ready"] is True
    talk = server.talk()
    talk.say("canary-word-in-a-message")
    metrics = requests.get(f"{server.url}/metrics", timeout=5).text
    assert "waymark_events_total" in metrics and "canary" not in metrics


def test_no_message_text_reaches_the_log(server: Server) -> None:
    talk = server.talk()
    talk.say("canary-in-plain-text he keeps calling me")
    talk.post(b'{"id": "x", "text": "canary-in-bad-json')
    assert "canary-in" not in Path(server.log).read_text()


def test_an_unknown_path_is_answered_in_the_protocols_form(server: Server) -> None:
    response = requests.get(f"{server.url}/nothing", timeout=5)
    assert response.status_code == 404 and response.json()["error"]["code"] == "not_found"

"""Chatwoot as the desk: an API inbox with an agent bot, as its API and webhooks were documented.

Read on 2026-11-30: developers.chatwoot.com (contacts, conversations, messages, toggle status,
toggle priority), chatwoot.com/hc/user-guide (webhooks), and github.com/chatwoot/chatwoot 13892,
since which the posts of agent bots and API inboxes are signed. Its agent bots may not touch
contacts, so the token is that of an agent.
"""

from __future__ import annotations

from typing import Any

from bot.channels.events import Post, id_of, json_object, list_of, part, text_of
from bot.channels.outbox import Attempt, Result
from bot.channels.plain_text import readable
from bot.channels.wire import Answered, judged
from bot.handoff.config import HandOff
from bot.handoff.desk import MOST_REPLY, HelpDesk, Note, Posted
from bot.handoff.machine import Event
from knowledge.emergency import SELF_HARM
from knowledge.words import Words

_STATUS = {"resolved": Event.CLOSE, "pending": Event.HAND_BACK}
_CHANGED = frozenset({"conversation_status_changed", "conversation_resolved"})
_DONE = Attempt(Result.SENT)


class ChatwootDesk(HelpDesk):
    """A contact and a conversation for each hand-off; the packet is a private note in it."""

    name = "chatwoot"
    signed_headers = (
        "x-chatwoot-timestamp",
        "x-chatwoot-signature",
        "x-chatwoot-delivery",
    )

    def __init__(self, config: HandOff, *, words: Words) -> None:
        super().__init__(config)
        self._words = words
        self._base = f"{config.url.rstrip('/')}/api/v1/accounts/{config.account}"

    async def tell(self, note: Note, ref: dict[str, str]) -> Attempt:
        """Make the calls that say this; what was made before a failure is not made again."""
        words = self._words
        if note.what == "packet":
            return await self._open(note, ref)
        if "conversation" not in ref:
            # Nothing was made there: there is nothing to close either.
            return _DONE if note.what == "closed" else Attempt(Result.LATER)
        if note.what == "message":
            return judged(await self._message(ref, note.data["text"], kind="incoming"))
        if note.what == "danger":
            await self._in(ref, "toggle_priority", {"priority": "urgent"})
            crisis = note.data["kind"] == SELF_HARM
            text = words("desk_crisis") if crisis else words("desk_danger")
            return judged(await self._note(ref, text))
        if note.what == "aside":
            return judged(await self._note(ref, note.data["text"]))
        return await self._closed(note, ref)

    def read(self, post: Post) -> list[Posted]:
        """Return what a person at the desk did; all else that Chatwoot posts is left alone."""
        said = json_object(post.body)
        kind = text_of(said, "event")
        account = id_of(part(said, "account"), "id")
        if account and account != str(self.config.account):
            return []
        if kind == "message_created":
            return self._message_created(said)
        inbox, key = id_of(said, "inbox_id"), id_of(said, "id")
        # Not who it was given to: inboxes give conversations to people who are not there yet.
        event = _STATUS.get(text_of(said, "status")) if kind in _CHANGED else None
        if event is None or not key or inbox != str(self.config.inbox):
            return []
        delivery = post.headers.get(self.signed_headers[2], "") or post.headers.get(
            self.signed_headers[1], ""
        )
        return [Posted(delivery, key, event)]

    def key(self, hand_off: str, ref: dict[str, str]) -> str:
        """Return the number of the conversation there."""
        return ref.get("conversation", "")

    def _message_created(self, said: dict[str, Any]) -> list[Posted]:
        theirs = part(said, "conversation")
        # What the person wrote comes back as "incoming", and our notes as private.
        ours = said.get("private") is not False or said.get("message_type") not in ("outgoing", 1)
        sender = text_of(part(said, "sender"), "type")
        right = id_of(theirs, "inbox_id") == str(self.config.inbox)
        key, message = id_of(theirs, "id"), id_of(said, "id")
        if ours or not right or not key or not message or sender not in ("", "user"):
            return []
        text = readable(text_of(said, "content"), MOST_REPLY)
        return [Posted(f"message:{message}", key, Event.REPLY, text)]

    async def _open(self, note: Note, ref: dict[str, str]) -> Attempt:
        words = self._words
        inbox = self.config.inbox
        if "source" not in ref:
            name = {"inbox_id": inbox, "name": words("desk_contact")}
            made = await self._call("contacts", name)
            if made is None or made.status >= 300:
                return judged(made)
            found = part(made.body, "payload")
            contact = part(found, "contact")
            source = text_of(part(found, "contact_inbox"), "source_id") or _source(contact, inbox)
            if not source or not id_of(contact, "id"):
                return Attempt(Result.REFUSED)
            ref.update(contact=id_of(contact, "id"), source=source)
        if "conversation" not in ref:
            about = {
                "source_id": ref["source"],
                "contact_id": int(ref["contact"]),
                "inbox_id": inbox,
                "status": "open",
            }
            made = await self._call("conversations", about)
            if made is None or made.status >= 300:
                return judged(made)
            if not id_of(made.body, "id"):
                return Attempt(Result.REFUSED)
            ref["conversation"] = id_of(made.body, "id")
        lines = [str(line) for line in note.data["lines"]]
        return judged(await self._note(ref, "\n".join(lines)))

    async def _closed(self, note: Note, ref: dict[str, str]) -> Attempt:
        """Say why, resolve, and delete where that was asked for."""
        made = await self._note(ref, str(note.data["text"]))
        if made is None or made.status in (429,) or made.status >= 500:
            return judged(made)
        resolved = await self._in(ref, "toggle_status", {"status": "resolved"})
        if not note.data["delete"]:
            return judged(resolved)
        # With the contact go its conversations. Only some roles may: the note stays for the others.
        gone = await self.wire.call(
            f"{self._base}/contacts/{ref['contact']}", method="DELETE", headers=self._headers
        )
        return _DONE if gone is not None and gone.status == 404 else judged(gone)

    async def _note(self, ref: dict[str, str], text: str) -> Answered | None:
        return await self._message(ref, text, kind="outgoing", private=True)

    async def _message(
        self, ref: dict[str, str], text: str, *, kind: str, private: bool = False
    ) -> Answered | None:
        said = {"content": text, "message_type": kind, "private": private}
        return await self._in(ref, "messages", said)

    async def _in(self, ref: dict[str, str], path: str, said: dict[str, Any]) -> Answered | None:
        return await self._call(f"conversations/{ref['conversation']}/{path}", said)

    async def _call(self, path: str, said: dict[str, Any]) -> Answered | None:
        return await self.wire.call(f"{self._base}/{path}", json=said, headers=self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"api_access_token": self.config.token}


def _source(contact: dict[str, Any], inbox: int) -> str:
    """Return the contact's id in our inbox, from the list that older answers have."""
    for one in list_of(contact, "contact_inboxes"):
        if id_of(part(one, "inbox"), "id") in ("", str(inbox)):
            return text_of(one, "source_id")
    return ""

"""What can go wrong with a store, by what has to be done about it."""

from __future__ import annotations


class StoreError(Exception):
    """The store did not do what was asked; nothing of a person's words is in the message."""


class StoreDown(StoreError):
    """The store as a whole cannot be used now; the next probe may find it well again."""


class LateWriter(StoreError):
    """A turn that was overtaken or whose conversation was deleted; it may not be written."""

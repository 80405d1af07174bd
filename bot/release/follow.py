"""Follow the pointer while serving: a new release is loaded beside the old one, then takes over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.model import ModelError, checked
from bot.release.store import to_serve
from bot.settings import Settings

log = logging.getLogger(__name__)
EVERY = 1.0


class Follower:
    """Looks at the pointer, loads what it names on a thread of its own, and hands it over.

    What cannot be served is refused once, in the log, and the model that runs stays.

    Args:
        settings: where the pointer is, and the key.
        load: makes an agent of an archive; may take long, runs on another thread.
        take: receives the agent, on the loop that ``run`` runs on, between two steps of a turn.
        serving: the archive that is served already.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        load: Callable[[Path], Any],
        take: Callable[[Any], None],
        serving: Path | None,
    ) -> None:
        self._settings = settings
        self._load = load
        self._take = take
        self.serving = serving
        self.refused = ""
        self._refused_model: Path | None = None

    async def run(self) -> None:
        """Look again and again, for as long as the server runs."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look()

    async def look(self) -> None:
        """Take the model that the pointer names, if it is another and holds."""
        model: Path | None = None
        try:
            model = to_serve(self._settings)
            if model == self.serving:
                # Back after a refusal: what was refused is tried again if it is named again.
                self.refused, self._refused_model = "", None
                return
            if model == self._refused_model:
                return
            loop = asyncio.get_running_loop()
            agent = await loop.run_in_executor(None, self._checked, model)
        except Exception as error:  # whatever is wrong with a new model, the old one serves on
            what = str(error) if isinstance(error, ModelError) else type(error).__name__
            self._refuse(model, what)
            return
        self._take(agent)
        self.serving, self.refused, self._refused_model = model, "", None
        log.warning("%s: now served", model.parent.name)

    def _checked(self, model: Path) -> Any:
        checked(model, key=self._settings.model_key)
        return self._load(model)

    def _refuse(self, model: Path | None, what: str) -> None:
        refused = f"{model}: {what}" if model else what
        if refused != self.refused:
            log.error("not served: %s: run 'waymark release rollback'", refused)
        self.refused, self._refused_model = refused, model

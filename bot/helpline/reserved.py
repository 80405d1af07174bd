"""Numbers and addresses kept for examples: nobody answers there, so no real helpline may give them.

The numbers are those that Ofcom keeps for drama, and 555-01xx of North America; the addresses are
those of RFC 2606.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_DIAL = re.compile(
    r"\+44(?:1(?:1[3-8]|[2-6]1)4960|2079460|1914980|2896496|2920180|1632960|7700900|8081570"
    r"|9098790|3069990)\d{3}|\+1\d{3}55501\d\d"
)
_HOST = re.compile(r"(?:.*\.)?(?:example|test|invalid|example\.(?:com|net|org))")


def is_reserved_number(dial: str) -> bool:
    """Say whether a number, as a telephone takes it, is kept for examples."""
    return _DIAL.fullmatch(dial) is not None


def is_reserved_address(url: str) -> bool:
    """Say whether an address is one for examples."""
    return _HOST.fullmatch(urlsplit(url).hostname or "") is not None

"""Rules that look at the words right beside a place: denied, where I live, American guy."""

from __future__ import annotations

from bot.places import cues
from bot.places.look import Judged, Look
from bot.places.people import is_victim

_BELIEVES = frozenset(
    {"think", "thinks", "thought", "believe", "believes", "believed", "assumes", "reckons"}
)


def weak(look: Look) -> Judged | None:
    """Return whom a currency or a dial code hints at: my number, his number, I paid in rand."""
    if not look.place.weak:
        return None
    near = look.words[look.start : look.first]
    after = look.after
    if look.place.type == "dial_code":
        if "my" in near[-4:]:
            return look.judged("home", 1)
        tied = not cues.NUMBERLIKE.isdisjoint(near) or not cues.MESSAGES.isdisjoint(near)
        tied = tied or not cues.SOMEBODY.isdisjoint(near)
        tied = tied or after in cues.DOES | cues.NUMBERLIKE or after.isdigit()
        return look.judged("perpetrator" if tied else "unknown", 1)
    mine = {"i", "my", "we", "our"}.intersection(near)
    his = cues.SOMEBODY.intersection(near)
    if his and not mine and look.prep in cues.IN and look.gov in cues.PAYS:
        return look.judged("perpetrator", 1)
    return look.judged("home" if mine and not his else "unknown", 1)


def denied(look: Look) -> Judged | None:
    """Return "none" for a place that is denied or taken back: not in the UK, by mistake."""
    after = look.words[look.last : look.last + 5]
    taken_back = after[:2] == ("by", "accident") or after[:2] == ("by", "mistake")
    if taken_back or ("but" in after and after[-2:] == ("'m", "not")):
        return look.judged("none", 0)
    said_by_us = look.words[max(look.start, look.first - 6) : look.first]
    if "you" in said_by_us and {"think", "thought", "assumed", "keep"}.intersection(said_by_us):
        return look.judged("none", 0)
    if _only_believed(look):
        return look.judged("none", 0)
    at = look.first - 1
    while at >= look.start and at > look.first - 7:
        word = look.words[at]
        if word in cues.NEGATORS or (word == "longer" and look.word(at - 1) == "no"):
            return look.judged("none", 0)
        if word not in cues.NOT_BEFORE:
            return None
        at -= 1
    return None


def _only_believed(look: Look) -> bool:
    """He thinks I'm in Leicester; I told him I live in Cardiff: said or believed, not so."""
    for at in range(look.first - 1, max(look.start, look.first - 7), -1):
        if look.words[at] in cues.I:
            thinks = look.word(at - 1) in ("that", "still") and at - 1 > look.start
            before = at - 2 if thinks else at - 1
            told = look.word(before) in ("him", "them", "her") and look.word(before - 1) == "told"
            thinks = look.word(before) in _BELIEVES and look.word(before - 1) in cues.SOMEBODY
            return told or thinks
    return False


def where_somebody_is(look: Look) -> Judged | None:
    """Leeds, where I live; Leeds is where he is; Leeds is my home."""
    after = look.words[look.last : look.last + 6]
    if after[:1] == ("here",) and not {"he", "she", "they"}.intersection(after):
        return look.judged("home", 3)
    if after[:1] == ("for",) and after[1:2]:
        if after[1] in ("me", "us"):
            return look.judged("home", 4)
        if after[1] in ("him", "her", "them"):
            return look.judged("perpetrator", 4)
    if said_late := _said_late(look):
        return said_late
    if "all" in after and "know" in look.words[look.last : look.end][:8]:
        return look.judged("perpetrator", 3)
    told = len(after) > 3 and after[0] == "," and after[1] in cues.HE and after[2] in cues.BE
    if look.prep == "from" and told and after[3] in ("my", "an", "the"):
        return look.judged("perpetrator", 3)  # Craig from Leeds, he's my ex
    if after[:2] == ("with", "me") and look.gov in ("went", "go", "came", "flew"):
        return look.judged("none", 0)
    if after[:2] == ("by", "the") and after[2:3] and after[2] in ("sound", "sounds", "looks"):
        return look.judged("perpetrator", 3)
    for at, word in enumerate(after):
        if word == "where" and at + 1 < len(after):
            if after[at + 1] in cues.I:
                then = look.words[look.last + at + 2 : look.last + at + 3]
                was = bool(then) and then[0] in cues.WAS
                return look.judged("none", 0) if was else look.judged("home", 4)
            theirs = after[at + 1] in cues.SOMEBODY | {"my", "the", "his", "her"}
            return look.judged("perpetrator", 4) if theirs else None
        if word == "my" and at and after[at - 1] in ("is", "'s") and after[at + 1 :]:
            return look.judged("home", 3) if after[at + 1] in ("home", "hometown") else None
        if word not in (",", "which", "is", "'s", "thats", "that", "-", "(", "and", "the", "."):
            return None
    return None


def _said_late(look: Look) -> Judged | None:
    """It is Glasgow he lives in; it was Cork that she came from."""
    at = look.last
    if at < look.end and look.words[at] in ("that", "which"):
        at += 1
    end = at
    while end < look.end and look.words[end] not in cues.CLAUSE_END:
        if look.place_at(end):
            return None
        end += 1
    if at < look.end and look.words[at] in ("my", "his", "her", "the"):
        at += 1
    who = look.words[at] if at < end else ""
    said = look.words[at + 1 : end]
    if cues.IS_THERE.isdisjoint(said) or len(said) > 6:
        return None
    opened = look.words[max(look.start, look.first - 4) : look.first]
    late = {"it", "its"}.intersection(opened) and {"is", "'s", "was"}.intersection(opened)
    stranded = [word for word in said if word not in cues.TRAILING]
    left_over = stranded[-1:] in (["in"], ["from"], ["at"])
    if not left_over and not (late and look.words[look.last] == "that"):
        return None
    if who in cues.I:
        return look.judged("none" if cues.WAS.intersection(said[:1]) else "home", 4)
    if who in cues.ANYBODY:
        return look.judged("perpetrator", 2 if cues.WAS.intersection(said[:1]) else 4)
    return None


def noun_after(look: Look) -> Judged | None:
    """An American guy, Leeds police, a UK number, Scottish law."""
    if look.place.type in ("police", "court"):
        return look.judged("home", 2)
    at = look.last
    if at < look.end and look.words[at] == "based":
        at += 1
    noun = look.words[at] if at < look.end else ""
    if noun in cues.FORCES:
        return look.judged("none", 0)
    if noun in cues.LAWYERS and look.word(look.first - 1) in ("a", "an", "some"):
        return look.judged("none", 0)
    if noun in cues.POLICE or (noun in cues.LAW and look.prep not in cues.IN):
        return look.judged("home", 2)
    if (
        look.gov in cues.POLICE
        and look.prep in cues.IN
        and cues.CAUGHT.intersection(look.words[look.last : look.last + 3])
    ):
        # The police who have him are where he is.
        return look.judged("perpetrator", 3)
    is_one = look.word(look.gov_at - 1) in ("a", "an")  # he is a cop in Leeds
    if look.gov in cues.POLICE and look.prep in cues.IN and not is_one:
        return look.judged("home", 2)
    if look.gov in cues.LEGAL and look.prep in cues.IN:
        return look.judged("home", 4)
    if look.gov in ("hosted", "registered", "servers", "server", "stored"):
        return look.judged("none", 0)
    before = look.word(look.first - 1)
    mine = before in ("my", "our")
    if noun in cues.NUMBERLIKE and before not in cues.IN:
        has = look.words[max(look.start, look.first - 4) : look.first]
        if not cues.I.isdisjoint(has) and not cues.HOLDS.isdisjoint(has):
            return look.judged("home", 1)
        return look.judged("home" if mine else "perpetrator", 2)
    if noun in cues.GROUP:
        return look.judged("none" if look.place.type == "demonym" else "home", 1)
    article = before in cues.ARTICLES
    direct = before in cues.IN or before in ("from", "to")
    direct = direct or (before == "the" and look.prep != "" and look.place.type != "demonym")
    if direct and at == look.last:
        return None
    next_noun = look.words[at + 1] if at + 1 < look.end else ""
    described = noun not in cues.PERSON_OR_FAMILY and next_noun in cues.PERSON and noun.isalpha()
    if described and (article or look.place.type == "demonym"):
        at, noun = at + 1, next_noun
    if noun in cues.NEIGHBOUR and before not in ("former", "ex", "old"):
        return look.judged("both", 3)
    demonym = look.place.type == "demonym" and article
    alone = at == look.last and (not noun or not noun.isalpha() or noun in cues.AFTER_PERSON)
    if noun in cues.PERSON and not article and not direct and _tells_age(look, at + 1):
        return look.judged("home", 3)
    if noun in cues.PERSON or (demonym and alone):
        # Where somebody is goes before what they are called: "I'm a Scottish nurse in Leeds".
        return look.judged("home", 2) if _says_of_self(look) else look.judged("perpetrator", 3)
    if demonym and noun not in cues.FAMILY:
        # An Australian nurse may be the writer; an American board or a Swiss knife is nobody.
        return look.judged("home", 2) if _says_of_self(look) else look.judged("none", 0)
    if noun in cues.FAMILY and (mine or article):
        if _says_of_self(look):
            return look.judged("home", 2)
        victim = is_victim(look.words, at)
        return look.judged("home" if victim else "perpetrator", 3)
    return None


def _says_of_self(look: Look) -> bool:
    """I'm a Scottish girl; as an Australian woman."""
    at = look.first - 1
    while at >= max(look.start, look.first - 6):
        word = look.words[at]
        if word in ("'m", "am", "as"):
            return True
        if word in cues.HE or word in cues.PERSON or word in ("by", "with", "from", "me"):
            return False
        at -= 1
    return False


def _tells_age(look: Look, at: int) -> bool:
    """Return whether the writer speaks of himself: Leeds girl here; Embra lass, 22, being ..."""
    after = look.words[at : at + 2]
    return after[:1] == ("here",) or (after[:1] == (",",) and after[-1].isdigit())


def past(look: Look) -> Judged | None:
    """Return "none" for where somebody was before or only met: used to live in, moved from."""
    before = look.words[max(look.start, look.gov_at - 3) : look.gov_at]
    since = cues.NOW.intersection(look.words[look.gov_at + 1 : look.first])
    onward = look.prep == "to" and look.gov in ("left", "leaving")
    if look.gov in cues.PAST and not (since or onward or cues.PERFECT.intersection(before)):
        return look.judged("none", 0)
    if since or look.gov in cues.THIRD or look.gov in ("'m", "am", "'re"):
        return None
    near = look.words[max(look.start, look.p - 4) : look.p + 1] if look.prep else ()
    lived = look.words[max(look.start, look.p - 3) : look.p] if look.prep in cues.IN else ()
    long = look.words[max(look.start, look.p - 6) : look.p]
    if "lived" in lived and cues.PERFECT.isdisjoint(long):
        return look.judged("none", 0)
    clause = look.words[max(look.start, look.p - 7) : look.p] if look.prep in cues.IN else ()
    if "used" in clause and not cues.USED_TO.isdisjoint(clause[clause.index("used") :]):
        return look.judged("none", 0)
    if look.prep in cues.IN and look.gov in cues.TRIP and cues.I_AM.isdisjoint(clause):
        return look.judged("none", 0)
    if clause and clause[-1] in ("him", "her", "them") and cues.VISIT.intersection(clause[-2:]):
        return look.judged("none" if clause[-2] in cues.MET else "perpetrator", 3)
    if look.prep == "to" and _goes_to_see(look):
        return look.judged("perpetrator", 3)
    if look.prep == "from":
        moved = look.words[max(look.start, look.p - 3) : look.p]
        to = look.after
        left = (cues.MOVE - {"came", "come", "coming", "run"}).intersection(moved)
        route = to == "to" and look.place_at(look.last + 1) and look.gov not in cues.MESSAGES
        if (
            route
            and look.gov in cues.FUTURE
            and not cues.HE.isdisjoint(look.words[look.start : look.p])
        ):
            return look.judged("perpetrator", 2)  # he'll drive from Leeds to Ayr
        if left or route:
            return look.judged("none", 0)
    elif look.prep in cues.IN and cues.MET.intersection(near):
        return look.judged("none", 0)
    if look.gov in ("left", "leaving") and not look.prep:
        return look.judged("none", 0)
    return None


def _goes_to_see(look: Look) -> bool:
    """I flew to Toronto to meet her."""
    after = look.words[look.last : look.last + 3]
    return (
        len(after) == 3
        and after[0] in ("to", "and")
        and after[1] in cues.VISIT
        and after[2] in ("him", "her", "them", "this")
    )

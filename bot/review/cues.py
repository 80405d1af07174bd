"""The words that the scrubber goes by."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _in_order(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Behind these stands a name.
STRONG = _words(
    """
    named mr mrs ms miss mx dr prof professor pastor reverend rev sir
    """
)

# Behind these stands a name, or what somebody is called.
CALLED = _words(
    """
    called names name's
    """
)

# Behind these often stands a name.
KIN = _words(
    """
    ex husband wife boyfriend girlfriend partner brother sister cousin uncle aunt aunty auntie
    mum mom mam mother dad father son daughter friend mate neighbour neighbor boss manager
    colleague teacher coach officer constable sergeant pc detective inspector sgt landlord
    stepdad stepfather bf gf oom tannie nephew niece fiance fiancé man guy woman girl boy lad
    bloke
    """
)

# Parts of surnames.
PARTICLES = _words(
    """
    van der de du la le von den mac mc o bin al el ten ter st
    """
)

# Words that are always written with a capital letter, and are no name of a person.
CAPITALS = _words(
    """
    i i'm i'll i've i'd monday tuesday wednesday thursday friday saturday sunday january
    february march april may june july august september october november december christmas
    easter english afrikaans zulu xhosa scottish british irish welsh american australian
    canadian police facebook whatsapp instagram snapchat tiktok twitter telegram discord youtube
    google apple android iphone reddit twitch linkedin tinder hinge grindr bumble onlyfans
    signal messenger zoom gmail outlook netflix paypal uber roblox minecraft fortnite xbox
    playstation steam saps netsafe esafety muslim jewish christian hindu sikh black asian god ok
    tv uk usa us nz sa au eu nhs cctv gps sms sim dm dms id pc ai hr vpn airtag airtags
    photoshop pornhub kik skype teams slack vinted ebay gumtree marketplace airdrop bluetooth
    wifi wi-fi
    """
)

# The commonest words: never taken for a name.
STOP = _words(
    """
    a an and are as at be but by can did do does for from had has have he her him his how i if
    in into is it its just me my no not of off on or our out she so some that the their them
    then there they this to too up us was we were what when where which who why will with would
    you your been being about after again all also am any around because before called could
    every get got gone going here im ive id dont doesnt didnt cant wont hes shes theyre isnt
    wasnt now one only over really said says saying still than through under until very while
    police bot
    """
)


# Behind these stands a place.
PLACED = _words("in from at to near county around of outside live lives leave left")

# What a street's name ends with: behind a number, or with capital letters.
STREETS = _in_order(
    """
    street streets str st road roads rd avenue avenues ave lane lanes ln drive drives dr close cl
    court courts ct crescent cres place places pl way terrace tce garden gardens gdns grove square
    squares sq boulevard blvd parade pde highway hwy row walk rise mews view hill park wynd brae
    straat laan weg rylaan circuit cct quay green estate heights house tower towers mansions
    """
)

# The same behind "on" or "at", also in lower case: hardly any of these is another word there.
PLAIN_STREETS = _in_order(
    """
    street road rd avenue ave lane drive close crescent terrace grove straat laan wynd
    """
)

"""The words that tell whose place is meant. Small closed lists, one meaning each."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(text.split())


# The writer.
I = words("i we")  # noqa: E741
# The person doing it, unless a relative was named whom the word means.
HE = words("he she they")
# Nobody in particular; in a question about the law not even the person doing it.
SOMEONE = words("someone somebody sombody someones sum1 som1 anyone person people persons whoever")
BE = words("'m am 's is 're are be being been were was")
# Nouns for the person doing it, and for what they do it with.
PERSON = SOMEONE | words(
    "ex exes guy guys man men bloke blokes dude woman women girl girls boy boys lad lads lass "
    "lassie fella chap oke ou geezer wan boyfriend girlfriend bf gf husband hubby wife partner "
    "stranger strangers stalker stalkers scammer scammers troll trolls hacker hackers "
    "blackmailer catfish creep creeps weirdo psycho account accounts acount acc page profile "
    "user users sender caller colleague colleagues coworker workmate boss manager supervisor "
    "neighbour neighbor neighbours neighbors landlord landlady tenant customer teacher "
    "classmate classmates flatmate roommate housemate gang gangs group perp perpetrator "
    "perpetrators harasser abuser bully bullies offender attacker suspect culprit follower "
    "followers eejit eejits clan exboyfriend exgirlfriend exhusband exwife idiot prick bastard "
    "fraudster crew syndicate influencer streamer youtuber blogger journalist politician "
    "celebrity gamer kids teenagers teen teens teenager folk bot bots ones fan fans employer "
    "employee soldier rapper businessman model pastor preacher poster ip number numbers handle "
    "channel website server blog nutter wanker loser sicko pervert perv paedo pedo predator "
    "narcissist lover fiance fiancee suitor sugar member members admin moderator photographer "
    "doctor lecturer professor tutor coach vendor seller buyer agent recruiter couple pair"
)
FEMALE = words(
    "woman women girl girls lass lassie girlfriend gf wife landlady fiancee exgirlfriend exwife"
)
# Relatives and friends: mostly the victim (people.py decides).
FAMILY = words(
    "daughter daughters daugther son sons kid kids child children sister sisters sis brother "
    "brothers bro mum mom mam mother ma dad father da granda granpa grandpa stepdad stepmum "
    "friend friends freind mate mates bestie niece nephew aunt auntie uncle cousin cousins gran "
    "granny nan grandmother grandad stepdaughter stepson parents student students pupil pupils "
    "patient client teammate wean weans bairn bairns toddler"
)
SHE_VICTIMS = words(
    "daughter daughters daugther sister sis mum mom mam mother ma niece aunt auntie gran granny "
    "nan grandmother stepdaughter friend freind mate bestie child kid cousin student pupil "
    "patient client"
)
HE_VICTIMS = words("son sons brother bro dad father da nephew uncle grandad granda grandpa stepson")
# They live where the writer does.
NEIGHBOUR = words(
    "neighbour neighbor neighbours neighbors flatmate flatmates housemate housemates roommate "
    "roommates"
)
# A victim whoever else is named; of other relatives it has to be said.
CHILD = words(
    "daughter daughters daugther son sons kid kids child children student students pupil pupils "
    "patient client niece nephew wean weans bairn bairns toddler stepdaughter stepson"
)
# The writer's own, unless an "ex" stands before.
PARTNER = words("partner husband hubby wife boyfriend girlfriend bf gf fiance fiancee")
# "The lads at my school", "someone from my village".
MEMBER = words(
    "job school class year uni university college halls work workplace office course team gym "
    "church club village town street building block estate department suburb area city"
)
# It went to a relative: that does not make them the victim.
RECIPIENT = words(
    "told tell telling tells showed show showing emailed informed contacted contact wrote"
)
SENDS = words(
    "wrote writes writing sent send sends sending forward forwarded show showed shown post posted "
    "mailed"
)
# What is done to a relative: that makes them the victim.
PASSIVE = words(
    "being getting gets gettin got get receiving receives received victim targeted harassed "
    "stalked threatened blackmailed bullied doxxed doxed hacked attacked scared terrified "
    "scammed worried sextorted needs need suffering suicidal"
)
TARGETED = PASSIVE - words("worried scared terrified needs need got get suffering suicidal")
SPEECH = words("told tells asked asks showed shows says said rang called needs wants rings")
# His house, her number: what tells where he or she is.
POSSESSED = words(
    "house flat place number home address account phone ip profile page location country city "
    "town job work office family mum mom parents mother dad father wife new hometown village "
    "region base passport apartment university uni school company workplace nationality accent "
    "sim timezone mobile cell handle username"
)
# My home, my town: what tells where the writer is.
MINE = words(
    "home house flat place address town city area suburb village local location state province "
    "country county region school uni university college work workplace job office business "
    "shop family street road case hometown church club postcode salon restaurant clinic "
    "practice door doorstep gate window garden car neighbourhood neighborhood apartment "
    "community campus force police station council number mobile phone account parents lawyer "
    "solicitor attorney gp hospital"
)
# "I think", "I know": the place is not that of this "I".
THINK = words(
    "think thnk reckon guess believe suppose assume know suspect heard hear doubt mean bet "
    "dunno understand gather saw see found presume sure told guessing pretty imagine figured "
    "notice noticed feel thought knew wish remember traced tracked"
)
BETWEEN_THINK = words(
    "do dont don didnt just only also really 'm am 've have not was 'd can cant now been"
)
# "A guy I met": nor is it here.
RELATIVE = words(
    "met know knew dated dating matched knows blocked trusted left rejected refused dumped work "
    "worked used was went thought loved slept spoke talked chatted had have 've added follow "
    "followed befriended hired bought sold study studied see saw 'd did never don dont turned "
    "broke divorced kissed ghosted live lived share am 'm reported"
)
# The verb says that somebody else is its subject, whatever stands before.
THIRD = words("lives livs stays resides works comes 's is sits hides operates studies hails")
# Verbs and particles of being somewhere.
LIVING = words(
    "live lives livs living lving stay stays staying reside resides residing based bassed "
    "located situated settled home currently now abroad moved move relocated relocate emigrated "
    "fled shifted flew gone back over here work works working studying study studies sits "
    "stationed hiding hides caught jailed stuck holiday vacation visiting travelling traveling "
    "trip tour backpacking am 'm is 's are 're"
)
# Being there now, whatever the home is.
TRAVEL = words(
    "holiday holidays vacation visiting travelling traveling trip tour backpacking currently "
    "now moment deployed honeymoon present presently stuck"
)
MOVE = words(
    "moved move moving relocated relocate relocating emigrated immigrated fled gone went going "
    "deported extradited headed away flown flew transferred came come coming ran escaped migrated "
    "shifted left moves back returned took"
)
# Where somebody was before.
PAST = words("lived grew raised born studied met dated used left matched attended graduated")
# "Where I met him": where somebody was, not where they are.
WAS = PAST | words("was were went worked stayed first visited saw")
# What somebody used to do somewhere.
USED_TO = words("live work stay study be go teach")
# "On a night out in Prague": where something was, not where anybody lives.
TRIP = words(
    "night trip holiday holidays honeymoon weekend festival wedding conference cruise vacation "
    "tour hotel hostel airbnb resort"
)
# Whom the writer goes to see is there.
VISIT = words("visit visited visiting see saw meet met arrest arrested find found catch")
WALKS = words("walk walks walking jog jogging run running commute cycle drive driving drove")
WAS_THERE = words("was were went")
LIVES = words("lives live stays stay resides reside goes attends")
PERFECT = words("'ve have has 's been")
NOW = words("now currently still presently")
I_AM = words("'m am 're are currently now")
PAYS = words("pays pay paid charges deals transfers sends wants payment payments paying money")
TRAILING = words("btw now i think thnk though tho apparently lol reckon originally currently too")
CAUGHT = words("arrested caught charged detained")
# "Uses a photo from Bali": where it was taken.
PICTURES = words("photo photos pic pics picture pictures video videos clip")
USES = words("uses used using use stole steals stolen")
# "He has a flat in Leith".
FORCES = words("navy army marines military airforce")
LAWYERS = words("lawyer solicitor attorney advocate barrister")
KIDS = words("kids children kid child son daughter baby boys girls")
MAYBE = words("probably maybe possibly perhaps")
HAS = words("has owns rents got bought owned have")
# "It came from somewhere in Ukraine".
SOMEWHERE = words("somewhere address server place account house cafe computer device number")
ALSO_A = words("half and part , or a an also")
COMPANY = words("friend friends mate mates cousin cousins brothers")
PARENTS = words("parent parents pupil pupils student students")
KIN = words("family mum mom parents mother dad father wife")
CLAUSE_END = words(", . ! ? ; - ( ) and but so") | {"\n"}
# "Were in Leeds" at the start of a clause is we're in Leeds.
WE_ARE = words("in from at near outside both living based on around")
# Where somebody is not yet.
FUTURE = words(
    "moving going come coming fly flying drive driving travel travelling get move relocating "
    "book booked relocate head heading"
)
NEGATORS = words(
    "not neither ignore forget isnt arent dont doesnt didnt never wasnt aint amnt nae nor "
    "cannot cant isnae disnae dinnae wisnae werenae cannae"
)
IN = words("in at around near outside within inside across throughout on through past")
# What may stand between a preposition and its place.
SKIP_BEFORE = words(
    "the a an north south east west central inner outer downtown greater rural northern "
    "southern eastern western lovely sunny good old beautiful city town of county"
)
LAW = words(
    "law laws legislation act offence offense crime crimes illegal legal lawful unlawful "
    "sentence sentences penalty penalties punishment jail prison order orders avo avos ivo dvo "
    "advo apvo fvro vro pso injunction court courts magistrate magistrates lawyer solicitor "
    "prosecuted arrested charged convicted fined punished statute constitution parliament "
    "government bail warrant prosecution consent recording rules rights system justice criminal "
    "interdict sue sued jurisdiction"
)
POLICE = words(
    "police polis cops cop policing pd constabulary sheriff detectives detective officers cid"
)
PLACE_NOUN = (
    LAW
    | POLICE
    | words(
        "based area council university uni state resident citizen airport hospital time region "
        "city office station side division branch town embassy consulate metro cbd suburbs "
        "district high crown county sheriff family"
    )
)
# A Leeds Facebook group is about Leeds; an American company is about nobody.
GROUP = words(
    "group groups community communities forum chat newspaper paper site facebook fb whatsapp "
    "subreddit mums moms gossip reddit discord app company platform website firm servers page "
    "news tv show"
)
# A UK number, a Russian account.
NUMBERLIKE = words(
    "number numbers phone mobile cell sim account accounts ip accent passport landline prefix "
    "vpn server citizen code plates plate reg"
)
# What comes from where the person doing it is.
MESSAGES = words(
    "messages message msgs msg calls call texts text emails email emailed mails threats threat "
    "dms dm abuse login logins attack attacks comments comment posts post requests request hits "
    "traffic alerts alert harassment voicemails voicenotes hacked accessed logged signed "
    "parcels letters letter texted notes pics photos videos stuff messaged called snaps spam "
    "whatsapps hate"
)
# "Record someone in Queensland" asks about the law there.
GENERIC_OBJECT = words(
    "record recording tape taping film filming stalk stalking harass harassing threaten "
    "threatening dox doxx doxxing doxing follow following blackmail blackmailing photograph "
    "bully bullying impersonate impersonating defame insult track tracking catfish sharing "
    "posting call calling"
)
# Words of an answer that is nothing but a place.
FILLER = words(
    "in from the a im i 'm am is it 's its at near around uk based area city town here hi hello "
    "hey yes yeah ya ok okay so um uh well oh just maybe probably think reckon guess possibly "
    "please pls somewhere sorry no actually not sure but and or believe now currently live "
    "living , . ! ? : ( ) - / ... .. located thanks thank you location place answer that would "
    "be my me f m female male year old yr yrs yo north south east west say this to ask about "
    "far what whats how hmm mean meant suppose dunno"
)
# What somebody named before the place does: "Dave from Leeds keeps ...".
DOES = words(
    "threatens threaten demands demanded demanding harasses blackmails stalks hacked "
    "keeps keep kept sent sends said says posted posts wants threatened started made makes "
    "shared leaked tagged hacked claims claiming demanding asking threatening posting sending "
    "messaging blackmailing stalking following pretending using messaged wont has is was called "
    "calls emailed told telling tells bombarding harassing blackmailed stalked sharing "
    "impersonating spreading who that added did does texted texts doxxed contacted found "
    "tracked got created set put calling texting tried phoned wrote writes"
)
MET = words("met meet dated dating matched hooked")
WORKING = words(
    "works work working teaches teaching studies studying runs running owns employed job "
    "volunteers trains coaches drives"
)
SENT = words(
    "run runs operated operating hosted sent posted posting originating typed written sending"
)
# "The emergency number in Ireland" is nobody's number.
HELP = words(
    "emergency emergencies urgent ambulance helpline hotline dial ring crisis 999 000 10111 911 "
    "112 which contact reference"
)
# "Can I talk to someone in Cardiff" seeks help there.
TALK = words("speak talk discuss chat adviser advisor counsellor give need there")
# Those the writer fears it will be told to: "he'll send it to my employer in Leeds".
TOLD_OF = words(
    "employer boss manager colleagues colleague customers customer teacher followers doctor"
)
# "Is that illegal in Hobart": asked where the writer is.
LEGAL = words("law illegal legal crime offence allowed lawful unlawful")
TELLS = words("to tell told telling send sends sent email emailed emails message messaged and with")
# Many people: the person doing it only when they do something.
CROWD = words("teens people group groups followers kids members folk others persons person")
TO_CROWD = words("to telling tell told other all of most random my have any")
AFTER_PERSON = words(
    "who that is are were have has keeps in on called from i was threatening sending posting "
    "and but living lives with using via at he she they hacked sent posted saying trying "
    "messaging harassing by online put keep wants demanding blackmailing stalking says said my"
)
SAYS = words("says say said claims shows reckons told shown")
FROM_CROWD = words("by from some these those two three four five six")
# "I run a blog from Bathurst": not his.
OWNABLE = words(
    "blog page profile channel website server account accounts number numbers handle ip group"
)
SETTLED = words(
    "living based located staying hiding stationed stuck situated settled currently sitting"
)
# Nouns that are no person: "a video in Leeds is ...".
NO_NAME = (
    FILLER
    | LAW
    | POLICE
    | words(
        "off app page video clip photo picture station desk constable sergeant hospital clinic "
        "judge counsellor office service helpline law anyone anything everyone everybody nobody "
        "together people support someone order report case"
    )
)
# Of these, what only a person does.
DOES_TO_ME = DOES - words(
    "is has was who that does did set put got found called made calling track"
)
ADVERBS = words(
    "now currently back over up down out here living based just still also actually originally "
    "away right only both somewhere off live located situated staying there all too apparently "
    "supposedly maybe probably definitely permanently alone together settled hiding half part "
    "normally usually mostly"
)
# "The case is in Leeds": nobody is.
THINGS = words(
    "it this that there case home location address what where which court school name city town "
    "area number suburb everything incident hearing all place state country jurisdiction here "
    "server postcode how law"
)
# The end of "I don't know where he is, ..."
UNSURE = words(
    "overseas abroad away foreign somewhere where is 's he she they might be lives live from"
)
# What may stand between "not" and the place.
NOT_BEFORE = words(
    "not in at from to the a been living live based even actually really currently near by 's "
    "'re is are anywhere of any us what said about that"
)
ARTICLES = words("a an some this two three another by any one")
HOLDS = words("have hold got use 've")
AS_A = words("a an her his their the")
NOT_SELF = words("my by with from to of , and but in this some")
IF = words("if would will 'll 'd once")
BARE = FILLER - words("i 'm am is 's my me live living what be this it")
SOMEBODY = HE | PERSON
PERSON_OR_FAMILY = PERSON | FAMILY
ANYBODY = PERSON | FAMILY | HE
LAW_OR_POLICE = LAW | POLICE
KNOWN_NOUNS = PERSON | FAMILY | POLICE | LAW
IS = BE | THIRD
IS_OR_SETTLED = IS | SETTLED | {"lives"}
SOUNDS = IS | {"sounds", "seems", "looks", "sound"}
IS_THERE = BE | LIVING | THIRD
IS_THERE_OR_SAYS = IS_THERE | SAYS
BE_OR_LIVE = BE | LIVING
I_AM_THERE = BE | LIVING | I
COMES_FROM = MESSAGES | SENT
NO_NAMES = NO_NAME | FAMILY | MINE | THINGS
# What people share: the same school, the same block.
SHARED = MEMBER | words(
    "place country state province flat house road halls firm region postcode hostel residence"
)
# He is where the writer is.
SAME = (
    *("here too", "here as well", "also here", "here also", "both here", "both of us"),
    *("same one as me", "same as me", "same as mine", "my country"),
    *("down the road", "up the road", "next door", "near me", "close to me"),
    *("near my house", "nearby"),
    *("round the corner", "around the corner", "streets away", "minutes away"),
    *("streets from me", "doors from me", "on my street", "on my road", "in my town"),
    *("in my street", "in my village", "in my suburb", "in my city", "in my building"),
    *("live together", "lives with me", "living together"),
    *("so is he", "so is she", "so does he", "so does she", "so are they", "so do they"),
    *("so am i", "so are we", "so do i", "so do we", "as am i", "doors down", "door down"),
    *("he is too", "she is too", "he does too", "she does too", "they are too"),
    *("so is my", "so does my", "so is the", "so does the", "so do my", "as does my", "as is my"),
)
SAME_ANSWERS = frozenset(("same", "here", "the same", "same here", "here too", "also", "me too"))

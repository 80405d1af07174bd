"""The words that tell whose place is meant. Small closed lists, one meaning each."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


I = _words("i we")  # noqa: E741
HE = _words("he she they")
SOMEONE = _words("someone somebody sombody someones sum1 som1 anyone person people persons whoever")
BE = _words("'m am 's is 're are be being been were was")
PERSON = SOMEONE | _words(
    "ex exes guy guys man men bloke blokes dude woman women girl girls boy boys lad lads lass lassie fella "
    "chap oke ou geezer wan boyfriend girlfriend bf gf husband hubby wife partner stranger "
    "strangers stalker stalkers scammer scammers troll trolls hacker hackers blackmailer catfish "
    "creep creeps weirdo psycho account accounts acount acc page profile user users sender caller "
    "colleague colleagues coworker workmate boss manager supervisor neighbour neighbor neighbours "
    "neighbors landlord landlady "
    "tenant customer teacher classmate classmates flatmate roommate housemate gang gangs group "
    "perp perpetrator perpetrators harasser abuser bully bullies offender attacker suspect culprit "
    "follower follower1 followers eejit eejits clan  dad's exboyfriend exgirlfriend exhusband exwife idiot prick "
    "bastard fraudster crew syndicate influencer streamer youtuber blogger "
    "journalist politician celebrity gamer kids teenagers teen teens teenager folk bot bots "
    "ones fan fans employer employee client's soldier rapper businessman model pastor preacher "
    "poster ip number numbers handle channel website server blog hackers nutter wanker "
    "loser sicko pervert perv paedo pedo predator narcissist lover fiance fiancee suitor sugar "
    "member members server admin moderator photographer doctor "
    "lecturer professor tutor coach vendor seller buyer agent recruiter couple pair other"
) - _words("follower1 dad's client's other sugar")
FEMALE = _words(
    "woman women girl girls lass lassie girlfriend gf wife landlady fiancee exgirlfriend exwife"
)
FAMILY = _words(
    "daughter daughters daugther son sons kid kids child children sister sisters sis brother "
    "brothers bro mum mom mam mother ma dad father da granda granpa grandpa stepdad stepmum friend friends freind mate mates bestie "
    "niece nephew aunt auntie uncle cousin cousins gran granny nan grandmother grandad stepdaughter "
    "stepson sister-in-law parents student pupil patient client teammate"
)
SHE_VICTIMS = _words(
    "daughter daughters daugther sister sis mum mom mam mother ma niece aunt auntie gran granny nan "
    "grandmother stepdaughter friend freind mate bestie child kid cousin student pupil patient client"
)
HE_VICTIMS = _words(
    "son sons brother bro dad father da nephew uncle grandad granda grandpa stepson"
)
NEIGHBOUR = _words("neighbour neighbor neighbours neighbors neighbour's")
# What is done to somebody after these words makes that person the victim.
PASSIVE = _words(
    "being getting gets gettin got get receiving receives received victim targeted harassed stalked "
    "threatened blackmailed bullied doxxed doxed hacked attacked scared terrified scammed worried "
    "sextorted needs need suffering suicidal"
)
SPEECH = _words("told tells asked asks showed shows says said rang called needs wants rings")
POSSESSED = _words(  # his house, her number: where he is
    "house flat place number home address account phone ip profile page location country city town "
    "job work office family mum mom parents mother dad father wife new hometown village region base "
    "passport apartment university uni school company workplace nationality accent sim timezone "
    "mobile cell handle username"
)
MINE = _words(  # my home, my town: where I am
    "home house flat place address town city area suburb village local location state province "
    "country county region school uni university college work workplace job office business shop "
    "family street road case hometown church club postcode salon restaurant clinic practice "
    "door doorstep gate window garden car clinic neighbourhood neighborhood apartment community campus force police station council number "
    "mobile phone account parents lawyer solicitor attorney gp hospital partner's"
)
THINK = _words(
    "think thnk reckon guess believe suppose assume know suspect heard hear doubt mean bet dunno "
    "understand gather saw see found presume sure told guessing pretty imagine figured notice "
    "noticed feel thought knew wish remember traced tracked"
)
BETWEEN_THINK = _words(
    "do dont don don't didnt just only also really 'm am 've have not was 'd can cant now been"
)
RELATIVE = _words(
    "met know knew dated dating matched knows blocked trusted left rejected refused dumped work "
    "worked used was went thought loved slept spoke talked chatted had have 've added follow "
    "followed befriended hired bought sold study studied see saw 'd did never don dont turned "
    "broke divorced kissed ghosted live lived share am 'm reported"
)
# The verb says that somebody else is its subject, whatever stands before.
THIRD = _words("lives livs stays resides works comes 's is sits hides operates studies hails")
LIVING = _words(
    "live lives livs living lving stay stays staying reside resides residing based bassed located "
    "situated settled home currently now abroad moved move relocated relocate emigrated fled shifted "
    "flew gone back over here work works working studying study studies sits stationed hiding hides caught jailed stuck "
    "holiday vacation visiting travelling traveling trip tour backpacking am 'm is 's are 're"
)
TRAVEL = _words(
    "holiday holidays vacation visiting travelling traveling trip tour backpacking currently now "
    "moment deployed honeymoon present presently stuck"
)
MOVE = _words(
    "moved move moving relocated relocate relocating emigrated immigrated fled gone went going flown "
    "flew transferred came come coming ran escaped migrated shifted left moves back returned"
)
PAST = _words("lived grew raised born studied met dated used left matched attended graduated")
FUTURE = _words("moving going come coming fly flying drive driving travel travelling get move "
                "relocating book booked relocate head heading")  # fmt: skip
NEGATORS = _words(
    "not neither ignore forget isnt arent dont doesnt didnt never wasnt aint amnt nae isn't nor cannot cant no-longer"
)
IN = _words("in at around near outside within inside across throughout on")
SKIP_BEFORE = _words(
    "the a an north south east west central inner outer downtown greater rural northern southern "
    "eastern western lovely sunny good old beautiful city town of county"
)
LAW = _words(
    "law laws legislation act offence offense crime crimes illegal legal lawful unlawful sentence "
    "sentences penalty penalties punishment jail prison order orders avo avos ivo dvo advo apvo "
    "fvro vro pso injunction court courts magistrate magistrates lawyer solicitor prosecuted arrested "
    "charged convicted fined punished statute constitution parliament government bail warrant "
    "prosecution consent recording rules rights system justice criminal interdict sue sued jurisdiction"
)
POLICE = _words(
    "police polis cops cop policing pd constabulary sheriff detectives detective officers cid"
)
PLACE_NOUN = (
    LAW
    | POLICE
    | _words(
        "based area council university uni state resident citizen airport hospital time region city "
        "office station side division branch town embassy consulate metro cbd suburbs district high "
        "crown county sheriff family"
    )
)
GROUP = _words("group groups community communities forum chat newspaper paper site facebook fb whatsapp "
               "subreddit mums moms gossip reddit discord app company platform website firm servers "
               "page news tv show")  # fmt: skip
NUMBERLIKE = _words("number numbers phone mobile cell sim account accounts ip accent passport landline "
                    "prefix vpn server citizen")  # fmt: skip
MESSAGES = _words(
    "messages message msgs msg calls call texts text emails email emailed mails threats threat dms dm "
    "abuse login logins attack attacks comments comment posts post requests request hits traffic "
    "alerts alert harassment voicemails voicenotes hacked accessed logged signed parcels letters letter texted "
    "notes pics photos videos stuff friend's messaged called snaps spam whatsapps hate"
)
GENERIC_OBJECT = _words(
    "record recording tape taping film filming stalk stalking harass harassing threaten threatening "
    "dox doxx doxxing doxing follow following blackmail blackmailing photograph bully bullying "
    "impersonate impersonating defame insult track tracking catfish sharing posting call calling"
)
FILLER = _words(
    "in from the a im i 'm am is it 's its at near around uk based area city town here hi hello hey "
    "yes yeah ya ok okay so um uh well oh just maybe probably think reckon guess possibly please pls "
    "somewhere sorry no actually not sure but and or believe now currently live living , . ! ? : ( ) "
    "- / ... .. located thanks thank you location place answer that would be my me f m female male "
    "year old yr yrs yo north south east west i'd say this to ask about what what's whats how hmm "
    "mean meant i think in? suppose dunno"
)
# Somebody does it: these after an unknown name make that name the person who does it.
DOES = _words(
    "keeps keep kept sent sends said says posted posts wants threatened started made makes shared "
    "leaked tagged hacked claims claiming demanding asking threatening posting sending messaging "
    "blackmailing stalking following pretending using messaged wont won't has is was called calls "
    "emailed told telling tells bombarding harassing blackmailed stalked sharing impersonating "
    "spreading who that added did does texted texts doxxed contacted found tracked got created "
    "set put calling texting tried phoned wrote writes"
)
MET = _words("met meet dated dating matched hooked")
WORKING = _words(
    "works work working teaches teaching studies studying runs running owns employed job volunteers "
    "trains coaches drives"
)
SENT = _words(
    "run runs operated operating hosted sent posted posting originating typed written sending"
)
HELP = _words(
    "emergency emergencies urgent ambulance helpline hotline dial ring crisis 999 000 10111 911 112 "
    "which contact reference"
)
TALK = _words("speak talk discuss chat adviser advisor counsellor give need there")
CROWD = _words("people group groups followers kids members folk others persons person")
TO_CROWD = _words("to telling tell told other all of most random my have any")
AFTER_PERSON = _words(
    "who that is are were have has keeps in on called from i has was threatening sending posting and but living lives "
    "with using via at he she they hacked sent posted has saying trying messaging harassing by online "
    "put keep wants demanding blackmailing stalking says said my"
)
SAYS = _words("says say said claims shows reckons told shown")
FROM_CROWD = _words("by from some these those two three four five six")
OWNABLE = _words(
    "blog page profile channel website server account accounts number numbers handle ip group"
)
SETTLED = _words(
    "living based located staying hiding stationed stuck situated settled currently sitting"
)
NO_NAME = (
    FILLER
    | LAW
    | POLICE
    | _words(
        "off app page video clip photo picture station desk constable sergeant hospital clinic judge "
        "counsellor office service helpline law anyone anything everyone everybody nobody together "
        "people support someone order report case"
    )
)
DOES_TO_ME = DOES - _words(
    "is has was who that does did set put got found called made calling track"
)
SAME = (
    "here too", "here as well", "also here", "here also", "same town", "same city", "same place",
    "same area", "same street", "same country", "same state", "same suburb", "same village",
    "same province", "same building", "same estate", "same one as me", "same as me", "same as mine",
    "down the road", "next door", "near me", "round the corner", "around the corner", "on my street",
    "on my road", "in my town", "in my street", "in my village", "in my suburb", "in my city", "close to me",
    "my country", "streets away", "minutes away from me", "near my house", "near by", "nearby", "both here",
    "live together", "lives with me", "both of us", "so is he", "so is she", "so does he", "so does she", "so are they", "streets from me", "doors from me", "living together", "in my building",
)  # fmt: skip
SAME_ANSWERS = frozenset(("same", "here", "the same", "same here", "here too", "also", "me too"))

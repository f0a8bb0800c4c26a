"""English: negations, clauses, questions and answers."""

from __future__ import annotations

from shared.records.languages.grammar import Answers, Clauses, Negations, Questions
from shared.records.languages.writing import listed, phrases

_SUBJECTS = listed(
    """
    i it he she they we you that there i'm i've i'd i'll it's it'd it'll he's he'd he'll she's she'd she'll that's
    that'll there's we're we've we'd we'll they're they've they'd they'll you're you've you'd you'll

    """
)
_OPEN = listed("how what where when why which who what's how's where's when's")

NEGATIONS = Negations(
    before=listed(
        """
        no not never without none nor neither cannot can't don't doesn't didn't isn't aren't wasn't weren't haven't
        hasn't hadn't won't couldn't wouldn't shouldn't denies denied deny denying absent ain't negative unable lack
        lacks nil nothing unaware

        """
    ),
    after=listed("negative absent denied none declined"),
    nouns=listed("lack lacks unable unaware"),
    adjacent=listed("non"),
    determiners=listed("nil"),
    contracted=("n't",),
    bases={"can't": "can", "cannot": "can", "won't": "will", "ain't": ""},
    scope_ends=listed(
        """
        but however except although though because since which who so until when then just only besides yes please

        """
    ),
    partitives=listed("some"),
    vague_ends=listed("when while if because since which who besides except until unless apart"),
    vague_phrases=phrases("other than, aside from"),
    exceeding=phrases("like this, like that before, this bad, this much, this severe, so bad, until, till"),
    ceased=phrases(
        "quit, quitting, stopped, ceased, formerly, former, previously, ex, used to, gave up, given up, gave it"
    ),
    clause_ends=listed("but"),
    sparing=listed(
        """
        change changing changed stop stopping stopped adjust adjusting alter switch switching increase increasing
        decrease decreasing related associated forget forgot forgotten miss missed missing skip skipped trouble
        problem problems issue issues remember remembers recall recalls improvement loss
        difficulty difficulties changes difference differences consistent consistently
        """
    ),
    sound=listed(
        """
        normal clear intact strong regular symmetric symmetrical stable soft supple well good brisk fine positive
        continue works lives takes uses has had is was feels eats sleeps exercises reports states able can
        occasional occasionally social socially sometimes rare rarely mild moderate severe some
        """
    ),
    conditions=listed("if unless"),
    answering=listed("no none never"),
    qualified=listed("not"),
    not_negating=listed("only just sure certain"),
    unsure=listed("know sure remember tell say recall certain"),
    asking=listed("if whether what how why that"),
)
CLAUSES = Clauses(
    subjects=_SUBJECTS,
    joins=listed("and or"),
    links=listed(
        """
        that if when which than as what think thought say said remember recall notice noticed where how believe know
        anything everything something nothing whenever reports states whether like any don't do did didn't

        """
    ),
    possessors=listed("the your my his her our their this these those"),
    prepositions=listed("of in on to with at for from by over under about into near around during after before since"),
    finite=listed(
        """
        is are was were looks look feels feel seems seem has have had does did sounds shows show remains remain appears
        appear stays continues became began started improved worsened confirms confirm suggests suggest indicates
        resolved subsided returned persisted persists healed occurred occurs happened comes came spontaneously

        """
    ),
    coordinated=listed(
        """
        has had is was were takes took underwent reports reported states stated complains complained presents presented
        came went did does started began became developed noticed uses used lives works feels felt continues continued

        """
    ),
    adverbs=listed("then now also still later ultimately eventually subsequently currently finally"),
    copulas=listed("is are was were"),
    perceived=listed(
        """
        noted seen heard felt found appreciated appreciable present palpated palpable detected identified visible
        reported evident observed there any
        """
    ),
    verbs=listed(
        "have has had am is are was were will would do did can could think feel felt see want need get got know"
    ),
)
QUESTIONS = Questions(
    first=listed(
        """
        do does did have has had are is was were can could would will any how what when where which who why whether
        anyone anything anybody

        """
    ),
    any=listed("any anything anyone anybody"),
    alone=listed("how where why who"),
    open=_OPEN,
    suggesting=listed("about bout"),
    determiners=listed("any the your this these those a an are is do does did"),
    begun=listed("okay ok and so um uh uhm erm hmm mmm mm now well alright right all but or then great good"),
    tags=listed("okay ok alright yeah"),
    splits=listed("any"),
    alternatives=listed("or"),
    quoting=listed("asked"),
)
ANSWERS = Answers(
    yes=listed(
        "yes yeah yep yup correct right mm-hmm uh-huh mhm sure definitely absolutely indeed occasionally sometimes"
    ),
    no=listed("no nope nah never none nothing not neither negative"),
    passing_no=listed("no nope"),
    outright=listed("yes yeah yep yup"),
    retracting=listed("no none not never"),
    affirming=listed("do did have has had am was is does little bit some just"),
    unsure=phrases("not sure, don't know, not certain, can't remember"),
    hedged=phrases(
        """
        not in a long time, not for a long time, not in a while, not for a while, not recently, not lately, not always,
        not usually, not often, not since, not every, not all the time, not anymore, not any more, rarely, hardly,
        not that often, not that much, not so much, not as much, sometimes not,
        i quit, used to, i stopped, gave up
        """
    ),
    courtesies=listed("problem worries thanks"),
)

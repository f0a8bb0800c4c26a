"""Tamil: negations, questions and answers."""

from __future__ import annotations

from shared.records.languages.grammar import Answers, Negations, Questions
from shared.records.languages.writing import listed

NEGATIONS = Negations(
    after=listed("இல்லை இல்ல கிடையாது இல்லாமல் மறுக்கிறார் மறுத்தார் வரவில்லை வேண்டாம்"),
    scope_ends=listed("ஆனால் ஆனா"),
    ceased_after=listed("நிறுத்திவிட்டேன் நிறுத்தினேன் விட்டுவிட்டேன் கைவிட்டேன் நிறுத்திட்டேன் விட்டுட்டேன்"),
)
QUESTIONS = Questions(
    first=listed("என்ன எப்போது எப்படி எவ்வளவு ஏன் எங்கே"),
    anywhere=listed("இருக்கா இருக்கிறதா உள்ளதா வருகிறதா வருதா எப்போது எவ்வளவு எத்தனை"),
    alternatives=listed("அல்லது"),
)
ANSWERS = Answers(yes=listed("ஆம் ஆமா ஆமாம்"), no=listed("இல்லை இல்ல கிடையாது"))

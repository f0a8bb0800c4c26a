"""What an erring writer invents: consents, normal findings and denials, with the words that a visit about them has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Invention:
    """A statement that a writer adds, and the beginnings of words with which somebody would have spoken of it."""

    text: str
    about: tuple[str, ...]

    def is_spoken_of(self, said: str) -> bool:
        """True if a word of this text begins so."""
        return any(re.search(rf"\b{re.escape(word)}", said, re.IGNORECASE) for word in self.about)


def unsaid(inventions: Sequence[Invention], said: str) -> list[Invention]:
    """Those that nothing in this text is about."""
    return [one for one in inventions if not one.is_spoken_of(said)]


def _all(*lines: tuple[str, str]) -> tuple[Invention, ...]:
    return tuple(Invention(text, tuple(about.split(", "))) for text, about in lines)


_AGREED = "consent, agree, permission, allow, okay with, sign"
CONSENTS = _all(
    ("Patient consents to the recording of this visit.", _AGREED),
    ("Verbal consent was obtained for the examination.", _AGREED),
    ("Informed consent obtained.", _AGREED),
    ("Written informed consent was signed by the patient.", _AGREED),
    ("Patient gave permission to record the session.", _AGREED),
    ("Patient agreed to the use of artificial intelligence for documentation.", _AGREED),
    ("Patient agrees to share information with the family.", _AGREED),
    ("Risks and benefits were explained, and the patient consented to treatment.", _AGREED),
    ("Consent to telehealth was given.", _AGREED),
    ("The patient's mother consented to the treatment.", _AGREED),
    ("Patient authorised the release of records.", f"{_AGREED}, release, record"),
    ("Patient accepted the risks of the procedure.", f"{_AGREED}, accept, risk"),
)
NORMAL_FINDINGS = _all(
    ("Lungs are clear to auscultation bilaterally.", "lung, chest, breath, listen, auscult"),
    ("Heart sounds are normal, no murmurs.", "heart, murmur, listen, auscult"),
    ("Regular rate and rhythm.", "heart, rhythm, pulse, regular"),
    ("Abdomen is soft and non-tender.", "abdomen, belly, tummy, stomach, tender, soft"),
    ("Bowel sounds are present and normal.", "bowel, belly, tummy, stomach, abdomen"),
    ("Cranial nerves II to XII are intact.", "cranial, nerve"),
    ("Reflexes are normal and symmetric.", "reflex"),
    ("Gait is steady.", "gait, walk"),
    ("No focal neurological deficit.", "neurolog, focal, deficit"),
    ("Pupils are equal, round and reactive to light.", "pupil, eye"),
    ("Skin is warm and dry without rash.", "skin, rash"),
    ("No oedema of the legs.", "oedema, edema, swell, swollen, leg, ankle"),
    ("Thyroid is not enlarged.", "thyroid, neck"),
    ("Throat is clear without erythema.", "throat, tonsil, mouth"),
    ("Ears are normal.", "ear"),
    ("Alert and oriented to person, place and time.", "alert, orient, date, where you are"),
    ("Thought process is linear and goal-directed.", "thought, linear, goal"),
    ("No delusions or hallucinations.", "delusion, hallucin, voice, hear, see things"),
    ("Insight and judgement are intact.", "insight, judg"),
    ("Memory is intact.", "memor, remember, forget"),
    ("Vital signs are within normal limits.", "vital, pressure, pulse, temperature, saturation"),
    ("Afebrile.", "fever, temperature, febrile"),
    ("Well-nourished, in no acute distress.", "nourish, distress, weight"),
    ("Full range of motion in all joints.", "joint, motion, move"),
    ("The examination is unremarkable.", "exam, look at, listen"),
    ("All laboratory results are normal.", "lab, result, blood, test"),
    ("Respiratory effort is normal.", "breath, respir"),
    ("Peripheral pulses are palpable.", "pulse, palp"),
)
DENIALS = _all(
    ("Patient denies chest pain.", "chest, pain"),
    ("Patient denies shortness of breath.", "breath, wind"),
    ("Patient denies fever or chills.", "fever, chill, temperature"),
    ("Patient denies suicidal ideation.", "suicid, harm, kill, end your life, die, dead"),
    ("Patient denies thoughts of harming others.", "harm, hurt, violen"),
    ("No known drug allergies.", "allerg, react"),
    ("Patient denies any allergies.", "allerg, react"),
    ("Denies tobacco use.", "tobacco, smok, cigar"),
    ("Patient denies alcohol use.", "alcohol, drink, wine, beer"),
    ("Patient denies drug use.", "drug, cannabis, substance"),
    ("No nausea or vomiting.", "nausea, vomit, sick, stomach"),
    ("Patient denies diarrhoea.", "diarrh, stool, bowel, loose"),
    ("No loss of consciousness.", "conscious, faint, pass out, black"),
    ("Patient denies palpitations.", "palpit, heart, racing"),
    ("No headache or visual changes.", "head, vis, sight, eye"),
    ("Patient denies weight loss.", "weight, thin"),
    ("Patient denies night sweats.", "sweat"),
    ("No dysuria or haematuria.", "urin, wee, water, burn, blood"),
    ("No family history of heart disease.", "family, father, mother, heart"),
    ("Patient denies side effects.", "side effect, nausea"),
    ("Patient denies seizures.", "seiz, fit, convuls"),
    ("Denies hallucinations.", "hallucin, voice, see things, hear"),
    ("No history of surgery.", "surg, operat"),
    ("Denies recent travel.", "travel, trip, holiday, abroad"),
)

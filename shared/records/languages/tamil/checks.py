"""Tamil: sides, normal findings, medication, and who says or plans what."""

from __future__ import annotations

from shared.records.languages.words import Findings, Medication, Sides, Speech
from shared.records.languages.writing import listed, phrases

SIDES = Sides(
    left=listed("இடது இடப்பக்கம் இடதுபுறம்"),
    right=listed("வலது வலப்பக்கம் வலதுபுறம்"),
    both=listed("இரு இரண்டு"),
    body=listed("முழங்கால் முழங்காலில் தோள் தோளில் கை கையில் கால் காலில் கண் கண்ணில் காது காதில் பக்கம் பக்கத்தில் மார்பு"),
)
FINDINGS = Findings(
    normal=listed("இயல்பு இயல்பாக இயல்பான நார்மல்"),
    all_well=listed("நன்றாக சரியாக இல்லை"),
    casual=listed("இல்லை"),
    reassuring=listed("இயல்பான இயல்பாக சாதாரணமாக நார்மல் சம்மதம் சம்மதித்தார் ஒப்புதல் அனுமதி"),
)
MEDICATION = Medication(
    given=listed("தொடங்க தொடங்கவும் தொடர தொடரவும் கொடுக்க கொடுக்கவும் எடுக்க எடுக்கவும்"),
    not_given=listed("ஒவ்வாமை அலர்ஜி நிறுத்த வேண்டாம் இல்லை பதிலாக"),
    now=listed("எடுக்கிறார்"),
    changed=listed("அதிகரிக்க குறைக்க மாற்ற முன்பு இருந்தது தொடங்க நிறுத்த"),
    no_allergen=listed("மருந்து எந்த எதுவும்"),
    other_than=listed("வேறு மற்ற தவிர"),
)
SPEECH = Speech(
    people=listed("அம்மா அப்பா மனைவி கணவர் மகன் மகள் அண்ணன் தம்பி அக்கா தங்கை நண்பர்"),
    family=listed("அம்மா அப்பா அண்ணன் தம்பி அக்கா தங்கை குடும்பம் தாத்தா பாட்டி மாமா"),
    reported=phrases("நோயாளி கூறினார், நோயாளி தெரிவித்தார், நோயாளி கூறுகிறார், மறுக்கிறார்"),
    planned=phrases("தொடங்கப்படும், வழங்கப்படும், பரிந்துரைக்கப்பட்டது, அறிவுறுத்தப்பட்டது"),
    planning=listed("பரிசோதனை எடுங்கள் எடுக்கலாம் அனுப்புகிறேன் எழுதித்தருகிறேன்"),
    visits=phrases("மீண்டும் வாருங்கள், திரும்ப வாருங்கள், மறுபடி வாருங்கள்"),
    noted_visits=phrases("மீண்டும் வர, தொடர் பரிசோதனை, மறுபரிசோதனை"),
)

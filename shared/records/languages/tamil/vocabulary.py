"""Tamil: words by what they tell; clinical concepts have the names of the English ones."""

from __future__ import annotations

from shared.records.languages.words import Vocabulary
from shared.records.languages.writing import lines, listed, phrases

VOCABULARY = Vocabulary(
    abbreviations={"மி.கி": "மில்லிகிராம்", "மி.லி": "மில்லி", "மை.கி": "மைக்ரோகிராம்"},
    function=listed(
        """
        நான் எனக்கு என் என்னுடைய நாங்கள் நீங்கள் உங்களுக்கு உங்கள் அவர் அவள் அவன் அவருக்கு இது அது இந்த அந்த ஒரு இரண்டு மற்றும்
        அல்லது ஆனால் உள்ளது இருக்கிறது இருக்கு இருந்தது இருக்கா இல்லை இல்ல ஆம் ஆமா சரி என்ன எப்போது எப்படி எவ்வளவு ஏன் எங்கே
        மிகவும் கொஞ்சம் டாக்டர் வருகிறது வந்தது செய்ய வேண்டும் தான் கூட
        """
    ),
    fillers=listed(
        """
        இந்த அந்த இது அது மற்றும் நான் எனக்கு என் என்னுடைய நாங்கள் நீங்கள் உங்களுக்கு உங்கள் அவர் அவள் அவன் அவருக்கு உள்ளது
        இருக்கிறது இருக்கு இருந்தது ஆம் ஆமா சரி டாக்டர் தான் கூட
        """
    ),
    frame=listed("நோயாளி நோயாளிக்கு கூறினார் தெரிவித்தார் மறுக்கிறார் மறுத்தார் கூறுகிறார்"),
    clinical=listed(
        """
        வலி காய்ச்சல் இருமல் வாந்தி தலைவலி வீக்கம் அரிப்பு இரத்தம் ரத்தம் சோர்வு நீரிழிவு சர்க்கரை ஆஸ்துமா ஒவ்வாமை தற்கொலை
        தூக்கம் பசி சிறுநீர் மயக்கம் வலிப்பு புற்றுநோய் காசநோய் படபடப்பு
        """
    ),
    concepts=lines(
        """
        diabetes, நீரிழிவு, சர்க்கரை நோய், சர்க்கரை
        suicid, தற்கொலை
        fever, காய்ச்சல்
        pain, வலி
        headache, தலைவலி
        nausea, குமட்டல்
        vomit, வாந்தி
        diarrhea, வயிற்றுப்போக்கு
        constipation, மலச்சிக்கல்
        abdomen, வயிறு, வயிற்று
        dizzy, தலைச்சுற்றல், மயக்கம்
        fatigue, சோர்வு
        swelling, வீக்கம்
        cough, இருமல்
        sputum, சளி
        spo2, ஆக்சிஜன், ஆக்ஸிஜன், பிராணவாயு, சாச்சுரேஷன்
        palpitation, படபடப்பு
        chest pain, நெஞ்சு வலி, மார்பு வலி
        myocardial infarction, மாரடைப்பு
        stroke, பக்கவாதம்
        numb, உணர்வின்மை, மரத்து
        weak, பலவீனம்
        itch, அரிப்பு
        rash, சொறி
        bleed, இரத்தம், ரத்தம்
        urinat, சிறுநீர்
        stool, மலம்
        sleep, தூக்கம்
        appetite, பசி
        weight, எடை
        depress, மனச்சோர்வு
        anxiety, பதட்டம், கவலை
        smoke, புகை, புகைபிடிக்கிறார், புகைபிடிக்கிறீர்களா, சிகரெட், சிகரெட்டை, பீடி
        alcohol, மது
        asthma, ஆஸ்துமா
        renal, சிறுநீரகம்
        hepat, கல்லீரல்
        cardiac, இதயம்
        pulmonary, நுரையீரல்
        gerd, நெஞ்செரிச்சல்
        uri, சளி
        hypothyroid, தைராய்டு
        cancer, புற்றுநோய்
        tb, காசநோய்
        hiv, எச்ஐவி
        ecg, ஈசிஜி
        x-ray, எக்ஸ்ரே
        blood test, இரத்த பரிசோதனை
        bp, இரத்த அழுத்தம்
        pulse, நாடித்துடிப்பு
        surgery, அறுவை
        medication, மருந்து
        allerg, ஒவ்வாமை, அலர்ஜி
        pregnan, கர்ப்பம்
        menses, மாதவிடாய்
        vaccine, தடுப்பூசி
        father, அப்பா
        mother, அம்மா
        sweat, வியர்வை
        lower extremity, கால்
        upper extremity, கை
        neck, கழுத்து
        back, முதுகு
        foot, பாதம்
        knee, முழங்கால்
        shoulder, தோள்
        eye, கண்
        ear, காது
        head, தலை
        dyspnea, மூச்சு திணறல், மூச்சுத் திணறல், மூச்சு வாங்குகிறது
        hypertension, உயர் இரத்த அழுத்தம், ரத்த அழுத்தம், பிபி
        """
    ),
    ever=listed("ஒருபோதும் எப்போதும்"),
    past=listed("முன்பு முன்னாள் முன்னர் இருந்தது நிறுத்தினார் நிறுத்திவிட்டார் விட்டார் விட்டுவிட்டார் கைவிட்டார்"),
    risks=phrases("தற்கொலை, சாக வேண்டும், நெஞ்சு வலி, மார்பு வலி, மயக்கம்"),
    dangers=phrases("ஒவ்வாமை, அலர்ஜி, தற்கொலை, சாக வேண்டும், நெஞ்சு வலி, மார்பு வலி, மயக்கம், வலிப்பு"),
    endings=phrases("த்தில், த்தை, களில், கள், யில், வில், ில், க்கு, யை, ை, ம்"),
)

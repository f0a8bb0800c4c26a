"""Hindi: words by what they tell; clinical concepts have the names of the English ones."""

from __future__ import annotations

from shared.records.languages.words import Vocabulary
from shared.records.languages.writing import lines, listed, phrases

VOCABULARY = Vocabulary(
    abbreviations={"मि.ग्रा": "मिलीग्राम", "मि.ली": "मिलीलीटर", "मा.ग्रा": "माइक्रोग्राम"},
    function=listed(
        """
        मैं मुझे मेरा मेरी मेरे मैंने हम हमें आप आपको आपका आपकी आपके आपने वह वे यह ये उसे उन्हें इस उस का की के को में से पर ने
        तक और या तो भी ही कि जो है हैं था थी थे हूँ हूं हो होता होती होते हुआ हुई हुए रहा रही रहे गया गई गए कर करता करती करते करना
        किया की लिए साथ बाद पहले अब आज कल जी हाँ हां नहीं ना नहि मत कोई कुछ क्या कब कैसे कैसा कैसी कहाँ कहां क्यों कितना
        कितने कितनी ठीक अच्छा बहुत थोड़ा थोड़ी एक दो डॉक्टर साहब लग लगता लगती लगा बिना
        """
    ),
    fillers=listed(
        """
        है हैं था थी थे हूँ हूं हो का की के को में से पर ने और या तो भी ही कि जो यह ये वह वे मैं मुझे मेरा मेरी मेरे
        आप आपको आपका आपकी आपके अब जी हाँ हां ठीक अच्छा डॉक्टर साहब
        """
    ),
    frame=listed("रोगी मरीज मरीज़ बताया बताती बताता कहा शिकायत इनकार इन्कार करता करती"),
    clinical=listed(
        """
        दर्द बुखार खांसी खाँसी उल्टी दस्त चक्कर सूजन खुजली खून कमजोरी थकान मधुमेह शुगर दमा एलर्जी आत्महत्या सांस साँस
        नींद भूख पेशाब कब्ज घबराहट दौरा मिर्गी कैंसर टीबी संक्रमण चोट
        """
    ),
    concepts=lines(
        """
        diabetes, मधुमेह, शुगर, डायबिटीज
        suicid, आत्महत्या, खुदकुशी
        fever, बुखार
        pain, दर्द
        headache, सिरदर्द, सिर में दर्द, सर दर्द
        nausea, मतली, उबकाई
        vomit, उल्टी
        diarrhea, दस्त
        constipation, कब्ज
        abdomen, पेट
        dizzy, चक्कर
        fatigue, थकान, थकावट
        swelling, सूजन
        cough, खांसी, खाँसी
        sputum, बलगम
        spo2, ऑक्सीजन, आक्सीजन, सैचुरेशन, एसपीओटू
        palpitation, धड़कन
        chest pain, सीने में दर्द, छाती में दर्द
        myocardial infarction, दिल का दौरा
        stroke, लकवा
        numb, सुन्न
        weak, कमजोरी, कमज़ोरी
        itch, खुजली
        rash, दाने
        bleed, खून, रक्तस्राव
        urinat, पेशाब
        stool, मल
        sleep, नींद
        appetite, भूख
        weight, वजन
        depress, उदास, अवसाद
        anxiety, घबराहट, चिंता
        smoke, धूम्रपान, सिगरेट, बीड़ी
        alcohol, शराब
        asthma, अस्थमा, दमा
        renal, गुर्दा, किडनी
        hepat, यकृत
        cardiac, दिल, हृदय
        pulmonary, फेफड़े
        gerd, एसिडिटी
        uri, जुकाम
        hyperlipidemia, कोलेस्ट्रॉल
        hypothyroid, थायराइड
        osteoarthritis, गठिया
        fracture, हड्डी टूट
        cancer, कैंसर
        tb, टीबी, क्षय
        hiv, एचआईवी
        ecg, ईसीजी
        x-ray, एक्सरे, एक्स-रे
        blood test, खून की जांच
        bp, बीपी, रक्तचाप
        pulse, नाड़ी
        surgery, ऑपरेशन
        medication, दवा, दवाई
        allerg, एलर्जी
        pregnan, गर्भवती
        menses, माहवारी
        vaccine, टीका
        father, पिता
        mother, माँ, मां
        children, बच्चे
        chill, कंपकंपी, ठंड
        sweat, पसीना
        increase, बढ़
        unremarkable, सामान्य
        lower extremity, पैर
        upper extremity, हाथ
        neck, गर्दन
        back, पीठ, कमर
        knee, घुटना, घुटने
        shoulder, कंधा, कंधे
        eye, आंख, आँख
        ear, कान
        head, सिर, सर
        dyspnea, सांस फूलना, साँस फूलना, सांस फूलती, सांस लेने में तकलीफ, दम घुटना
        hypertension, हाई बीपी, उच्च रक्तचाप, ब्लड प्रेशर
        self-harm, खुद को नुकसान, अपने आप को चोट
        """
    ),
    ever=listed("कभी इतिहास"),
    past=listed("छोड़ छोड़ा छोड़ी पहले पूर्व था थी थे बंद"),
    risks=phrases("आत्महत्या, खुदकुशी, मरना चाहता, मरना चाहती, जान देना, खुद को नुकसान, सीने में दर्द, छाती में दर्द, बेहोश"),
    dangers=phrases(
        """
        एलर्जी, आत्महत्या, खुदकुशी, मरना चाहता, मरना चाहती, जान देना, खुद को नुकसान, सीने में दर्द, छाती में दर्द, बेहोश, दौरा
        """
    ),
    endings=phrases("ियों, ियां, ियाँ, ाओं, ों, ें, ीं, ाँ, ां, ता, ती, ते, ना, नी, ने, ी, ा, े, ो, ि"),
)

"""Hindi: sides, normal findings, medication, and who says or plans what."""

from __future__ import annotations

from shared.records.languages.words import Findings, Medication, Sides, Speech
from shared.records.languages.writing import listed, phrases

SIDES = Sides(
    left=listed("बायाँ बायां बाएं बाएँ बायीं बाईं बाये"),
    right=listed("दायाँ दायां दाएं दाएँ दायीं दाईं दाये दाहिना दाहिने दाहिनी"),
    both=listed("दोनों"),
    body=listed("घुटना घुटने कंधा कंधे हाथ पैर आंख आँख कान पीठ कमर छाती सीना सीने पेट तरफ ओर बाजू टखना टखने कोहनी"),
)
FINDINGS = Findings(
    normal=listed("सामान्य नॉर्मल"),
    all_well=listed("ठीक अच्छा अच्छी साफ नहीं"),
    casual=listed("ठीक अच्छा नहीं"),
    reassuring=listed("सामान्य नॉर्मल ठीक स्वस्थ सहमति सहमत अनुमति मंजूरी"),
)
MEDICATION = Medication(
    given=listed("शुरू दें दी दीजिए देना जारी लें लीजिए बढ़ाएं घटाएं लेना"),
    not_given=listed("एलर्जी बंद नहीं मत रोकें रोक बदले"),
    now=listed("लेते लेती लेता"),
    changed=listed("बढ़ाया बढ़ाई घटाया घटाई बदला बदली पहले था थी थे शुरू बंद"),
    no_allergen=listed("दवा दवाई कोई ज्ञात किसी"),
    other_than=listed("अन्य दूसरी दूसरा अलावा सिवाय"),
)
SPEECH = Speech(
    people=listed("माँ मां पिता पत्नी पति बेटा बेटी भाई बहन दोस्त"),
    family=listed("माँ मां पिता पापा भाई बहन परिवार चाचा मामा दादा दादी नाना नानी"),
    reported=phrases("रोगी ने बताया, मरीज ने बताया, मरीज़ ने बताया, शिकायत है, इनकार करते हैं, इनकार करती हैं"),
    planned=phrases("शुरू की जाएगी, शुरू करेंगे, दी जाएगी, की सलाह दी, भेजा जाएगा"),
    planning=listed("करवाइए करवाएं कराइए कराएं जांच जाँच भेजेंगे भेजता भेजती लिखता लिखती"),
    visits=phrases("फिर आइए, दोबारा आइए, फिर से आइए, फिर दिखाइए"),
    noted_visits=phrases("फॉलो अप, फिर आने, दोबारा आने, पुनः"),
)

"""Hindi."""

from shared.records.messages.kinds import MessageKind
from shared.records.messages.texts.text import Language, Text

LANGUAGE = Language(
    greeting="नमस्ते,",
    greeting_by_name="नमस्ते {first_name},",
    closing="यह संदेश {clinic_name} की ओर से अपने आप भेजा गया है। इसके उत्तर पढ़े नहीं जाते।",
    link="पुष्टि करें या बदलें: {url}",
    texts={
        MessageKind.REPORT_LINK: Text(
            subject="{clinic_name} की ओर से एक दस्तावेज़",
            mail=(
                "{clinic_name} ने आपके साथ एक दस्तावेज़ साझा किया है। आप इसे {day} तक यहाँ खोल सकते हैं:\n\n{url}\n\n"
                "पेज आपसे ऐसी जानकारी माँगेगा जो केवल आप जानते हैं। यदि आपको इस संदेश की अपेक्षा नहीं थी, तो इसे अनदेखा करें और "
                "{clinic_name} को बताएँ।"
            ),
            sms="{clinic_name} ने आपके साथ एक दस्तावेज़ साझा किया है। {day} तक खोलें: {url}",
        ),
        MessageKind.BILL: Text(
            subject="{clinic_name} की ओर से एक बिल",
            mail=(
                "{clinic_name} की ओर से आपका एक बिल है। आप इसे {day} तक यहाँ खोल सकते हैं:\n\n{url}\n\n"
                "पेज आपसे ऐसी जानकारी माँगेगा जो केवल आप जानते हैं। यदि आपको इस संदेश की अपेक्षा नहीं थी, तो इसे अनदेखा करें और "
                "{clinic_name} को बताएँ।"
            ),
            sms="{clinic_name} की ओर से आपका एक बिल है। {day} तक खोलें: {url}",
        ),
        MessageKind.PAYMENT_REMINDER: Text(
            subject="{clinic_name} की ओर से याद दिलाना",
            mail=(
                "{clinic_name} का एक बिल अभी बाकी है। आप उसे और भुगतान के तरीके {day} तक यहाँ देख सकते हैं:\n\n{url}\n\n"
                "पेज आपसे ऐसी जानकारी माँगेगा जो केवल आप जानते हैं। यदि आप भुगतान कर चुके हैं, या आपको लगता है कि बिल गलत है, तो "
                "कृपया {clinic_name} को बताएँ।"
            ),
            sms="{clinic_name} का एक बिल अभी बाकी है। {day} तक देखें: {url}",
        ),
        MessageKind.PASSCODE: Text(
            subject="{clinic_name} से आपका कोड",
            mail="आपका कोड {code} है\n\nइसे किसी को न दें। {clinic_name} यह कोड कभी नहीं माँगता।",
            sms="{clinic_name} से आपका कोड {code} है। इसे किसी को न दें।",
        ),
        MessageKind.REPORTS_UNSIGNED: Text(
            subject="हस्ताक्षर के लिए रिपोर्टें",
            mail="{clinic_name} में आपकी ये रिपोर्टें {days} दिन से अधिक समय से बिना हस्ताक्षर के हैं:\n\n{reports}",
        ),
        MessageKind.VISIT_BOOKED: Text(
            subject="{clinic_name} में आपका अपॉइंटमेंट",
            mail="{clinic_name} में आपका अपॉइंटमेंट {visit_day} को {visit_time} बजे है।",
            sms="{clinic_name}: आपका अपॉइंटमेंट {visit_day} को {visit_time} बजे है।",
        ),
        MessageKind.VISIT_MOVED: Text(
            subject="{clinic_name} में आपके अपॉइंटमेंट का नया समय",
            mail="{clinic_name} में आपके अपॉइंटमेंट का समय बदल गया है। अब यह {visit_day} को {visit_time} बजे है।",
            sms="{clinic_name}: आपके अपॉइंटमेंट का समय बदल गया है। अब यह {visit_day} को {visit_time} बजे है।",
        ),
        MessageKind.VISIT_CANCELLED: Text(
            subject="{clinic_name} में आपका अपॉइंटमेंट रद्द हो गया है",
            mail="{clinic_name} में {visit_day} को {visit_time} बजे का आपका अपॉइंटमेंट रद्द हो गया है।",
            sms="{clinic_name}: {visit_day} को {visit_time} बजे का आपका अपॉइंटमेंट रद्द हो गया है।",
        ),
        MessageKind.VISIT_REMINDER: Text(
            subject="{clinic_name} में आपके अपॉइंटमेंट की याद",
            mail="{clinic_name} में {visit_day} को {visit_time} बजे आपकी प्रतीक्षा करेंगे। यदि आप नहीं आ सकते, तो कृपया हमें बताएँ।",
            sms="{clinic_name}: {visit_day} को {visit_time} बजे आपका अपॉइंटमेंट है। न आ सकें तो बताएँ।",
        ),
    },
)

"""The texts of an appointment's page, in each language. They have no clinical word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.lazily import lazily
from shared.records.scheduling.other_time import PartOfDay
from shared.web.link_pages.texts import PageLanguage
from shared.workflows.scheduling.visit_pages import Answer, VisitState

with lazily(globals()):
    from shared.workflows.scheduling.visit_pages import Facts


@dataclass(frozen=True)
class Sure:
    """A second page: its heading, its sentence, and the button that does it."""

    heading: str
    text: str
    button: str


@dataclass(frozen=True)
class VisitTexts:
    """All texts of the page in one language."""

    said: Mapping[VisitState, tuple[str, str]]
    buttons: Mapping[Answer, str]
    sure: Mapping[Answer, Sure]
    done: Mapping[Answer, tuple[str, str]]
    confirmed: str
    asked: str
    late: str
    practice: str
    doctor: str
    day: str
    time: str
    phone: str
    preferred: tuple[str, str]
    part: str
    parts: Mapping[PartOfDay, str]
    wish: str
    wish_hint: str
    year: str
    year_hint: str
    back: str
    weekdays: tuple[str, ...]
    """From Monday on."""
    months: tuple[str, ...]

    def day_of(self, local_time: str) -> str:
        """A day in words, such as Monday, 14 March 2027."""
        day = datetime.fromisoformat(local_time)
        return f"{self.weekdays[day.weekday()]}, {day.day} {self.months[day.month - 1]} {day.year}"

    def time_of(self, facts: Facts) -> str:
        """A time with its zone, such as 09:00 (Asia/Kolkata, UTC+05:30)."""
        offset = facts.starts_at.astimezone(ZoneInfo(facts.visit.time_zone)).strftime("%z")
        return f"{facts.visit.local_time[11:16]} ({facts.visit.time_zone}, UTC{offset[:3]}:{offset[3:]})"


_ENGLISH = VisitTexts(
    said={
        VisitState.ASKS: ("Your appointment", ""),
        VisitState.SURE: ("Please check", ""),
        VisitState.INCOMPLETE: ("Please check what you entered", "Enter the year with four digits, and days to come."),
        VisitState.WRONG: ("That does not match", "Check the year and try again. Five wrong tries lock the link."),
        VisitState.AGAIN: ("Please do it once more", "The page was too old, or sent too quickly. Nothing has changed."),
        VisitState.DONE: ("Done", ""),
        VisitState.CALL: ("Please call the practice", "It is too late to do this here. Nothing has changed."),
        VisitState.CHANGED: (
            "This appointment has changed",
            "This link is for an earlier arrangement. Use the link of your latest message, or call the practice.",
        ),
        VisitState.CANCELLED: ("This appointment is cancelled", "Call the practice if you want another one."),
        VisitState.OVER: ("This appointment is past", "It has begun, or is over. The link does nothing any more."),
    },
    buttons={
        Answer.CONFIRM: "I will come",
        Answer.OTHER_TIME: "I need another time",
        Answer.CANCEL: "I cannot come: cancel",
    },
    sure={
        Answer.CONFIRM: Sure("Will you come?", "Tell the practice that you will come.", "Yes, I will come"),
        Answer.OTHER_TIME: Sure(
            "Ask for another time?",
            "The practice gets your request and contacts you. Until then your appointment stays as it is.",
            "Yes, ask for another time",
        ),
        Answer.CANCEL: Sure(
            "Cancel this appointment?",
            "Your time is then given to somebody else. This cannot be undone.",
            "Yes, cancel the appointment",
        ),
    },
    done={
        Answer.CONFIRM: ("Thank you: you are expected", "Your appointment is confirmed."),
        Answer.OTHER_TIME: ("Your request was sent", "The practice contacts you. Your appointment stays until then."),
        Answer.CANCEL: ("Your appointment is cancelled", "You need not do anything else."),
    },
    confirmed="You have confirmed it.",
    asked="You have asked for another time: the practice contacts you.",
    late="To change or cancel it now, please call the practice.",
    practice="Practice",
    doctor="With",
    day="Day",
    time="Time",
    phone="Telephone:",
    preferred=("A day that suits you, if you like", "Another day that suits you"),
    part="Time of day",
    parts={
        PartOfDay.ANY: "Any time",
        PartOfDay.MORNING: "Morning",
        PartOfDay.AFTERNOON: "Afternoon",
        PartOfDay.EVENING: "Evening",
    },
    wish="A note about the time, if you like",
    wish_hint="At most 300 characters. Please write nothing about your health here.",
    year="The patient's year of birth",
    year_hint="Four digits, so that nobody does this by mistake",
    back="No, go back",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
)

_HINDI = VisitTexts(
    said={
        VisitState.ASKS: ("आपकी अपॉइंटमेंट", ""),
        VisitState.SURE: ("कृपया जाँच लें", ""),
        VisitState.INCOMPLETE: ("कृपया भरी हुई जानकारी जाँचें", "वर्ष चार अंकों में भरें, और आने वाले दिन चुनें।"),
        VisitState.WRONG: ("यह मेल नहीं खाता", "वर्ष जाँचकर फिर कोशिश करें। पाँच ग़लत कोशिशों के बाद लिंक बंद हो जाता है।"),
        VisitState.AGAIN: ("कृपया एक बार फिर करें", "पेज पुराना हो गया था, या बहुत जल्दी भेजा गया। कुछ नहीं बदला है।"),
        VisitState.DONE: ("हो गया", ""),
        VisitState.CALL: ("कृपया क्लिनिक को फ़ोन करें", "यहाँ यह करने के लिए बहुत देर हो चुकी है। कुछ नहीं बदला है।"),
        VisitState.CHANGED: (
            "यह अपॉइंटमेंट बदल गई है",
            "यह लिंक पहले तय हुए समय का है। अपने सबसे नए संदेश का लिंक खोलें, या क्लिनिक को फ़ोन करें।",
        ),
        VisitState.CANCELLED: ("यह अपॉइंटमेंट रद्द हो चुकी है", "नई अपॉइंटमेंट चाहिए तो क्लिनिक को फ़ोन करें।"),
        VisitState.OVER: ("इस अपॉइंटमेंट का समय बीत गया है", "यह शुरू हो चुकी है या पूरी हो गई है। यह लिंक अब कुछ नहीं करता।"),
    },
    buttons={
        Answer.CONFIRM: "मैं आऊँगा / आऊँगी",
        Answer.OTHER_TIME: "मुझे दूसरा समय चाहिए",
        Answer.CANCEL: "मैं नहीं आ सकता / सकती: रद्द करें",
    },
    sure={
        Answer.CONFIRM: Sure("क्या आप आएँगे?", "क्लिनिक को बताएँ कि आप आएँगे।", "हाँ, मैं आऊँगा / आऊँगी"),
        Answer.OTHER_TIME: Sure(
            "क्या दूसरा समय माँगना है?",
            "आपका अनुरोध क्लिनिक को मिलेगा और वह आपसे संपर्क करेगा। तब तक आपकी अपॉइंटमेंट वैसी ही रहेगी।",
            "हाँ, दूसरा समय माँगें",
        ),
        Answer.CANCEL: Sure(
            "क्या यह अपॉइंटमेंट रद्द करनी है?",
            "फिर आपका समय किसी और को दे दिया जाएगा। इसे वापस नहीं किया जा सकता।",
            "हाँ, अपॉइंटमेंट रद्द करें",
        ),
    },
    done={
        Answer.CONFIRM: ("धन्यवाद: आपका इंतज़ार रहेगा", "आपकी अपॉइंटमेंट पक्की है।"),
        Answer.OTHER_TIME: ("आपका अनुरोध भेज दिया गया", "क्लिनिक आपसे संपर्क करेगा। तब तक आपकी अपॉइंटमेंट वैसी ही रहेगी।"),
        Answer.CANCEL: ("आपकी अपॉइंटमेंट रद्द हो गई है", "आपको और कुछ नहीं करना है।"),
    },
    confirmed="आप इसे पक्का कर चुके हैं।",
    asked="आपने दूसरा समय माँगा है: क्लिनिक आपसे संपर्क करेगा।",
    late="अब इसे बदलने या रद्द करने के लिए कृपया क्लिनिक को फ़ोन करें।",
    practice="क्लिनिक",
    doctor="किसके साथ",
    day="दिन",
    time="समय",
    phone="फ़ोन:",
    preferred=("आपके लिए ठीक दिन, यदि बताना चाहें", "कोई और ठीक दिन"),
    part="दिन का समय",
    parts={
        PartOfDay.ANY: "कभी भी",
        PartOfDay.MORNING: "सुबह",
        PartOfDay.AFTERNOON: "दोपहर",
        PartOfDay.EVENING: "शाम",
    },
    wish="समय के बारे में कुछ, यदि लिखना चाहें",
    wish_hint="अधिक से अधिक 300 अक्षर। कृपया यहाँ अपने स्वास्थ्य के बारे में कुछ न लिखें।",
    year="मरीज़ का जन्म वर्ष",
    year_hint="चार अंक, ताकि यह ग़लती से न हो",
    back="नहीं, वापस जाएँ",
    weekdays=("सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार"),
    months=(
        *("जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून"),
        *("जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"),
    ),
)

VISIT_TEXTS: Mapping[PageLanguage, VisitTexts] = {PageLanguage.ENGLISH: _ENGLISH, PageLanguage.HINDI: _HINDI}

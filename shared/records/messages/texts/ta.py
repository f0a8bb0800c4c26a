"""Tamil."""

from shared.records.messages.kinds import MessageKind
from shared.records.messages.texts.text import Language, Text

LANGUAGE = Language(
    greeting="வணக்கம்,",
    greeting_by_name="வணக்கம் {first_name},",
    closing="இந்தச் செய்தி {clinic_name} சார்பில் தானாக அனுப்பப்பட்டது. பதில்கள் படிக்கப்படுவதில்லை.",
    link="உறுதிசெய்ய அல்லது மாற்ற: {url}",
    texts={
        MessageKind.REPORT_LINK: Text(
            subject="{clinic_name} அனுப்பிய ஆவணம்",
            mail=(
                "{clinic_name} உங்களுடன் ஓர் ஆவணத்தைப் பகிர்ந்துள்ளது. {day} வரை அதை இங்கே திறக்கலாம்:\n\n{url}\n\n"
                "உங்களுக்கு மட்டுமே தெரிந்த ஒரு தகவலை அந்தப் பக்கம் கேட்கும். இந்தச் செய்தியை நீங்கள் எதிர்பார்க்கவில்லை என்றால், "
                "இதைப் புறக்கணித்து {clinic_name}க்குத் தெரிவிக்கவும்."
            ),
            sms="{clinic_name} உங்களுடன் ஓர் ஆவணத்தைப் பகிர்ந்துள்ளது. {day} வரை திறக்கலாம்: {url}",
        ),
        MessageKind.BILL: Text(
            subject="{clinic_name} அனுப்பிய பில்",
            mail=(
                "{clinic_name} உங்களுக்கு ஒரு பில் அனுப்பியுள்ளது. {day} வரை அதை இங்கே திறக்கலாம்:\n\n{url}\n\n"
                "உங்களுக்கு மட்டுமே தெரிந்த ஒரு தகவலை அந்தப் பக்கம் கேட்கும். இந்தச் செய்தியை நீங்கள் எதிர்பார்க்கவில்லை என்றால், "
                "இதைப் புறக்கணித்து {clinic_name}க்குத் தெரிவிக்கவும்."
            ),
            sms="{clinic_name} உங்களுக்கு ஒரு பில் அனுப்பியுள்ளது. {day} வரை திறக்கலாம்: {url}",
        ),
        MessageKind.PAYMENT_REMINDER: Text(
            subject="{clinic_name} அனுப்பும் நினைவூட்டல்",
            mail=(
                "{clinic_name} அனுப்பிய ஒரு பில் இன்னும் நிலுவையில் உள்ளது. அதையும் பணம் செலுத்தும் வழிகளையும் {day} வரை "
                "இங்கே காணலாம்:\n\n{url}\n\nஉங்களுக்கு மட்டுமே தெரிந்த ஒரு தகவலை அந்தப் பக்கம் கேட்கும். நீங்கள் ஏற்கெனவே பணம் "
                "செலுத்தியிருந்தால், அல்லது பில் தவறு என்று நினைத்தால், {clinic_name}க்குத் தெரிவிக்கவும்."
            ),
            sms="{clinic_name} அனுப்பிய ஒரு பில் நிலுவையில் உள்ளது. {day} வரை காணலாம்: {url}",
        ),
        MessageKind.PASSCODE: Text(
            subject="{clinic_name} அனுப்பிய உங்கள் குறியீடு",
            mail="உங்கள் குறியீடு {code}\n\nஇதை யாருக்கும் கொடுக்க வேண்டாம். {clinic_name} இதை ஒருபோதும் கேட்காது.",
            sms="{clinic_name}: உங்கள் குறியீடு {code}. இதை யாருக்கும் கொடுக்க வேண்டாம்.",
        ),
        MessageKind.REPORTS_UNSIGNED: Text(
            subject="கையொப்பமிட வேண்டிய அறிக்கைகள்",
            mail="{clinic_name}: உங்களின் இந்த அறிக்கைகள் {days} நாட்களுக்கு மேலாகக் கையொப்பமிடப்படாமல் உள்ளன:\n\n{reports}",
        ),
        MessageKind.VISIT_BOOKED: Text(
            subject="{clinic_name}: உங்கள் சந்திப்பு நேரம்",
            mail="{clinic_name} இல் உங்கள் சந்திப்பு {visit_day} அன்று {visit_time} மணிக்கு.",
            sms="{clinic_name}: உங்கள் சந்திப்பு {visit_day} அன்று {visit_time} மணிக்கு.",
        ),
        MessageKind.VISIT_MOVED: Text(
            subject="{clinic_name}: உங்கள் சந்திப்பின் புதிய நேரம்",
            mail="{clinic_name} இல் உங்கள் சந்திப்பின் நேரம் மாற்றப்பட்டது. இப்போது அது {visit_day} அன்று {visit_time} மணிக்கு.",
            sms="{clinic_name}: உங்கள் சந்திப்பின் புதிய நேரம் {visit_day} அன்று {visit_time} மணி.",
        ),
        MessageKind.VISIT_CANCELLED: Text(
            subject="{clinic_name}: உங்கள் சந்திப்பு ரத்து செய்யப்பட்டது",
            mail="{clinic_name} இல் {visit_day} அன்று {visit_time} மணிக்கு இருந்த உங்கள் சந்திப்பு ரத்து செய்யப்பட்டது.",
            sms="{clinic_name}: {visit_day} அன்று {visit_time} மணிக்கு இருந்த உங்கள் சந்திப்பு ரத்து செய்யப்பட்டது.",
        ),
        MessageKind.VISIT_REMINDER: Text(
            subject="{clinic_name}: உங்கள் சந்திப்பு நினைவூட்டல்",
            mail="{clinic_name} இல் {visit_day} அன்று {visit_time} மணிக்கு வாருங்கள். வர இயலவில்லை என்றால் தெரிவிக்கவும்.",
            sms="{clinic_name}: {visit_day} அன்று {visit_time} மணிக்கு உங்கள் சந்திப்பு. இயலாவிட்டால் தெரிவிக்கவும்.",
        ),
    },
)

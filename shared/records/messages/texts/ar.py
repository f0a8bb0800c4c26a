"""Arabic."""

from shared.records.messages.kinds import MessageKind
from shared.records.messages.texts.text import Language, Text

LANGUAGE = Language(
    greeting="مرحبًا،",
    greeting_by_name="مرحبًا {first_name}،",
    closing="أُرسلت هذه الرسالة تلقائيًا من {clinic_name}. لا تُقرأ الردود عليها.",
    link="للتأكيد أو التغيير: {url}",
    texts={
        MessageKind.REPORT_LINK: Text(
            subject="مستند من {clinic_name}",
            mail=(
                "شارك معك {clinic_name} مستندًا. يمكنك فتحه هنا حتى {day}:\n\n{url}\n\n"
                "ستطلب الصفحة معلومة لا يعرفها سواك. إذا لم تكن تتوقع هذه الرسالة فتجاهلها وأخبر {clinic_name}."
            ),
            sms="شارك معك {clinic_name} مستندًا. افتحه حتى {day}: {url}",
        ),
        MessageKind.BILL: Text(
            subject="فاتورة من {clinic_name}",
            mail=(
                "لديك فاتورة من {clinic_name}. يمكنك فتحها هنا حتى {day}:\n\n{url}\n\n"
                "ستطلب الصفحة معلومة لا يعرفها سواك. إذا لم تكن تتوقع هذه الرسالة فتجاهلها وأخبر {clinic_name}."
            ),
            sms="لديك فاتورة من {clinic_name}. افتحها حتى {day}: {url}",
        ),
        MessageKind.PAYMENT_REMINDER: Text(
            subject="تذكير من {clinic_name}",
            mail=(
                "لا تزال لديك فاتورة غير مسددة من {clinic_name}. "
                "يمكنك الاطلاع عليها وعلى طرق الدفع هنا حتى {day}:\n\n{url}\n\n"
                "ستطلب الصفحة معلومة لا يعرفها سواك. إذا كنت قد دفعت أو ترى أن الفاتورة خاطئة فأخبر {clinic_name}."
            ),
            sms="لديك فاتورة غير مسددة من {clinic_name}. اطلع عليها حتى {day}: {url}",
        ),
        MessageKind.PASSCODE: Text(
            subject="رمزك من {clinic_name}",
            mail="رمزك هو {code}\n\nلا تعطه لأحد. لا يطلبه {clinic_name} أبدًا.",
            sms="رمزك من {clinic_name} هو {code}. لا تعطه لأحد.",
        ),
        MessageKind.REPORTS_UNSIGNED: Text(
            subject="تقارير بانتظار التوقيع",
            mail="تقاريرك التالية في {clinic_name} غير موقعة منذ أكثر من {days} يومًا:\n\n{reports}",
        ),
        MessageKind.VISIT_BOOKED: Text(
            subject="موعدك في {clinic_name}",
            mail="موعدك في {clinic_name} يوم {visit_day} الساعة {visit_time}.",
            sms="{clinic_name}: موعدك يوم {visit_day} الساعة {visit_time}.",
        ),
        MessageKind.VISIT_MOVED: Text(
            subject="وقت جديد لموعدك في {clinic_name}",
            mail="تغيّر موعدك في {clinic_name}. أصبح يوم {visit_day} الساعة {visit_time}.",
            sms="{clinic_name}: تغيّر موعدك. أصبح يوم {visit_day} الساعة {visit_time}.",
        ),
        MessageKind.VISIT_CANCELLED: Text(
            subject="أُلغي موعدك في {clinic_name}",
            mail="أُلغي موعدك في {clinic_name} يوم {visit_day} الساعة {visit_time}.",
            sms="{clinic_name}: أُلغي موعدك يوم {visit_day} الساعة {visit_time}.",
        ),
        MessageKind.VISIT_REMINDER: Text(
            subject="تذكير بموعدك في {clinic_name}",
            mail="ننتظرك في {clinic_name} يوم {visit_day} الساعة {visit_time}. إذا تعذّر حضورك فأخبرنا من فضلك.",
            sms="{clinic_name}: ننتظرك يوم {visit_day} الساعة {visit_time}. إذا تعذّر حضورك فأخبرنا.",
        ),
    },
)

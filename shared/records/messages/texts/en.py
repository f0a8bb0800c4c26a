"""English."""

from shared.records.messages.kinds import MessageKind
from shared.records.messages.texts.text import Language, Text

LANGUAGE = Language(
    greeting="Hello,",
    greeting_by_name="Hello {first_name},",
    closing="This message was sent automatically by {clinic_name}. Replies are not read.",
    link="Confirm or change it: {url}",
    texts={
        MessageKind.REPORT_LINK: Text(
            subject="A document from {clinic_name}",
            mail=(
                "{clinic_name} shares a document with you. You can open it here until {day}:\n\n{url}\n\n"
                "The page asks for something that only you know. If you did not expect this message, ignore it, and "
                "tell {clinic_name}."
            ),
            sms="{clinic_name} shares a document with you. Open it until {day}: {url}",
        ),
        MessageKind.BILL: Text(
            subject="A bill from {clinic_name}",
            mail=(
                "{clinic_name} has a bill for you. You can open it here until {day}:\n\n{url}\n\n"
                "The page asks for something that only you know. If you did not expect this message, ignore it, and "
                "tell {clinic_name}."
            ),
            sms="{clinic_name} has a bill for you. Open it until {day}: {url}",
        ),
        MessageKind.PAYMENT_REMINDER: Text(
            subject="A reminder from {clinic_name}",
            mail=(
                "A bill from {clinic_name} is still open. You can see it, and how to pay, here until {day}:"
                "\n\n{url}\n\nThe page asks for something that only you know. If you have paid already, or think that "
                "the bill is wrong, please tell {clinic_name}."
            ),
            sms="A bill from {clinic_name} is still open. See it until {day}: {url}",
        ),
        MessageKind.PASSCODE: Text(
            subject="Your code from {clinic_name}",
            mail="Your code is {code}\n\nGive it to nobody. {clinic_name} never asks for it.",
            sms="{code} is your code from {clinic_name}. Give it to nobody.",
        ),
        MessageKind.REPORTS_UNSIGNED: Text(
            subject="Reports to sign",
            mail="These reports of yours at {clinic_name} have been unsigned for more than {days} days:\n\n{reports}",
        ),
        MessageKind.VISIT_BOOKED: Text(
            subject="Your appointment at {clinic_name}",
            mail="Your appointment at {clinic_name} is on {visit_day} at {visit_time}.",
            sms="{clinic_name}: your appointment is on {visit_day} at {visit_time}.",
        ),
        MessageKind.VISIT_MOVED: Text(
            subject="Your appointment at {clinic_name} has a new time",
            mail="Your appointment at {clinic_name} was moved. It is now on {visit_day} at {visit_time}.",
            sms="{clinic_name}: your appointment was moved. It is now on {visit_day} at {visit_time}.",
        ),
        MessageKind.VISIT_CANCELLED: Text(
            subject="Your appointment at {clinic_name} is cancelled",
            mail="Your appointment at {clinic_name} on {visit_day} at {visit_time} is cancelled.",
            sms="{clinic_name}: your appointment on {visit_day} at {visit_time} is cancelled.",
        ),
        MessageKind.VISIT_REMINDER: Text(
            subject="Reminder of your appointment at {clinic_name}",
            mail="We expect you at {clinic_name} on {visit_day} at {visit_time}. If you cannot come, please tell us.",
            sms="{clinic_name} expects you on {visit_day} at {visit_time}. If you cannot come, please tell us.",
        ),
    },
)

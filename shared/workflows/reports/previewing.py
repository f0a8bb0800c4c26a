"""The prompt of a template, without calling the model. Of a visit it names the people, for whom the model sees
placeholders."""

from __future__ import annotations

from shared.records.permissions import Action
from shared.records.problems import FieldError, Invalid
from shared.records.record import Value
from shared.records.reports.notes import notes_of
from shared.records.reports.types import report_type_of
from shared.records.templates.content import TemplateContent
from shared.records.templates.requests import TemplatePreview
from shared.records.templates.sections import leaves_of
from shared.records.templates.style import StyleExamples
from shared.records.templates.template import ReportTemplate
from shared.records.templates.variables import SAMPLE, PromptVariable, Values, filled
from shared.records.types import Digest
from shared.records.visits.segment import Segment
from shared.records.visits.session import Session
from shared.records.visits.speech import Speaker
from shared.records.visits.visit_transcript import joined, languages_in, spoken
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.reports import prompt
from shared.workflows.reports.prompt_values import values_of
from shared.workflows.templates import reading, styles
from shared.workflows.visits import transcripts

_SAID = (
    (Speaker.PRACTITIONER, "How have you been since the last visit?"),
    (Speaker.PATIENT, "Better. I sleep six hours now, and I go to work again."),
    (Speaker.PRACTITIONER, "Let us stay at sertraline 50 mg, and meet again in four weeks."),
)
"""An invented visit."""


class PreviewedPrompt(Value):
    """The prompt of a template."""

    template_version: int
    prompt_hash: Digest
    """The hash that a report with this version of the template has."""
    instruction: str
    """The system instruction, with the template's own prompt and its variables filled in, and with the caller's style
    examples."""
    prompt: str
    """The sections to fill, and the numbered evidence. The model sees placeholders for the people in it."""
    variables: dict[PromptVariable, str]


def preview(clinic: Clinic, template_id: str, asked: TemplatePreview) -> PreviewedPrompt:
    """The prompt on a sample, or on a visit that the caller may read. Raises Invalid for a visit that is too long."""

    def transaction(work: UnitOfWork) -> PreviewedPrompt:
        work.prefetch(*reading.refs(template_id), work.settings_ref(), StyleExamples.ref(work.user_id))
        template = reading.visible(work, template_id)
        version = reading.version(work, template.id, template.version)
        evidence, values = _sample() if asked.session_id is None else _visit(work, asked.session_id, template)
        content = version.content
        own = content.ai_prompt and filled(content.ai_prompt, values)
        return PreviewedPrompt(
            template_version=version.number,
            prompt_hash=prompt.digest_of(content),
            instruction=prompt.instruction_for(own, content.language, styles.of_doctor(work, work.user_id)),
            prompt=_prompt(content, evidence),
            variables=dict(values),
        )

    return clinic.perform("template.preview", transaction)


def _prompt(content: TemplateContent, evidence: prompt.Evidence) -> str:
    try:
        return "\n\n".join(prompt.prompts_for(list(leaves_of(content.sections)), evidence))
    except prompt.PromptTooLong:
        raise Invalid(errors=[FieldError("/session_id", "the visit is too long for a report")]) from None


def _sample() -> tuple[prompt.Evidence, Values]:
    numbered = enumerate(_SAID, start=1)
    return prompt.Evidence([_segment(number, *said) for number, said in numbered]), SAMPLE


def _segment(number: int, speaker: Speaker, text: str) -> Segment:
    return Segment(number=number, speaker=speaker, text=text, start_ms=0, end_ms=0, confidence=None)


def _visit(work: UnitOfWork, session_id: str, template: ReportTemplate) -> tuple[prompt.Evidence, Values]:
    """The evidence of a visit; it may have no transcript yet."""
    session = work.get(Session.ref(session_id))
    permissions.require(work, Action.READ_VISIT, session)
    heard = transcripts.of_visit(work, session)
    segments = spoken(joined(heard))
    languages = languages_in(segments, session.stt_settings.language)
    report_type = template.report_type or report_type_of(session.type)
    return prompt.Evidence(segments, notes_of(session)), values_of(work, session, languages, report_type)

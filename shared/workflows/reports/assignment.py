"""One report to write: what the writer gets, and what the report keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.records.reports.report import Report
from shared.records.templates.content import TemplateContent
from shared.records.templates.sections import Section
from shared.records.templates.variables import Values, filled
from shared.records.types import Language
from shared.records.visits.lost_audio import LostAudio
from shared.records.visits.visit_transcript import TranscriptSource
from shared.store.firestore.snapshot import Snapshot
from shared.workflows.reports import prompt


@dataclass(frozen=True)
class Assignment:
    """One report to write."""

    report: Report
    template: TemplateContent
    evidence: prompt.Evidence
    languages: Sequence[Language] = ("en",)
    """Of the transcript, that of most words first."""
    main_language: Language = "en"
    """Of the visit, as the doctor set it."""
    sources: Sequence[TranscriptSource] = ()
    """The transcriptions that the evidence is from."""
    lost: Sequence[LostAudio] = ()
    """What these lack of the visit."""
    values: Values = field(default_factory=dict)
    """Of the variables in the template's own prompt."""
    style: Sequence[str] = ()
    """Past notes of the doctor."""
    read: Mapping[str, Snapshot] = field(default_factory=dict)
    """The clinic's settings and the doctor's profile as they were then, for the commit of the draft."""

    @property
    def report_language(self) -> Language:
        """Of the statements: the template's, or else that of the visit."""
        return self.template.language or self.main_language

    @property
    def sections(self) -> list[Section]:
        """The sections as the report keeps them."""
        return [section.without_guidance() for section in self.template.sections]

    @property
    def instruction(self) -> str:
        """The system instruction. The template's own prompt and the doctor's past notes may name people too. What was
        said in several languages is written in the main one, unless the template has another."""
        own, hide = self.template.ai_prompt, self.evidence.pseudonyms.hide
        style = [hide(text) for text in self.style]
        main = self.main_language if len(self.languages) > 1 else None
        return prompt.instruction_for(own and hide(filled(own, self.values)), self.template.language or main, style)

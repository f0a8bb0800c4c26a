"""The demo's output in a terminal or a file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.demo import costs
from local.demo.proofreading import Correction
from local.services.kit.recorder import Call
from shared.render.formats import money

Note = Callable[[str], None]
"""Adds a note to a stage."""
_FILE_WIDTH = 110
_INDENT = 11
"""Columns by which the details of a stage are indented."""


class Stages:
    """The stages of the demo, each with its time; in a terminal, the current stage is shown live."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def stage(self, what: str) -> Iterator[Note]:
        """Show a stage while it runs and when it ends."""
        notes: list[str] = []
        started = time.monotonic()
        try:
            with self._live(what) as show:

                def note(text: str) -> None:
                    notes.append(text)
                    show(_trail(notes))

                yield note
        except BaseException:
            self._line("[red]✗[/]", what, notes, started)
            raise
        self._line("[green]✓[/]", what, notes, started)

    @contextmanager
    def _live(self, what: str) -> Iterator[Note]:
        columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        disable = not self._console.is_terminal
        with Progress(*columns, console=self._console, transient=True, disable=disable) as progress:
            task = progress.add_task(escape(what))
            yield lambda trail: progress.update(task, description=f"{escape(what)}  [dim]{escape(trail)}[/]")

    def _line(self, mark: str, what: str, notes: Sequence[str], started: float) -> None:
        seconds = f"{time.monotonic() - started:5.1f} s"
        self._console.print(f"{mark} [cyan]{seconds}[/]  {escape(what)}  [dim]{escape(_trail(notes))}[/]")


def console() -> Console:
    """Standard output; in a file without colours and with a fixed width."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_FILE_WIDTH)


def draft(console: Console, report: Mapping[str, Any], transcription: Mapping[str, Any]) -> None:
    """The report's sections; each statement with its source segments, their numbers and times, and its notes."""
    segments = {segment["number"]: segment for segment in transcription["segments"]}
    notes = {note["number"]: note for note in report["notes"]}
    console.print()
    console.rule("The draft: each statement with its evidence", align="left")
    for leaf, title in _leaves(report["sections"]):
        statements = [statement for statement in report["statements"] if statement["section"] == leaf]
        console.print(f"[bold]{escape(title)}[/]" + ("" if statements else "  [dim]nothing recorded[/]"))
        for statement in statements:
            _print_statement(console, statement, segments, notes)
    console.rule()


def provenance(console: Console, speech: str, writer: str, errors: float) -> None:
    """The local parts behind the transcript and the draft, and the transcript's word error rate."""
    console.print(
        f"The speech engine is local: Whisper {speech}, word error rate {errors:.1%} against the dialogue.\n"
        f"The writer is local: {writer} picks sentences and cites them. Deployed, Gemini gets the same prompt.\n",
        markup=False,
    )


def corrections(console: Console, made: Sequence[Correction]) -> None:
    for correction in made:
        _print_below_stage(console, f"[red]- {escape(correction.statement['text'])}[/]")
        _print_below_stage(console, f"[green]+ {escape(correction.text)}[/]")
        _print_below_stage(console, f"  [dim]{escape(correction.reason)}[/]")


def clock(moment: str, zone: ZoneInfo) -> datetime:
    """The time of an answer in the clinic's time zone."""
    return datetime.fromisoformat(moment).astimezone(zone)


def signature(console: Console, signed: Mapping[str, Any], zone: ZoneInfo) -> None:
    proof = signed["signature"]
    who = f"{proof['signer_name']}, {proof['licence_number']}, {clock(proof['signed_at'], zone):%Y-%m-%d %H:%M:%S %Z}"
    _print_below_stage(console, f"{escape(who)}: [italic]{escape(proof['meaning'])}[/]")
    confirmed = f"Account {proof['signer_id']}, confirmed by {proof['identity_confirmed_by']}"
    _print_below_stage(console, f"{escape(confirmed)}, {clock(proof['identity_confirmed_at'], zone):%H:%M:%S %Z}")
    _print_below_stage(console, f"[dim]SHA-256 {proof['content_digest']}[/]")


def bill(console: Console, paid: Mapping[str, Any]) -> None:
    currency = paid["currency"]
    table = Table(title=f"Bill {paid['number']}: {paid['status']}", title_justify="left", box=box.SIMPLE)
    table.show_header = False
    table.add_column()
    table.add_column(justify="right")
    for item in paid["line_items"]:
        table.add_row(escape(f"{item['description']} (CPT {item['cpt_code']})"), money(item["amount"], currency))
    table.add_section()
    table.add_row("Subtotal", money(paid["subtotal"], currency))
    for tax in paid["taxes"]:
        table.add_row(escape(f"{tax['label']}, {tax['rate_percent']} %"), money(tax["amount"], currency))
    table.add_row("[bold]Total[/]", f"[bold]{money(paid['total_amount'], currency)}[/]")
    for payment in paid["payment_history"]:
        table.add_row(f"Paid ({payment['method'].replace('_', ' ')})", money(-payment["amount"], currency))
    table.add_row("[bold]Outstanding[/]", f"[bold]{money(paid['outstanding_amount'], currency)}[/]")
    console.print()
    console.print(table)


def cost(console: Console, calls: Sequence[Call]) -> None:
    """The units that Google would bill, by function."""
    by_caller = costs.by_caller(calls)
    total = costs.total(by_caller.values())
    title = "What it cost, by function: Firestore documents, KMS, audio (each channel), model"
    table = Table(title=title, title_justify="left", box=box.SIMPLE, show_footer=True)
    table.add_column(footer="total", no_wrap=True)
    for column, name in costs.COLUMNS.items():
        table.add_column(name, justify="right", footer=f"{total[column]:,}")
    for caller, amounts in by_caller.items():
        table.add_row(caller, *(f"{amounts[column]:,}" if amounts[column] else "" for column in costs.COLUMNS))
    console.print(table)


def files(console: Console, paths: Sequence[Path]) -> None:
    for path in paths:
        console.print(str(path), soft_wrap=True, markup=False)


def failure(console: Console, error: Exception) -> None:
    """The reason why the demo failed."""
    for line in [str(error), *getattr(error, "__notes__", [])]:
        console.print(line, style="red", markup=False, soft_wrap=True)


def _print_statement(
    console: Console,
    statement: Mapping[str, Any],
    segments: Mapping[int, Mapping[str, Any]],
    notes: Mapping[int, Mapping[str, Any]],
) -> None:
    doubts = ", ".join(doubt["kind"].replace("_", " ") for doubt in statement["doubts"])
    table = Table.grid(padding=(0, 2))
    table.add_row("•", escape(statement["text"]) + (f"  [yellow]({doubts})[/]" if doubts else ""))
    console.print(Padding(table, (0, 0, 0, 2), expand=False))
    evidence = Table.grid(padding=(0, 2))
    for number in statement["segments"]:
        said = segments[number]
        evidence.add_row(f"[{number}]", _minutes(said["start_ms"]), said["speaker"], escape(said["text"]), style="dim")
    for number in statement["notes"]:
        evidence.add_row(f"[{number}]", "", "noted by the practitioner", escape(notes[number]["text"]), style="dim")
    console.print(Padding(evidence, (0, 0, 0, 5), expand=False))


def _leaves(sections: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The sections and subsections that hold statements: id and title."""
    for section in sections:
        if not section["subsections"]:
            yield section["id"], section["title"]
        for part in section["subsections"]:
            yield f"{section['id']}.{part['id']}", f"{section['title']}: {part['title']}"


def _minutes(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes:02d}:{seconds:02d}"


def _trail(notes: Sequence[str]) -> str:
    return " → ".join(notes)


def _print_below_stage(console: Console, text: str) -> None:
    console.print(Padding(text, (0, 0, 0, _INDENT), expand=False))

"""Phrase hints: words that a recogniser does not expect, such as names of drugs and of the people in the visit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

MOST_PHRASES = 300
"""Speech-to-Text takes 5,000 in a request."""
_LONGEST = 80
"""Characters; Speech-to-Text takes 100."""


def _words(text: str) -> list[str]:
    return text.split()


DRUGS: Sequence[str] = _words(
    """
    acarbose aceclofenac acyclovir albendazole alendronate allopurinol alprazolam amitriptyline amlodipine
    amoxicillin apixaban aripiprazole atenolol atomoxetine atorvastatin azathioprine azithromycin baclofen
    bisoprolol budesonide bupropion buspirone carbamazepine carbimazole carvedilol cefixime cefuroxime
    cetirizine chlorpromazine chlorthalidone cilnidipine ciprofloxacin citalopram clarithromycin clobazam
    clonazepam clonidine clopidogrel clozapine codeine colchicine dapagliflozin desvenlafaxine dexamethasone
    diazepam diclofenac digoxin diltiazem disulfiram divalproex domperidone donepezil doxycycline duloxetine
    empagliflozin enalapril escitalopram esomeprazole eszopiclone ezetimibe febuxostat fexofenadine fluconazole
    fluoxetine fluvoxamine folate furosemide gabapentin glibenclamide gliclazide glimepiride glipizide
    haloperidol hydrochlorothiazide hydroxychloroquine hydroxyzine ibuprofen imipramine indapamide insulin
    isotretinoin ivermectin ketoconazole labetalol lamotrigine lansoprazole levetiracetam levocetirizine
    levofloxacin levothyroxine linagliptin lisinopril lithium loperamide loratadine lorazepam losartan
    lurasidone melatonin memantine mefenamic metformin methotrexate methylphenidate metoclopramide metoprolol
    metronidazole mirtazapine modafinil montelukast naltrexone naproxen nebivolol nifedipine nitrofurantoin
    nortriptyline olanzapine olmesartan omeprazole ondansetron oxcarbazepine paliperidone pantoprazole
    paracetamol paroxetine pioglitazone prazosin prednisolone pregabalin prochlorperazine promethazine
    propranolol quetiapine rabeprazole ramipril ranitidine risperidone rivaroxaban ropinirole rosuvastatin
    salbutamol sertraline sildenafil sitagliptin spironolactone sulfasalazine sumatriptan tamsulosin telmisartan
    teneligliptin terbinafine theophylline thyroxine tizanidine topiramate torsemide tramadol trazodone
    trihexyphenidyl valproate venlafaxine verapamil vilazodone voglibose vortioxetine warfarin zolpidem
    """
)
"""International names of drugs that are often prescribed in primary and mental health care."""


def phrases_of(names: Iterable[str | None]) -> list[str]:
    """The hints for a visit of people with these names, without duplicates, at most `MOST_PHRASES`."""
    return list(dict.fromkeys([*_parts(names), *DRUGS]))[:MOST_PHRASES]


def _parts(names: Iterable[str | None]) -> Iterator[str]:
    """Each name, and its parts of three letters or more."""
    for name in names:
        whole = " ".join((name or "").split())
        if 0 < len(whole) <= _LONGEST:
            yield whole
            yield from (part for part in whole.split() if len(part) > 2)

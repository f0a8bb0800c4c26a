"""Any number of deterministic synthetic patients, with names in several scripts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

_FIRST = """
Aarav Aditi Anjali Arjun Asha Bhavna Chitra Deepak Devika Divya Esha Farhan Fatima Gauri Gita Harish Imran
Indira Ishaan Jaya Kabir Kamala Kavya Kiran Lakshmi Leela Lina Madhav Mahesh Maya Meera Mohan Nandini Neha
Nikhil Nisha Omar Padma Pooja Pranav Priya Rahul Rajesh Ravi Rekha Rohan Sagar Salma Sanjay Sarita Shreya
Sunil Tara Uma Vikram Yasmin Zoë José Søren Łucja Anaïs Björn Chloé Dvořák Émile मीरा राहुल अनिता प्रिया محمد
فاطمة Анна Иван 伟 芳
"""
_LAST = """
Acharya Agarwal Ahmed Anand Banerjee Bhat Bose Chatterjee Chopra Choudhury Das Desai Deshpande D'Souza
Fernandes Gandhi Ghosh Gill Gowda Gupta Hegde Hussain Iyer Jain Joshi Kamath Kapoor Kaur Khan Krishnan
Kulkarni Kumar Mehta Menon Mishra Mukherjee Nair Naidu Pai Patel Pillai Prabhu Qureshi Raghavan Rao Reddy
Saxena Sen Shah Sharma Shetty Siddiqui Singh Sinha Subramaniam Thomas Varma Venkatesan Verma Yadav Müller
O'Brien Østergård García शर्मा नायर خان Петров 王 李
"""
_TAGS = ("evening", "telephone first", "student", "carer", "new", "interpreter")
_FIRST_DAY, _LAST_DAY = date(1935, 1, 1), date(2015, 12, 31)


def people(count: int, seed: int = 4) -> Iterator[dict[str, Any]]:
    """The registration fields of `count` patients. A larger count only appends patients."""
    generator = random.Random(seed)
    firsts, lasts = _FIRST.split(), _LAST.split()
    for number in range(count):
        days = generator.randrange((_LAST_DAY - _FIRST_DAY).days)
        middle = [generator.choice(firsts)] if generator.random() < 0.2 else []
        yield {
            "first_name": " ".join([generator.choice(firsts), *middle]),
            "last_name": generator.choice(lasts),
            "date_of_birth": _FIRST_DAY + timedelta(days=days),
            "primary_phone": f"+9198450{number:05d}",
            "email": f"patient{number}@clinic.example",
            "tags": [generator.choice(_TAGS)] if generator.random() < 0.3 else [],
        }


def bodies(count: int, seed: int = 4, *, allow_duplicate: bool) -> Iterator[dict[str, Any]]:
    """The requests that register these patients, for JSON."""
    for person in people(count, seed):
        born = person["date_of_birth"].isoformat()
        yield {**person, "date_of_birth": born, "allow_duplicate": allow_duplicate}

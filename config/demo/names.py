"""Names for the grown-ups of the demo world. No pupil has a name anywhere."""

import random
from collections.abc import Iterator
from typing import Final

_FIRST: Final = (
    "Aaliyah", "Abena", "Adaeze", "Adam", "Agnieszka", "Ahmed", "Aisha", "Alastair", "Amara", "Amina", "Andrew",
    "Anjali", "Anwar", "Bethan", "Bilal", "Brendan", "Callum", "Carmen", "Cerys", "Chidi", "Chloe", "Claire",
    "Daniel", "Dawit", "Deborah", "Deepak", "Delroy", "Ebony", "Eilidh", "Elif", "Emeka", "Emily", "Esther",
    "Fatima", "Femi", "Fiona", "Gareth", "Georgia", "Grace", "Gurpreet", "Hamza", "Hannah", "Harjit", "Helena",
    "Ibrahim", "Imogen", "Ines", "Irena", "Jack", "Jasmine", "Joanna", "Joel", "Jyoti", "Kamal", "Karen",
    "Katarzyna", "Kenji", "Kwame", "Laila", "Leanne", "Leon", "Lerato", "Liam", "Lucia", "Magda", "Manpreet",
    "Marcus", "Mariam", "Mei", "Michael", "Mina", "Mohammed", "Nadia", "Naomi", "Niamh", "Nikhil", "Nina",
    "Oluwaseun", "Omar", "Owen", "Parveen", "Patrick", "Peter", "Rachel", "Rafael", "Raj", "Rebecca", "Rhys",
    "Rosa", "Ruth", "Sadia", "Saoirse", "Shanice", "Sharon", "Simon", "Sofia", "Stephen", "Sunita", "Tariq",
    "Tessa", "Thandiwe", "Thomas", "Tomasz", "Vikram", "Wei", "Winston", "Yasmin", "Yusuf", "Zainab", "Zoe",
)  # fmt: skip
_LAST: Final = (
    "Abbott", "Adeyemi", "Ahmed", "Akhtar", "Ali", "Appiah", "Atkins", "Bailey", "Banerjee", "Baptiste", "Begum",
    "Bennett", "Bhatt", "Boateng", "Bradshaw", "Campbell", "Carter", "Chan", "Chowdhury", "Clarke", "Cooper",
    "Costa", "Davies", "Desai", "Dhillon", "Diallo", "Doyle", "Edwards", "Ellis", "Evans", "Farah", "Fernandes",
    "Fisher", "Gallagher", "Gill", "Gordon", "Green", "Hall", "Harper", "Hassan", "Hughes", "Hussain", "Ibrahim",
    "Iqbal", "Jackson", "James", "Jones", "Joshi", "Kaur", "Kelly", "Khan", "King", "Kumar", "Lam", "Lawson",
    "Lewis", "Lim", "Malik", "Marshall", "Mbeki", "McKenna", "Mehta", "Mensah", "Miah", "Mistry", "Mohamed",
    "Moore", "Morgan", "Murphy", "Musa", "Nair", "Newton", "Nguyen", "Novak", "Nowak", "O'Brien", "Oduya",
    "Osei", "Owens", "Palmer", "Parker", "Parmar", "Patel", "Petrov", "Phillips", "Popescu", "Price", "Rahman",
    "Reid", "Richards", "Roberts", "Rossi", "Sandhu", "Santos", "Shah", "Sharma", "Silva", "Singh", "Smith",
    "Stewart", "Suleiman", "Taylor", "Thompson", "Tran", "Turner", "Uddin", "Walker", "Ward", "Williams", "Wong",
    "Wright", "Wójcik", "Yeboah", "Young", "Zaman",
)  # fmt: skip


def people(chance: random.Random) -> Iterator[str]:
    """First and last name, never the same twice."""
    given: set[str] = set()
    while True:
        name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
        if name not in given:
            given.add(name)
            yield name

"""Short invented visits, as dialogues, for tests of what a writer invents or leaves out."""

from __future__ import annotations

from tests.local.gemini.dialogues import FOLLOW_UP_VISIT

KNEE = """
D: Good morning. What can I do for you?
P: I twisted my left knee playing football on Saturday and it has been swollen since.
D: Did you hear a pop?
P: No, I did not hear anything.
D: Can you bend it?
P: Only a little. Going down the stairs is the worst.
D: Are you taking anything?
P: Ibuprofen 400 mg, twice a day. It takes the edge off.
D: The left knee is swollen and tender on the inner side. I think you have sprained the medial ligament.
P: Do I need a scan?
D: Not yet. Keep it raised, use ice, and take the ibuprofen with food. Come back in two weeks.
"""
COUGH = """
D: Hello, come in. How are you feeling today?
P: I have had a cough for ten days and it keeps me awake. My wife wanted me to come.
D: Do you bring anything up?
P: Yes, yellow stuff in the morning.
D: Any fever?
P: On Monday I had 38.5, since then nothing.
D: Let me listen to your chest. There are crackles at the right base. Your saturation is 96 percent.
P: Is that bad?
D: I think it is a chest infection. I will prescribe amoxicillin 500 mg three times a day for five days.
P: I am allergic to penicillin, I got a rash as a child.
D: Thank you for telling me. Then doxycycline 100 mg once a day. If you get breathless, go to the hospital.
"""
DIABETES = """
D: Namaste, please sit. We have your sugar values.
P: I forgot the tablets for some days, doctor, because of the wedding in my village.
D: The fasting sugar is 182 and the HbA1c is 8.4.
P: It was seven last time.
D: Which tablets do you take?
P: Metformin 500 mg in the morning and at night.
D: Increase it to 1000 mg at night. Any tingling in the feet?
P: Yes, at night my feet burn a little.
D: I will order a urine test and an eye check. See you in three months.
"""
COUPLE = """
D: Who would like to begin?
P: I would. We argue about money nearly every evening, and then he sleeps on the couch.
D: How long has it been like this?
P: Since he lost his job in March.
D: What do you do when an argument starts?
P: I shout. I am not proud of it. Then I go for a walk.
D: Today I would like you to try the pause that we practised. Take ten minutes before you answer.
P: We did it once last week, and it helped.
D: Good. Write down when it worked, and bring the list next Thursday.
"""
CHILD = """
D: Who is with you today?
P: I am his grandmother. His mother works. He has been scratching his arms for two weeks.
D: Is it worse at night?
P: Yes, he wakes up.
D: The skin on both elbows is dry and red. This is eczema.
P: His father had that too.
D: Use the cream twice a day, thinly, and cut his nails. I will see him again in ten days.
"""
VISITS = (FOLLOW_UP_VISIT, KNEE, COUGH, DIABETES, COUPLE, CHILD)

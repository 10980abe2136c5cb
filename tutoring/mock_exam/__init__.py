"""The mock exam: a paper is drawn, sat against the clock, marked, and ends in a report that says what to learn next.

paper.py what is asked → drawing.py which questions → exam.py one exam and what may happen to it (timing.py, answers.py)
→ exams.py kept in the database → marking.py, marker.py marks → report.py what they say → advice.py, export.py
"""

"""The tasks of C-Eval: which of them are subjects of paper 408, and to which of the four categories each belongs."""

from __future__ import annotations

__all__ = ["CATEGORIES", "SUBJECT_OF"]

SUBJECT_OF = {
    "computer_network": "cn",
    "operating_system": "os",
    "computer_architecture": "co",
    "college_programming": "ds",
}
"""C-Eval's tasks that are near to a subject of paper 408; all others stand under their own names."""

_STEM = """advanced_mathematics college_chemistry college_physics college_programming computer_architecture computer_network
discrete_mathematics electrical_engineer high_school_biology high_school_chemistry high_school_mathematics high_school_physics
metrology_engineer middle_school_biology middle_school_chemistry middle_school_mathematics middle_school_physics operating_system
probability_and_statistics veterinary_medicine"""
_SOCIAL = """business_administration college_economics education_science high_school_geography high_school_politics
mao_zedong_thought marxism middle_school_geography middle_school_politics teacher_qualification"""
_HUMANITIES = """art_studies chinese_language_and_literature high_school_chinese high_school_history
ideological_and_moral_cultivation law legal_professional logic middle_school_history modern_chinese_history professional_tour_guide"""
_OTHER = """accountant basic_medicine civil_servant clinical_medicine environmental_impact_assessment_engineer fire_engineer
physician plant_protection sports_science tax_accountant urban_and_rural_planner"""
CATEGORIES = {
    task: name
    for name, tasks in (("STEM", _STEM), ("社会科学", _SOCIAL), ("人文科学", _HUMANITIES), ("其他", _OTHER))
    for task in tasks.split()
}
"""The four categories of C-Eval's 52 tasks (Huang et al., C-Eval, NeurIPS 2023, table of subjects)."""

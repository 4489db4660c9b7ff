"""Quizzes made from uploaded documents: generated, taken, graded and explained."""

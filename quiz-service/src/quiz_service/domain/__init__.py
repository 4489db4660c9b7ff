"""The rules of quizzes. Imports the standard library and the chassis' error names only."""

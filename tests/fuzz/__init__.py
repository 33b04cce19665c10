"""
Targets for coverage-guided fuzzing of whatever reads a client's bytes.

Each module here but the runner is a target. It has

  - C{fuzz_one(data)}: does something with the bytes and raises anything at all if that went wrong;
  - C{SEEDS}: inputs to begin with.

C{python -m tests.fuzz TARGET --seconds 60} runs one with atheris. The tests run each over its seeds and what is near to them, without
atheris.
"""

"""`mrbot policy check`: files judged by policies as conftest judges them, without a change.

Source: https://www.conftest.dev, runner/test.go and policy/engine.go of conftest
"""

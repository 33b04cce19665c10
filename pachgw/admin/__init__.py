"""
Health, readiness, metrics and the page for people.
"""

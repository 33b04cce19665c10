"""
The S3 protocol as pure functions and values. Knows neither Twisted nor the rest of pachgw.
"""

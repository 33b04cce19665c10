"""
How the administration endpoint is tested: its resources through treq's memory agent, its counters by their text.
"""

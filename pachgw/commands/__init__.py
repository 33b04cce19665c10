"""
The commands of C{python -m pachgw}.
"""

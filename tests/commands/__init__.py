"""
How the commands are tested: called in this process, on a folder of their own.
"""

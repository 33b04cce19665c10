"""
Tells C{twistd} about C{pachs3}.
"""
